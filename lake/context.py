"""The context of a command: target, configuration and output."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from _shared.contracts.dataset import DatasetConfig, SilverTable
from config.datasets import in_environment
from config.environment import Environment
from lake import datasets, local
from lake.aws.connection import Connection
from lake.aws.records import RecordStore
from lake.errors import UserMistakeError
from lake.targets import ENDPOINT_VARIABLE, RunningCloud, Target, TargetChoice, choose_target, parse_choice
from lake.ui.names import suggestion
from lake.ui.output import Output
from lake.ui.render import styled


@dataclass(frozen=True)
class Context:
    """Target, configuration and output of a command."""

    target: Target
    environment: Environment
    aws: Connection
    output: Output

    def dataset(self, name: str) -> DatasetConfig:
        """Return one dataset's configuration, with the names of its resources in this environment.

        Raises
        ------
        UserMistakeError
            The dataset does not exist.
        """
        return in_environment(datasets.dataset(name), self.environment.name)

    def datasets(self, names: Sequence[str] = ()) -> list[DatasetConfig]:
        """Return the named datasets, or all datasets."""
        return [in_environment(config, self.environment.name) for config in datasets.datasets(names)]

    def table(self, name: str) -> tuple[DatasetConfig, SilverTable]:
        """Return a published table, and the dataset that it belongs to.

        Raises
        ------
        UserMistakeError
            No dataset publishes it.
        """
        tables = {table.name: (config, table) for config in self.datasets() for table in config.silver_tables}
        if name not in tables:
            msg = f"there is no published table {name}"
            raise UserMistakeError(msg, suggestion(name, list(tables)))
        return tables[name]

    @cached_property
    def records(self) -> RecordStore:
        """Manifests and run records of the lake."""
        return RecordStore(self.aws, self.environment.resource_prefix)


def open_context(output: Output, choice: str, environment_name: str | None) -> Context:
    """Choose the target and the configuration, and print the choice.

    Raises
    ------
    UserMistakeError
        The target or the environment does not exist.
    UnreachableError
        The local cloud was requested and is not running.
    """
    wanted = parse_choice(choice)
    return context_for(output, choose_target(wanted, os.environ, _cloud_if_needed(wanted)), environment_name)


def context_for(output: Output, target: Target, environment_name: str | None = None) -> Context:
    """Return the context of a given target, and print the target."""
    chosen = target.default_environment if environment_name is None else environment_name
    environment = datasets.environment(chosen)
    output.note(styled(f"target: {target.description}, environment {environment.name}", "dim"))
    return Context(target, environment, Connection(target, environment.region, environment.name), output)


def _cloud_if_needed(choice: TargetChoice) -> RunningCloud | None:
    if choice is TargetChoice.AWS:
        return None
    elsewhere = os.environ.get(ENDPOINT_VARIABLE) and not local.exists()
    return None if elsewhere else local.running_cloud()

"""What every command works with: where it talks to, with which configuration, and where its words go."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

from config.environment import Environment
from lake import datasets, local
from lake.aws.connection import Connection
from lake.aws.records import RecordStore
from lake.output import Output
from lake.render import styled
from lake.targets import ENDPOINT_VARIABLE, RunningCloud, Target, TargetChoice, choose_target, parse_choice


@dataclass(frozen=True)
class Context:
    """One command's surroundings."""

    target: Target
    environment: Environment
    aws: Connection
    output: Output

    @cached_property
    def records(self) -> RecordStore:
        """Manifest and run records of the lake."""
        return RecordStore(self.aws, self.environment.prefix)


def open_context(output: Output, choice: str, environment_name: str | None) -> Context:
    """Choose the target and the configuration, and say which.

    Raises
    ------
    UserMistakeError
        The target or the environment does not exist.
    UnreachableError
        The local cloud was asked for, and is not up.
    """
    wanted = parse_choice(choice)
    return context_for(output, choose_target(wanted, os.environ, _cloud_if_needed(wanted)), environment_name)


def context_for(output: Output, target: Target, environment_name: str | None = None) -> Context:
    """Return the context of a target that is already chosen, and say which it is."""
    chosen = target.default_environment if environment_name is None else environment_name
    environment = datasets.environment(chosen)
    output.note(styled(f"target: {target.description}, environment {environment.name}", "dim"))
    return Context(target, environment, Connection(target, environment.region), output)


def _cloud_if_needed(choice: TargetChoice) -> RunningCloud | None:
    if choice is TargetChoice.AWS:
        return None
    elsewhere = os.environ.get(ENDPOINT_VARIABLE) and not local.exists()
    return None if elsewhere else local.running_cloud()

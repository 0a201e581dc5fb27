"""``lake deploy``."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from lake import cdk
from lake.aws import stacks
from lake.context import Context
from lake.errors import UserMistakeError
from lake.project import make_state_directory, state_directory
from lake.targets import TargetKind
from lake.ui import completion, render
from lake.ui.command import cloud_command
from lake.ui.progress import Activity


@cloud_command
def deploy(
    context: Context,
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DATASET]...", help="Default: every dataset.", autocompletion=completion.datasets),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="On AWS: make the changes without asking.")] = False,
) -> None:
    """Deploy the shared resources, and the pipelines of the given datasets. On AWS: show the changes, and ask.

    Example: [bold]lake deploy nsde[/bold]
    """
    configs = context.datasets(names or ())
    elsewhere = [config.dataset for config in configs if not config.belongs_to(context.environment.name)]
    if names and elsewhere:
        msg = f"{elsewhere[0]} is not deployed to the environment {context.environment.name!r}"
        raise UserMistakeError(msg, f"add it to environments in domains/{elsewhere[0]}/config/dataset.json")
    chosen = [config for config in configs if config.dataset not in elsewhere]
    if context.target.kind is TargetKind.AWS and not yes:
        _ask(context, chosen)
    deployed = deploy_datasets(context, chosen)
    if context.output.as_json:
        context.output.document(deployed)
        return
    first = next(iter(names or [config.dataset for config in context.datasets()]), "DATASET")
    context.output.note(f"Next: lake run {first}")


def deploy_datasets(context: Context, configs: Sequence[DatasetConfig]) -> dict[str, Any]:
    """Deploy the base stack and the datasets' stacks; return the stacks' outputs.

    Raises
    ------
    DeployFailedError
        The CDK ended with an error.
    """
    names = _stacks(configs)
    began = time.monotonic()
    make_state_directory()
    with Activity(context.output, "Deploying: making the templates") as activity:
        if context.target.kind is not TargetKind.AWS:
            stacks.ensure_assets_bucket(context.aws)
        cdk.deploy(names, context.environment.name, _variables(context), activity)
    context.output.note(f"Deployed {', '.join(names)} in {render.duration(time.monotonic() - began)}.")
    return _outputs()


def _stacks(configs: Sequence[DatasetConfig]) -> list[str]:
    return [naming.BASE_STACK, *(naming.orchestrator_stack(config.display_name) for config in configs)]


def _ask(context: Context, configs: Sequence[DatasetConfig]) -> None:
    cdk.show_changes(_stacks(configs), context.environment.name, _variables(context))
    question = f"Deploy to account {context.aws.account}, {context.aws.region}, as {context.environment.name!r}?"
    if not _has_terminal():
        msg = "a deployment to AWS asks, and there is no terminal to answer"
        raise UserMistakeError(msg, "read the changes above, then: lake deploy --yes")
    typer.confirm(question, abort=True, err=True)


def _has_terminal() -> bool:
    return sys.stdin.isatty()


def _variables(context: Context) -> dict[str, str]:
    variables = context.target.process_environment(os.environ)
    if context.target.kind is TargetKind.AWS:
        return variables
    # With these variables the CDK does not have to look up the caller's account and region.
    known = {"CDK_DEFAULT_ACCOUNT": context.aws.account, "CDK_DEFAULT_REGION": context.aws.region}
    return {**variables, "AWS_REGION": context.aws.region, **known}


def _outputs() -> dict[str, Any]:
    path = state_directory() / "outputs.json"
    outputs: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return outputs

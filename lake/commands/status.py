"""``lake status``."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.text import Text

from _shared.contracts import naming
from _shared.contracts.codec import encode
from _shared.contracts.run_record import RunRecord
from lake import local
from lake.aws import stacks
from lake.aws.stacks import Stack
from lake.context import Context
from lake.errors import NotDeployedError, UnreachableError
from lake.project import shown, state_directory
from lake.targets import RunningCloud, TargetKind
from lake.ui import render
from lake.ui.command import cloud_command
from lake.ui.progress import Activity


@dataclass(frozen=True)
class Status:
    """Cloud, stacks and last runs of a target."""

    cloud: RunningCloud | None
    stacks: list[Stack]
    last_runs: dict[str, RunRecord | None]


@cloud_command
def status(
    context: Context,
    exports: Annotated[
        bool, typer.Option("--exports", help="Print only the exports for the stock AWS CLI, for eval.")
    ] = False,
) -> None:
    """Show the local cloud, the deployed stacks and the last runs.

    Example: [bold]eval "$(lake status --exports)" && aws s3 ls[/bold]
    """
    if exports:
        _print_exports(context)
        return
    found = _look(context)
    if context.output.as_json:
        context.output.document(_document(context, found))
    else:
        _print(context, found)


def _look(context: Context) -> Status:
    configs = context.datasets()
    ids = [naming.BASE_STACK, *(naming.orchestrator_stack(config.display_name) for config in configs)]
    names = [naming.in_environment(context.environment.name, stack_id) for stack_id in ids]
    with Activity(context.output, "Looking"):
        found = [stacks.describe(context.aws, name) for name in names]
        last_runs = {config.dataset: _last_run(context, config.dataset) for config in configs}
    return Status(local.running_cloud(), found, last_runs)


def _last_run(context: Context, dataset: str) -> RunRecord | None:
    try:
        return next(iter(context.records.runs(dataset, 1)), None)
    except NotDeployedError:
        return None


def export_lines(variables: Mapping[str, str]) -> list[str]:
    """Return the shell commands that set the variables."""
    return [f"export {name}={shlex.quote(value)}" for name, value in sorted(variables.items())]


def _print_exports(context: Context) -> None:
    if context.target.kind is TargetKind.AWS:
        msg = "there is nothing to export: the target is AWS itself"
        raise UnreachableError(msg, "start the local cloud with: lake up")
    if context.output.as_json:
        context.output.document(context.target.variables)
        return
    sys.stdout.write("\n".join(export_lines(context.target.variables)) + "\n")


def _print(context: Context, found: Status) -> None:
    console = context.output.result
    cloud = found.cloud
    up_text = f"up at {cloud.endpoint} (process {cloud.pid})" if cloud else "not running; start it with: lake up"
    console.print(render.facts([("local cloud", up_text), ("state", shown(state_directory()))]))
    console.print(render.table(("stack", "status", "updated"), map(_stack_row, found.stacks)))
    columns = ("dataset", "last run", "status", "version", "started", "reason")
    console.print(render.table(columns, (_run_row(name, record) for name, record in found.last_runs.items())))
    if context.target.kind is TargetKind.LOCAL:
        console.print('To use the stock AWS CLI on it: eval "$(lake status --exports)"')


def _stack_row(stack: Stack) -> tuple[str | Text, ...]:
    updated = render.instant(stack.updated_at.isoformat()) if stack.updated_at else ""
    if stack.status is None:
        return stack.name, render.styled("not deployed", "yellow"), updated
    good = stack.status.endswith("_COMPLETE") and "ROLLBACK" not in stack.status
    return stack.name, render.styled(stack.status, "green" if good else "red"), updated


def _run_row(dataset: str, record: RunRecord | None) -> tuple[str | Text, ...]:
    if record is None:
        return dataset, "none yet", "", "", "", ""
    return (
        dataset,
        record.run_id,
        render.status(record.status),
        record.version or "",
        render.instant(record.started_at),
        record.reason,
    )


def _document(context: Context, found: Status) -> dict[str, Any]:
    cloud = found.cloud
    return {
        "target": context.target.description,
        "environment": context.environment.name,
        "local_cloud": {"endpoint": cloud.endpoint, "pid": cloud.pid} if cloud else None,
        "stacks": {stack.name: stack.status for stack in found.stacks},
        "last_runs": {name: encode(record) if record else None for name, record in found.last_runs.items()},
    }

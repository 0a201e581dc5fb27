"""``lake watch``, ``lake stop`` and ``lake redrive``: commands for a run that was started before."""

from __future__ import annotations

from typing import Annotated

import typer

from lake.aws import executions
from lake.commands.run import follow, follow_and_report, report, say_started
from lake.context import Context
from lake.run.find import find, find_running
from lake.ui.command import DatasetName, cloud_command

_EXECUTION = typer.Argument(metavar="[RUN]", help="Run id, or name or ARN of the execution. Default: the last run.")
_RUNNING = typer.Argument(
    metavar="[RUN]", help="Run id, or name or ARN of the execution. Default: the one that is under way."
)


@cloud_command
def watch(context: Context, dataset: DatasetName, execution: Annotated[str | None, _EXECUTION] = None) -> None:
    """Follow a run in progress, or show how a run ended.

    Example: [bold]lake watch nsde[/bold]
    """
    config = context.dataset(dataset)
    follow_and_report(context, config, find(context, dataset, execution))


@cloud_command
def stop(context: Context, dataset: DatasetName, execution: Annotated[str | None, _RUNNING] = None) -> None:
    """Stop a run in progress. Readers keep their version; the run can be resumed with lake redrive.

    Example: [bold]lake stop nsde[/bold]
    """
    config = context.dataset(dataset)
    arn = find_running(context, dataset, execution)
    executions.stop(context.aws, arn, "stopped with lake stop")
    context.output.note(f"Stopping {arn}")
    report(context, follow(context, config, arn))


@cloud_command
def redrive(
    context: Context,
    dataset: DatasetName,
    execution: Annotated[str | None, _EXECUTION] = None,
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Resume the run, and do not wait for its end.")] = False,
) -> None:
    """Resume a failed or stopped run at the step where it ended, after the cause is fixed.

    The steps before it are not repeated. AWS resumes a run within 14 days, with the code that is deployed now.

    Example: [bold]lake redrive nsde[/bold]
    """
    config = context.dataset(dataset)
    arn = find(context, dataset, execution)
    executions.redrive(context.aws, arn)
    if no_wait:
        say_started(context, config, arn, "REDRIVEN")
    else:
        follow_and_report(context, config, arn)

"""``lake requeue``."""

from __future__ import annotations

from typing import Annotated

import typer

from lake.aws import executions
from lake.commands.run import follow_and_report, say_started, start
from lake.context import Context
from lake.run.find import find
from lake.ui.command import DatasetName, cloud_command


@cloud_command
def requeue(
    context: Context,
    dataset: DatasetName,
    execution: Annotated[
        str | None,
        typer.Argument(metavar="[RUN]", help="Run id, or name or ARN of the execution. Default: the last run."),
    ] = None,
    *,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Start the run, and do not wait for its end.")] = False,
) -> None:
    """Process the source of a run again, in a new run, after a rule or the source was mended.

    The new run fetches from the same address and uses the code that is deployed now. Quarantined rows are judged again
    with all others. To resume a failed run without fetching again: lake redrive.

    Example: [bold]lake requeue nsde 20190429T063000Z-0a1b2c3d[/bold]
    """
    config = context.dataset(dataset)
    given = executions.describe(context.aws, find(context, dataset, execution)).given
    arn = start(context, config, source_url=given.get("source_url"), force=True)
    if no_wait:
        say_started(context, config, arn, "STARTED")
    else:
        follow_and_report(context, config, arn)

"""``lake run``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from _shared.contracts.dataset import DatasetConfig
from lake import datasets, exit_codes, pipeline
from lake.command import cloud_command
from lake.context import Context
from lake.errors import UserMistakeError
from lake.pipeline import Outcome
from lake.run_report import outcome_document, print_outcome


@cloud_command
def run(
    context: Context,
    dataset: Annotated[str, typer.Argument(metavar="DATASET", help="Which dataset, for example nsde.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Process even if nothing changed.")] = False,
    source_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Fetch this release instead of the configured source.")
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Start the run, and do not wait for its end.")] = False,
) -> None:
    """Run a dataset's pipeline, follow it, and say how it ended.

    Ctrl-C stops the watching; the run goes on.

    Example: [bold]lake run nsde --force[/bold]

    Exit status: 0 done or skipped, 1 failed, 2 no such dataset, 3 not deployed, 130 no longer watched.
    """
    config = datasets.dataset(dataset)
    if source_url is not None and "://" not in source_url:
        msg = f"--source-url {source_url}: not an address"
        raise UserMistakeError(msg, f"give a whole address, for example {config.source_url}")
    arn = pipeline.start(context, config, source_url=source_url, force=force)
    if no_wait:
        _say_started(context, config, arn)
        return
    outcome = watch(context, config, arn)
    if context.output.as_json:
        context.output.document(outcome_document(outcome))
    else:
        print_outcome(context.output.result, outcome, context.records.bucket)
    if outcome.failed:
        raise typer.Exit(exit_codes.FAILED)


def watch(context: Context, config: DatasetConfig, arn: str) -> Outcome:
    """Follow an execution to its end; Ctrl-C says that it goes on, and leaves."""
    try:
        return pipeline.follow(context, config, arn)
    except KeyboardInterrupt as error:
        context.output.note("")
        context.output.note(f"No longer watching. The run goes on: {escape(arn)}")
        context.output.note(f"See how it ends with: lake history {config.dataset}")
        raise typer.Exit(exit_codes.INTERRUPTED) from error


def _say_started(context: Context, config: DatasetConfig, arn: str) -> None:
    if context.output.as_json:
        context.output.document({"dataset": config.dataset, "status": "STARTED", "execution": arn})
        return
    context.output.result.print(f"Started {escape(arn)}", soft_wrap=True)
    context.output.note(f"See how it ends with: lake history {config.dataset}")

"""``lake run``."""

from __future__ import annotations

from typing import Annotated

import typer

from _shared.contracts.dataset import DatasetConfig
from lake import exit_codes
from lake.context import Context
from lake.errors import InterruptedByUserError, UserMistakeError
from lake.run import pipeline
from lake.run.pipeline import Outcome
from lake.run.report import outcome_document, print_outcome
from lake.ui.command import DatasetName, cloud_command


@cloud_command
def run(
    context: Context,
    dataset: DatasetName,
    *,
    force: Annotated[bool, typer.Option("--force", help="Process even if nothing changed.")] = False,
    source_url: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Fetch this release instead of the configured source; for several sources a folder, ending in /.",
        ),
    ] = None,
    no_wait: Annotated[bool, typer.Option("--no-wait", help="Start the run, and do not wait for its end.")] = False,
) -> None:
    """Run a dataset's pipeline, follow it, and print the result.

    Ctrl-C ends the command; the run continues.

    Example: [bold]lake run nsde --force[/bold]
    """
    config = context.dataset(dataset)
    if source_url is not None and "://" not in source_url:
        msg = f"--source-url {source_url}: not an address"
        raise UserMistakeError(msg, f"give a whole address, for example {_example(config)}")
    if source_url is not None and len(config.sources) > 1 and not source_url.endswith("/"):
        msg = f"--source-url {source_url}: {dataset} has {len(config.sources)} sources, so the address is a folder's"
        raise UserMistakeError(msg, "end it in /: each source's own file name is added")
    arn = start(context, config, source_url=source_url, force=force)
    if no_wait:
        say_started(context, config, arn, "STARTED")
    else:
        follow_and_report(context, config, arn)


def start(context: Context, config: DatasetConfig, *, source_url: str | None = None, force: bool = False) -> str:
    """Start a run and return its execution's ARN.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C. It is then unknown whether the run was started.
    """
    try:
        return pipeline.start(context, config, source_url=source_url, force=force)
    except KeyboardInterrupt as error:
        what = f"while a run of {config.dataset} was being started: it may be under way"
        raise InterruptedByUserError(what, f"see with: lake watch {config.dataset}") from error


def follow_and_report(context: Context, config: DatasetConfig, arn: str) -> None:
    """Follow an execution to its end, print the result and set the exit status.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C. The execution continues.
    typer.Exit
        The run failed.
    """
    outcome = follow(context, config, arn)
    report(context, outcome)
    if outcome.failed:
        raise typer.Exit(exit_codes.FAILED)


def follow(context: Context, config: DatasetConfig, arn: str) -> Outcome:
    """Follow an execution to its end.

    Raises
    ------
    InterruptedByUserError
        Ctrl-C. The execution continues.
    """
    try:
        return pipeline.follow(context, config, arn)
    except KeyboardInterrupt as error:
        name = f"{config.dataset} {arn.rsplit(':', 1)[-1]}"
        what = f"the run is no longer watched, and goes on: {arn}"
        raise InterruptedByUserError(
            what, f"follow it with: lake watch {name}, or end it with: lake stop {name}"
        ) from error


def report(context: Context, outcome: Outcome) -> None:
    """Print the result of a run."""
    if context.output.as_json:
        context.output.document(outcome_document(outcome))
    else:
        print_outcome(context.output.result, outcome, context.records.bucket)


def say_started(context: Context, config: DatasetConfig, arn: str, status: str) -> None:
    """Print that a run is in progress, without waiting for its end."""
    if context.output.as_json:
        context.output.document({"dataset": config.dataset, "status": status, "execution": arn})
        return
    context.output.result.print(f"{status.capitalize()} {arn}", soft_wrap=True)
    context.output.note(f"Follow it with: lake watch {config.dataset}")


def _example(config: DatasetConfig) -> str:
    url = config.sources[0].url
    return url if len(config.sources) == 1 else url[: url.rindex("/") + 1]

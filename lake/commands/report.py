"""``lake report``."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from _shared.contracts.codec import encode
from lake.aws.quality import QualityReport, find_report
from lake.context import Context
from lake.project import make_state_directory, shown
from lake.run.find import find_processed
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity

_SEEN = 30


@cloud_command
def report(
    context: Context,
    dataset: DatasetName,
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN_ID]", help="Default: the last run that processed a release.")
    ] = None,
    *,
    no_open: Annotated[bool, typer.Option("--no-open", help="Open no browser.")] = False,
) -> None:
    """Show whether a run's version can be trusted: the failed checks here, all of them in a page.

    The page and Great Expectations' Data Docs of each table are copied from the lake to .lake/reports.

    Example: [bold]lake report nsde[/bold]
    """
    config = context.dataset(dataset)
    with Activity(context.output, "Reading the report"):
        record = find_processed(context, config.dataset, run_id)
        found = find_report(context.aws, context.records.bucket, config.dataset, record.run_id)
        folder = make_state_directory() / "reports" / config.dataset / record.run_id
        page = found.save(folder)
    if context.output.as_json:
        document = {"dataset": config.dataset, "run_id": record.run_id, "status": record.status, "page": str(page)}
        context.output.document({**document, "checks": [encode(check) for check in found.checks]})
        return
    _print(context, found)
    context.output.note(f"Page: {shown(page)}")
    if not no_open and context.output.result.is_terminal:
        _open(page)


def _open(page: Path) -> None:
    webbrowser.open(page.as_uri())


def _print(context: Context, found: QualityReport) -> None:
    failed = sorted((check for check in found.checks if not check.passed), key=lambda check: check.severity)
    stopping = sum(check.stops for check in failed)
    console = context.output.result
    console.print(f"{len(found.checks)} checks: {stopping} critical failed, {len(failed) - stopping} warnings")
    if failed:
        columns = ("severity", "check", "table", "column", "seen", "expected")
        rows = [
            (check.severity, check.name, check.table, check.column or "", check.observed, check.expected)
            for check in failed[:_SEEN]
        ]
        console.print(render.table(columns, rows))

"""``lake smoke``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from lake import exit_codes
from lake.context import Context
from lake.run.smoke import Check
from lake.run.smoke import smoke as checks_of
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command


@cloud_command
def smoke(
    context: Context,
    dataset: DatasetName,
    source_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Fetch this release instead of the configured source.")
    ] = None,
) -> None:
    """Check a deployed dataset with four executions: a success, a skip, an abort and its redrive.

    The dataset is processed twice, and the release becomes its current version.

    Example: [bold]lake smoke nsde --env dev --target aws[/bold]
    """
    checks = list(checks_of(context, context.dataset(dataset), source_url))
    if context.output.as_json:
        context.output.document([{**asdict(check), "passed": check.passed} for check in checks])
    else:
        columns = ("check", "result", "expected", "seen", "run", "took")
        context.output.result.print(render.table(columns, map(_row, checks), right=("took",)))
    if not all(check.passed for check in checks):
        raise typer.Exit(exit_codes.FAILED)


def _row(check: Check) -> tuple[str, ...]:
    took = render.duration(check.seconds)
    return check.name, "passed" if check.passed else "FAILED", check.expected, check.seen, check.run_id, took

"""``lake history``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from _shared.contracts.codec import encode
from _shared.contracts.run_record import RunRecord
from lake.context import Context
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity


@cloud_command
def history(
    context: Context,
    dataset: DatasetName,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many runs.")] = 20,
) -> None:
    """Show a dataset's runs, newest first.

    Example: [bold]lake history nsde --limit 5[/bold]
    """
    config = context.dataset(dataset)
    with Activity(context.output, "Reading the run records"):
        records = context.records.runs(config.dataset, limit)
    if context.output.as_json:
        context.output.document([encode(record) for record in records])
        return
    columns = ("run", "status", "version", "rows", "took", "reason")
    context.output.result.print(render.table(columns, map(_row, records), right=("rows", "took")))
    if not records:
        context.output.note(f"There is no run yet. Start one with: lake run {config.dataset}")


def attempt_id(record: RunRecord) -> str:
    """Return the name of an attempt: the run id, and the number of the redrive."""
    return f"{record.run_id}-redrive-{record.redrive_count}" if record.redrive_count else record.run_id


def _row(record: RunRecord) -> tuple[str | Text, ...]:
    silver = sum(rows.silver for rows in record.rows.values())
    failed_at = f"{record.step}: " if record.step else ""
    return (
        attempt_id(record),
        render.status(record.status),
        record.version or "",
        render.count(silver) if record.rows else "",
        render.duration(render.seconds_between(record.started_at, record.ended_at)),
        failed_at + record.reason,
    )

"""``lake quarantine``."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import Annotated

import typer

from lake.aws.quarantine import QuarantinedRow, rows, summarize
from lake.context import Context
from lake.run.find import find_processed
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity


@cloud_command
def quarantine(
    context: Context,
    dataset: DatasetName,
    run_id: Annotated[
        str | None, typer.Argument(metavar="[RUN_ID]", help="Default: the last run that processed a release.")
    ] = None,
    *,
    reason: Annotated[str | None, typer.Option(help="Only the rows with this reason.")] = None,
    limit: Annotated[int, typer.Option(min=0, max=10_000, help="Rows to show for each table and reason.")] = 5,
) -> None:
    """Show the rows that a run did not publish: numbers by table and reason, and the first rows as the source has them.

    Example: [bold]lake quarantine nsde --reason TOO_FEW_FIELDS --limit 20[/bold]
    """
    config = context.dataset(dataset)
    with Activity(context.output, "Reading the quarantine"):
        record = find_processed(context, config.dataset, run_id)
        bucket, tables = context.records.bucket, [table.name for table in config.silver_tables]
        kept_back = chain.from_iterable(rows(context.aws, bucket, table, record.run_id) for table in tables)
        found = summarize(kept_back, reason, limit)
    counts = [(table, why, number) for (table, why), number in sorted(found.counts.items())]
    if context.output.as_json:
        document = {
            "dataset": config.dataset,
            "run_id": record.run_id,
            "counts": [dict(zip(("table", "reason", "rows"), one, strict=True)) for one in counts],
            "rows": [asdict(row) for row in found.rows],
        }
        context.output.document(document)
        return
    console = context.output.result
    if not counts:
        of = f" with the reason {reason}" if reason else ""
        context.output.note(f"Run {record.run_id} quarantined no row{of}.")
        return
    totals = [(table, why, render.count(number)) for table, why, number in counts]
    console.print(render.table(("table", "reason", "rows"), totals, right=("rows",)))
    if found.rows:
        columns = ("table", "reason", "place", "as the source has it")
        console.print(render.table(columns, map(_cells, found.rows), right=("place",)))


def _cells(row: QuarantinedRow) -> tuple[str, ...]:
    text = row.line if row.line is not None else ", ".join(f"{name}={value}" for name, value in row.values.items())
    return row.table, row.reason, "" if row.position is None else str(row.position), text

"""``lake show``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from _shared.contracts.codec import encode
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.run_record import RunRecord, StepRun
from lake.context import Context
from lake.cost.prices import Price, price_list
from lake.errors import UserMistakeError
from lake.run.find import find_last, find_record
from lake.run.report import checks_line, rows_table
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity


@cloud_command
def show(
    context: Context,
    dataset: DatasetName,
    run_id: Annotated[str | None, typer.Argument(metavar="[RUN_ID]", help="Default: the last run that ended.")] = None,
    *,
    redrive: Annotated[int, typer.Option(min=0, help="Attempt: 0 is the first, 1 its first redrive.")] = 0,
) -> None:
    """Show all that is recorded of one run: why it ran, its steps, rows, bytes, checks and what its jobs cost.

    Example: [bold]lake show nsde 20190429T063000Z-0a1b2c3d[/bold]
    """
    config = context.dataset(dataset)
    with Activity(context.output, "Reading the run record"):
        if run_id is None:
            record = find_last(context, config.dataset)
        else:
            record = find_record(context, config.dataset, run_id, redrive)
    if context.output.as_json:
        context.output.document(encode(record))
        return
    _print(context, config, record)


def _print(context: Context, config: DatasetConfig, record: RunRecord) -> None:
    console = context.output.result
    console.print(render.facts(_head(record)))
    price = _price(context, config)
    if record.steps:
        columns = ("step", "started", "took", "tries", "rows in", "rows out", "bytes", "DPU-hours", "cost")
        console.print(
            render.table(columns, [_step(step, price) for step in record.steps], right=("took", *columns[3:]))
        )
    if record.rows:
        console.print(rows_table(record))
    if record.checks:
        console.print(checks_line(record))


def _head(record: RunRecord) -> Iterator[tuple[str, str | Text]]:
    yield "run", record.run_id
    yield "status", render.status(record.status)
    if record.step:
        yield "failed step", record.step
    if record.error:
        yield "error", render.styled(record.error, "red")
    yield "reason", record.reason
    if record.version:
        yield "version", f"{record.version} ({record.published_as})" if record.published_as else record.version
    took = render.duration(render.seconds_between(record.started_at, record.ended_at))
    yield "started", f"{render.instant(record.started_at)}, took {took}"
    if record.redrive_count:
        yield "redrive", str(record.redrive_count)
    if record.fingerprint:
        yield "code", record.fingerprint
    for source in record.sources:
        size = render.size(source.state.bytes) if source.state and source.state.bytes is not None else ""
        yield f"source {source.name}", ", ".join(filter(None, (source.outcome, size)))
    yield "execution", record.execution


def _step(step: StepRun, price: Price | None) -> tuple[str | Text, ...]:
    cost = price.of(step.dpu_hours * price.per) if price and step.dpu_hours is not None else None
    return (
        step.step,
        render.instant(step.started_at),
        render.duration(render.seconds_between(step.started_at, step.ended_at)),
        str(step.tries),
        *(render.count(number) if number is not None else "" for number in (step.rows_in, step.rows_out)),
        render.size(step.bytes_in) if step.bytes_in else "",
        f"{step.dpu_hours:.4f}" if step.dpu_hours is not None else "",
        f"${cost:.4f}" if cost is not None else "",
    )


def _price(context: Context, config: DatasetConfig) -> Price | None:
    """Return the price of a DPU-second, ``None`` if it is not known for the region."""
    try:
        prices = price_list(context.aws.region).by_item
    except UserMistakeError:
        return None
    return prices.glue_job_flex if config.execution_class == "FLEX" else prices.glue_job

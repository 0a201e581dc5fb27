"""``lake cost``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

import typer
from botocore.exceptions import NoRegionError

from config.datasets import size_category
from lake.aws import usage
from lake.aws.connection import AWS_ERRORS, as_lake_error
from lake.context import Context
from lake.cost.assumptions import MEGABYTES, Plan, text_of
from lake.cost.bill import Bill, Item
from lake.cost.estimate import Estimate, Recorded, estimate
from lake.cost.prices import DEFAULT_REGION, Price, PriceList, price_list
from lake.errors import LakeError, NotDeployedError, UnreachableError
from lake.targets import TargetKind
from lake.ui import render
from lake.ui.command import DatasetName, cloud_command
from lake.ui.progress import Activity

_WHOLE = 100
"""Quantities from here on are printed without decimals."""

_RUNS = 30
"""Number of latest runs to average: a month of a daily schedule."""


@cloud_command
def cost(
    context: Context,
    dataset: DatasetName,
    month: Annotated[bool, typer.Option("--month", help="Also list each item per month.")] = False,
    megabytes: Annotated[
        float | None,
        typer.Option(min=1, help="Assume a release of N MB of unpacked text, and ignore recorded runs.", metavar="N"),
    ] = None,
    releases: Annotated[
        float | None,
        typer.Option(min=0, help="Processed runs per month. Default: the recorded share, or all.", metavar="N"),
    ] = None,
) -> None:
    """Show what a dataset costs on AWS per run and month, as assumed before a deployment and as recorded after.

    Example: [bold]lake cost nsde --month[/bold]
    """
    config = context.dataset(dataset)
    prices = price_list(_region(context))
    plan = Plan(config, context.environment, megabytes or MEGABYTES[size_category(config.dataset)])
    found, note = (Recorded(), "assumed (--megabytes)") if megabytes else _recorded(context, plan)
    if found.download_megabytes:
        plan = replace(plan, megabytes=text_of(found.download_megabytes))
    result = estimate(plan, prices, found, releases)
    if context.output.as_json:
        context.output.document(_document(config.dataset, note, result, prices))
    else:
        _print(context, note, result, with_month=month)


def _region(context: Context) -> str:
    try:
        return context.aws.region
    except NoRegionError:
        return DEFAULT_REGION


def _recorded(context: Context, plan: Plan) -> tuple[Recorded, str]:
    """Return the recorded usage, and where it comes from. Before a deployment it is empty."""
    try:
        with Activity(context.output, "Reading the usage of the latest runs"):
            records = context.records.runs(plan.config.dataset, _RUNS)
            found = usage.recorded(context.aws, plan.config, records)
    except (LakeError, *AWS_ERRORS) as error:
        known = error if isinstance(error, LakeError) else as_lake_error(error)
        if not isinstance(known, NotDeployedError | UnreachableError):
            raise
        return Recorded(), f"assumed: {known.what}"
    if not found.jobs:
        return found, "assumed: no job run is recorded"
    elsewhere = "" if context.target.kind is TargetKind.AWS else "; on AWS durations differ"
    return found, f"latest {len(records)} runs, {context.target.description}{elsewhere}"


def _print(context: Context, note: str, result: Estimate, *, with_month: bool) -> None:
    bill, out = result.bill, context.output.result
    columns = ["item", "quantity", "unit", "unit price", "per run", *(["per month"] if with_month else [])]
    items = [item for item in bill.items if with_month or item.processed]
    rows = [_row(item, bill, with_month=with_month) for item in items]
    total = ["total", "", "", "", _usd(bill.per_run), *([_usd(bill.per_month)] if with_month else [])]
    right = ("quantity", "unit price", "per run", "per month")
    out.print(render.table(columns, [*rows, total], right=right))
    runs = f"{bill.month.processed:.4g} processed and {bill.month.skipped:.4g} skipped runs"
    pairs = [
        ("processed run", _usd(bill.per_run)),
        ("skipped run", _usd(bill.per_skipped_run)),
        ("month", f"{_usd(bill.per_month)}, {runs}"),
        ("durations", note),
    ]
    out.print(render.facts(pairs))
    out.print("\n".join(["assumptions", *(f"  {line}" for line in result.assumptions)]))


def _row(item: Item, bill: Bill, *, with_month: bool) -> list[str]:
    return [
        f"{item.name} (all datasets)" if item.is_shared else item.name,
        _quantity(item.processed or item.standing),
        item.price.unit,
        _unit_price(item.price),
        _usd(item.per_run) if item.processed else "",
        *([_usd(item.per_month(bill.month))] if with_month else []),
    ]


def _unit_price(price: Price) -> str:
    whole, _, decimals = f"{price.usd:.10f}".rstrip("0").partition(".")
    usd = f"${whole}.{decimals:0<2}"
    return usd if price.per == 1 else f"{usd} / {price.per:,.0f}"


def _quantity(number: float) -> str:
    return f"{number:,.0f}" if number >= _WHOLE else f"{number:.3g}"


def _usd(amount: float) -> str:
    """Return an amount in US dollars, with more decimals below one dollar."""
    return f"${amount:,.2f}" if amount >= 1 else f"${amount:.5f}"


def _document(dataset: str, note: str, result: Estimate, prices: PriceList) -> dict[str, Any]:
    bill = result.bill
    return {
        "dataset": dataset,
        "region": prices.region,
        "prices_as_of": prices.as_of,
        "currency": "USD",
        "durations": note,
        "runs_a_month": {"processed": bill.month.processed, "skipped": bill.month.skipped},
        "items": [_item(item, bill) for item in bill.items],
        "total": {"per_run": bill.per_run, "per_skipped_run": bill.per_skipped_run, "per_month": bill.per_month},
        "assumptions": list(result.assumptions),
    }


def _item(item: Item, bill: Bill) -> dict[str, Any]:
    return {
        "name": item.name,
        "unit": item.price.unit,
        "price": {"usd": item.price.usd, "per": item.price.per, "page": item.price.page},
        "shared": item.is_shared,
        "quantity": {
            "per_run": item.processed,
            "per_skipped_run": item.skipped,
            "per_month": item.quantity_a_month(bill.month),
        },
        "usd": {
            "per_run": item.per_run,
            "per_skipped_run": item.per_skipped_run,
            "per_month": item.per_month(bill.month),
        },
    }

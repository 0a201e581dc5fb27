"""What is assumed, and what takes its place once runs are recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.datasets import load_dataset
from config.environment import load_environment
from config.release.document import WORKERS
from lake.cost import assumptions
from lake.cost.assumptions import MEGABYTES, Plan
from lake.cost.bill import Item
from lake.cost.estimate import Estimate, Recorded, estimate
from lake.cost.prices import price_list
from lake.cost.usage import Compute

NSDE, PROD, PRICES = load_dataset("nsde"), load_environment("prod"), price_list("us-east-1")
PLAN = Plan(NSDE, PROD, 100)
DAILY = 365.25 / 12


def item(result: Estimate, name: str) -> Item:
    return next(item for item in result.bill.items if item.name == name)


def test_assumed_jobs_of_a_small_dataset() -> None:
    bronze, silver = assumptions.assumed_jobs(PLAN)
    assert (bronze.seconds, bronze.dpus) == pytest.approx((45 + 14, 2))
    assert (silver.seconds, silver.dpus) == pytest.approx((45 + 28, 2))


def test_executors_share_the_work_and_the_driver_does_none() -> None:
    plan = Plan(replace(NSDE, worker_type="G.2X", number_of_workers=10), PROD, 50_000)
    bronze, _ = assumptions.assumed_jobs(plan)
    assert (bronze.seconds, bronze.dpus) == pytest.approx((45 + 0.14 * 50_000 / 18, 20))


def test_every_category_has_a_size_and_no_other() -> None:
    assert MEGABYTES.keys() == WORKERS.keys()


@pytest.mark.parametrize("category", WORKERS)
def test_the_workers_of_a_category_cost_nearly_the_least_at_its_size(category: str) -> None:
    def billed(worker_type: str, number: int) -> float:
        config = replace(NSDE, worker_type=worker_type, number_of_workers=number)
        jobs = assumptions.assumed_jobs(Plan(config, PROD, MEGABYTES[category]))
        return sum(job.billed_dpu_seconds(60) for job in jobs)

    least = min(billed("G.1X", number) for number in range(2, 50))
    assert billed(*WORKERS[category]) <= 1.1 * least


@given(st.floats(0, 100_000), st.floats(0, 100_000))
def test_a_larger_release_never_costs_less(one: float, other: float) -> None:
    small, large = (
        estimate(replace(PLAN, megabytes=size), PRICES, Recorded(), None).bill
        for size in (min(one, other), max(one, other))
    )
    assert small.per_run <= large.per_run
    assert small.per_month <= large.per_month


def test_storage_in_the_twelfth_month() -> None:
    # prod: raw never expires; bronze after 365 days, and its noncurrent versions 30 days later: longer than the year.
    stored = DAILY * (100 + 100 / 6 + 20 + 20) * 12 / 1000
    assert item(estimate(PLAN, PRICES, Recorded(), None), "S3 storage (Standard)").standing == pytest.approx(stored)
    # dev: raw and bronze 30 days and 30 more as noncurrent versions, silver always.
    stored = DAILY * ((100 + 100 / 6 + 20) * 60 / DAILY + 20 * 12) / 1000
    dev = estimate(Plan(NSDE, load_environment("dev"), 100), PRICES, Recorded(), None)
    assert item(dev, "S3 storage (Standard)").standing == pytest.approx(stored)
    assert any("disabled in environment dev" in line for line in dev.assumptions)


def test_the_example_of_the_documentation() -> None:
    result = estimate(replace(PLAN, megabytes=30), PRICES, Recorded(), None).bill
    assert (result.per_run, result.per_skipped_run) == pytest.approx((0.034187, 0.00016), abs=5e-6)
    assert result.per_month == pytest.approx(9.61, abs=5e-3)


def test_an_audit_of_data_events_costs_a_cent_for_each_ten_thousand_requests() -> None:
    audited = Plan(NSDE, PROD.model_copy(update={"audit_data_events": True}), 100)
    events = item(estimate(audited, PRICES, Recorded(), None), "CloudTrail data events")
    assert (events.processed, events.skipped) == (60 + 80 + 120 + 160, 8)
    assert events.price.usd / events.price.per == pytest.approx(0.01 / 10_000)


def test_flex_is_a_third_cheaper_for_the_jobs_alone() -> None:
    flexible = estimate(replace(PLAN, config=replace(NSDE, execution_class="FLEX")), PRICES, Recorded(), None)
    for layer in ("bronze", "silver"):
        costs = [item(one, f"Glue job {layer}") for one in (flexible, estimate(PLAN, PRICES, Recorded(), None))]
        assert costs[0].price.usd / costs[1].price.usd == pytest.approx(0.29 / 0.44)
        assert costs[0].processed == costs[1].processed


def test_a_daily_schedule_that_always_finds_something() -> None:
    month = estimate(PLAN, PRICES, Recorded(), None).bill.month
    assert (month.processed, month.skipped) == pytest.approx((DAILY, 0))


def test_releases_are_told_apart_from_runs() -> None:
    month = estimate(PLAN, PRICES, Recorded(processed=1, skipped=9), 1).bill.month
    assert (month.processed, month.skipped) == pytest.approx((1, DAILY - 1))


def test_without_a_schedule_a_month_has_what_stands_and_two_alarms_less() -> None:
    result = estimate(Plan(replace(NSDE, schedule=None), PROD, 100), PRICES, Recorded(), None)
    assert result.bill.per_month == pytest.approx(8 * 0.1 + 0.1 + 1 + 2 * 3)
    assert result.bill.per_run > 0


def test_a_secret_is_paid_for_where_the_environment_names_one() -> None:
    licensed = PROD.model_copy(update={"source_secrets": {"nsde": "lake/nsde"}})
    assert item(estimate(Plan(NSDE, licensed, 100), PRICES, Recorded(), None), "Secrets Manager").standing == 1


def test_what_is_recorded_takes_the_place_of_what_is_assumed() -> None:
    recorded = Recorded(
        jobs=(Compute("bronze", 100, 2), Compute("bronze", 200, 2)),
        crawls=(Compute("bronze", 900, 2),),
        processed=2,
        skipped=6,
    )
    result = estimate(PLAN, PRICES, recorded, None)
    assert item(result, "Glue job bronze").processed == pytest.approx(300)
    assert item(result, "Glue job silver").processed == pytest.approx(2 * 73)  # none is recorded
    assert item(result, "Glue crawler bronze").processed == pytest.approx(900)  # one crawl of two runs
    assert item(result, "Step Functions").processed == 8 + 3 * 900 / 15 + 2
    assert result.bill.month.processed == pytest.approx(DAILY / 4)
    assert "because none is recorded: silver" in " ".join(result.assumptions)
    assert "25% processed, as 2 of the latest 8" in " ".join(result.assumptions)

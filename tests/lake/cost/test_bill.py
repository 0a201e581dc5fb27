"""Quantities times prices, computed by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.cost.bill import Bill, bill
from lake.cost.prices import price_list
from lake.cost.usage import Compute, Invocations, MonthUsage, RunUsage, mean_billed
from lake.errors import UserMistakeError

PRICES = price_list("us-east-1")
GLUE_MINIMUM, CRAWLER_MINIMUM = 60, 600
RUN = RunUsage(
    jobs=(Compute("bronze", 59, 2), Compute("silver", 73, 2)),
    crawls=(Compute("bronze", 90, 2),),
    functions=(Invocations("Fetch", 1, 10, 1024), Invocations("Crawl", 7, 0.5, 256)),
    state_transitions=13,
    s3_writes=140,
    s3_reads=280,
    kms_requests=72,
    log_gigabytes=0.007,
)
SKIP = RunUsage(functions=(Invocations("Fetch", 1, 2, 1024),), state_transitions=3)
MONTH = MonthUsage(
    processed=20, skipped=10, stored_gigabytes=50, kept_log_gigabytes=2, alarms=5, shared_alarms=1, keys=1, secrets=1
)
seconds, workers = st.floats(0, 100_000), st.integers(2, 300)


def by_name(result: Bill) -> dict[str, tuple[float, float]]:
    return {item.name: (item.per_run, item.per_month(result.month)) for item in result.items}


def test_each_item_of_a_run_and_of_a_month() -> None:
    expected = {
        "Glue job bronze": (60 * 2 * 0.44 / 3600, 20 * 60 * 2 * 0.44 / 3600),  # 59 s are billed as a minute
        "Glue job silver": (73 * 2 * 0.44 / 3600, 20 * 73 * 2 * 0.44 / 3600),
        "Glue crawler bronze": (0.14666667, 2.9333333),  # 90 s are billed as ten minutes: a third of a DPU-hour
        "Lambda compute": (10.875 * 0.0000133334, (20 * 10.875 + 10 * 2) * 0.0000133334),
        "Lambda requests": (8 * 0.2e-6, (20 * 8 + 10 * 1) * 0.2e-6),
        "Step Functions": (13 * 0.025e-3, (20 * 13 + 10 * 3) * 0.025e-3),
        "S3 writes": (140 * 0.005e-3, 20 * 140 * 0.005e-3),
        "S3 reads": (280 * 0.0004e-3, 20 * 280 * 0.0004e-3),
        "KMS requests": (72 * 0.03e-4, 20 * 72 * 0.03e-4),
        "CloudWatch logs written": (0.0035, 0.07),
        "S3 storage (Standard)": (0, 1.15),
        "CloudWatch logs kept": (0, 0.06),
        "CloudWatch alarms": (0, 0.5),
        "Secrets Manager": (0, 0.4),
        "KMS key": (0, 1),
        "CloudWatch alarm on dead letters": (0, 0.1),
    }
    result = bill(RUN, SKIP, MONTH, PRICES)
    assert by_name(result) == {name: pytest.approx(usd) for name, usd in expected.items()}
    assert result.per_run == pytest.approx(sum(run for run, _ in expected.values()))
    assert result.per_month == pytest.approx(sum(month for _, month in expected.values()))
    assert result.per_skipped_run == pytest.approx(2 * 0.0000133334 + 0.2e-6 + 3 * 0.025e-3)


@pytest.mark.parametrize(
    ("duration", "minimum", "billed"),
    [(0, 60, 120), (59.9, 60, 120), (60, 60, 120), (60.5, 60, 121), (599, 600, 1200), (601, 600, 1202)],
)
def test_the_minimum_is_billed(duration: float, minimum: float, billed: float) -> None:
    assert Compute("job", duration, 2).billed_dpu_seconds(minimum) == billed


def test_minimums_are_those_of_aws() -> None:
    assert PRICES.by_item.glue_job.minimum_seconds == GLUE_MINIMUM
    assert PRICES.by_item.glue_crawler.minimum_seconds == CRAWLER_MINIMUM


def test_the_average_is_of_what_is_billed() -> None:
    runs = [Compute("bronze", 20, 2), Compute("bronze", 100, 4), Compute("silver", 10, 3)]
    bronze, silver = mean_billed(runs, 60)
    # 60 s at 2 and 100 s at 4: 520 DPU-seconds in two runs, where unbilled seconds would make 60 s at 3.67.
    assert (bronze.seconds, bronze.billed_dpu_seconds(60)) == pytest.approx((80, 260))
    assert silver == Compute("silver", 60, 3)


@given(st.lists(st.tuples(seconds, workers), min_size=1, max_size=20))
def test_the_average_times_the_runs_is_their_sum(runs: list[tuple[float, int]]) -> None:
    computes = [Compute("job", duration, dpus) for duration, dpus in runs]
    (mean,) = mean_billed(computes, 60)
    together = sum(compute.billed_dpu_seconds(60) for compute in computes)
    assert mean.billed_dpu_seconds(60) * len(runs) == pytest.approx(together)


def cost_of(duration: float, dpus: int) -> Bill:
    return bill(replace(RUN, jobs=(Compute("job", duration, dpus),)), SKIP, MONTH, PRICES)


@given(seconds, seconds, workers)
def test_a_longer_job_never_costs_less(one: float, other: float, dpus: int) -> None:
    shorter, longer = cost_of(min(one, other), dpus), cost_of(max(one, other), dpus)
    assert shorter.per_run <= longer.per_run
    assert shorter.per_month <= longer.per_month


@given(seconds, workers, st.integers(1, 300))
def test_more_workers_for_the_same_time_cost_more(duration: float, dpus: int, more: int) -> None:
    assert cost_of(duration, dpus).per_run < cost_of(duration, dpus + more).per_run


@given(st.floats(0, 1000), st.floats(0, 1000))
def test_runs_that_find_nothing_cost_less(processed: float, skipped: float) -> None:
    as_it_is = bill(RUN, SKIP, replace(MONTH, processed=processed, skipped=skipped), PRICES)
    all_new = bill(RUN, SKIP, replace(MONTH, processed=processed + skipped, skipped=0), PRICES)
    assert as_it_is.per_month <= all_new.per_month + 1e-9


def test_a_region_without_prices_is_an_error_that_names_those_with() -> None:
    with pytest.raises(UserMistakeError, match=r"no prices for the region eu-central-1.*us-east-1"):
        price_list("eu-central-1")


def test_every_price_is_positive_and_names_a_page_of_aws() -> None:
    prices = dict(PRICES.by_item)
    assert all(price.usd > 0 for price in prices.values())
    assert all(price.page.startswith("https://aws.amazon.com/") for price in prices.values())

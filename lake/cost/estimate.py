"""The cost of a dataset, from recorded or else assumed usage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lake.cost import assumptions
from lake.cost.assumptions import Plan
from lake.cost.bill import Bill, bill
from lake.cost.prices import PriceList
from lake.cost.schedule import runs_a_month
from lake.cost.usage import Compute, mean_billed


@dataclass(frozen=True)
class Recorded:
    """Recorded usage of the latest runs.

    Parameters
    ----------
    jobs, crawls
        All jobs and crawls of these runs.
    processed, skipped
        Number of runs that processed a release, and of skipped runs.
    download_megabytes
        Size of the latest release as downloaded; 0 if unknown.
    """

    jobs: tuple[Compute, ...] = ()
    crawls: tuple[Compute, ...] = ()
    processed: int = 0
    skipped: int = 0
    download_megabytes: float = 0


@dataclass(frozen=True)
class Estimate:
    """A bill and its assumptions."""

    bill: Bill
    assumptions: tuple[str, ...]


def estimate(plan: Plan, prices: PriceList, recorded: Recorded, releases: float | None) -> Estimate:
    """Return the cost of a dataset.

    Parameters
    ----------
    recorded
        Replaces assumed durations and the assumed number of processed runs.
    releases
        Processed runs per month; ``None`` for the recorded share of the scheduled runs, or all of them.
    """
    glue = prices.by_item
    recorded_jobs = mean_billed(recorded.jobs, glue.glue_job.minimum_seconds)
    assumed_jobs = assumptions.assumed_jobs(plan)
    jobs = _recorded_first(recorded_jobs, assumed_jobs)
    crawl = _crawl_of_a_run(recorded, glue.glue_crawler.minimum_seconds)
    scheduled = runs_a_month(plan.config.schedule.expression) if plan.config.schedule else 0.0
    processed, why = _processed(scheduled, recorded, releases)
    month = assumptions.month(plan, processed, max(scheduled - processed, 0))
    run = assumptions.processing_run(plan, jobs, crawl)
    return Estimate(
        bill(run, assumptions.skipping_run(plan.environment), month, prices),
        (
            f"prices: list prices of {prices.region} of {prices.as_of}, without taxes, discounts and free tiers",
            _durations(plan, jobs, recorded),
            _crawls(recorded),
            f"runs: {_schedule(plan, scheduled)}; {why}",
            _storage(plan),
            "functions, requests and logs: assumed per run and table, see docs/cost.md",
            "not included: SNS, SQS, EventBridge, X-Ray, Data Catalog (cents per year), Glue metrics, Athena queries",
        ),
    )


def _recorded_first(recorded: Sequence[Compute], assumed: Sequence[Compute]) -> tuple[Compute, ...]:
    """Return the recorded jobs, and the assumed ones for jobs without a record."""
    by_name = {job.name: job for job in recorded}
    return tuple(by_name.get(job.name, job) for job in assumed)


def _processed(scheduled: float, recorded: Recorded, releases: float | None) -> tuple[float, str]:
    runs = recorded.processed + recorded.skipped
    if releases is not None:
        return releases, f"{releases:g} processed (--releases)"
    if runs:
        share = recorded.processed / runs
        return scheduled * share, f"{share:.0%} processed, as {recorded.processed} of the latest {runs}"
    return scheduled, "all processed, because no run is recorded (see --releases)"


def _durations(plan: Plan, jobs: Sequence[Compute], recorded: Recorded) -> str:
    took = ", ".join(f"{job.name} {job.seconds:.0f} s on {job.dpus:g} DPU" for job in jobs)
    names = {job.name for job in recorded.jobs}
    if not names:
        return f"jobs: {took}; assumed for {plan.megabytes:,.0f} MB of text (see --megabytes)"
    assumed = [job.name for job in jobs if job.name not in names]
    rest = f"; assumed, because none is recorded: {', '.join(assumed)}" if assumed else ""
    return f"jobs: {took}; billed average of {len(recorded.jobs)} recorded job runs{rest}"


def _crawl_of_a_run(recorded: Recorded, minimum_seconds: float) -> Compute | None:
    """Return the recorded crawls' billed average, with the DPU spread over all processed runs."""
    found = next(iter(mean_billed(recorded.crawls, minimum_seconds)), None)
    if found is None:
        return None
    return Compute(found.name, found.seconds, found.dpus * len(recorded.crawls) / max(recorded.processed, 1))


def _crawls(recorded: Recorded) -> str:
    why = "only the first run and one with other columns crawl; at least ten minutes of 2 DPU are billed"
    return f"crawls: {len(recorded.crawls) or 'none'} recorded; {why}"


def _schedule(plan: Plan, scheduled: float) -> str:
    if plan.config.schedule is None:
        return "no schedule"
    enabled = plan.environment.schedules_enabled
    off = "" if enabled else f" (disabled in environment {plan.environment.name})"
    return f"{scheduled:.4g} per month, {plan.config.schedule.expression}{off}"


def _storage(plan: Plan) -> str:
    kept = f"retention of environment {plan.environment.name}, in the {assumptions.MONTHS_STORED}th month"
    return f"storage: {plan.megabytes:,.0f} MB of text per release, {kept}"

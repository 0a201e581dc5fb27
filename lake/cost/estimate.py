"""The cost of a dataset: of its recorded runs where there are some, of assumed ones otherwise."""

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
    """What the latest runs used.

    Parameters
    ----------
    jobs, crawls
        Every one of them.
    processed, skipped
        How many runs found something new, and nothing.
    download_megabytes
        What the sources of the latest release have together; 0 where it is not known.
    """

    jobs: tuple[Compute, ...] = ()
    crawls: tuple[Compute, ...] = ()
    processed: int = 0
    skipped: int = 0
    download_megabytes: float = 0


@dataclass(frozen=True)
class Estimate:
    """A bill, and in words what it rests on."""

    bill: Bill
    assumptions: tuple[str, ...]


def estimate(plan: Plan, prices: PriceList, recorded: Recorded, releases: float | None) -> Estimate:
    """Return what a dataset costs.

    Parameters
    ----------
    recorded
        Takes the place of assumed durations, and of an assumed number of releases.
    releases
        How many runs a month find something new; ``None`` takes the recorded share of the scheduled runs, or all.
    """
    glue = prices.by_item
    recorded_jobs = mean_billed(recorded.jobs, glue.glue_job.minimum_seconds)
    assumed_jobs = assumptions.assumed_jobs(plan)
    jobs = _recorded_first(recorded_jobs, assumed_jobs)
    crawl = next(iter(mean_billed(recorded.crawls, glue.glue_crawler.minimum_seconds)), assumptions.CRAWL)
    scheduled = runs_a_month(plan.config.schedule.expression) if plan.config.schedule else 0.0
    processed, why = _processed(scheduled, recorded, releases)
    month = assumptions.month(plan, processed, max(scheduled - processed, 0))
    run = assumptions.processing_run(plan, jobs, crawl)
    return Estimate(
        bill(run, assumptions.skipping_run(), month, prices),
        (
            f"prices: list prices of {prices.region} of {prices.as_of}, without taxes, discounts and free tiers",
            _durations(plan, jobs, recorded),
            _crawl(crawl, recorded),
            f"runs: {_schedule(plan, scheduled)}; {why}",
            _storage(plan),
            "functions, requests, keys and logs: assumed for each run and table, see docs/cost.md",
            "left out: SNS, SQS, EventBridge, X-Ray, Data Catalog (cents a year), Glue's own metrics, Athena queries",
        ),
    )


def _recorded_first(recorded: Sequence[Compute], assumed: Sequence[Compute]) -> tuple[Compute, ...]:
    """Return the assumed jobs, each replaced by its recorded self where there is one."""
    by_name = {job.name: job for job in recorded}
    return tuple(by_name.get(job.name, job) for job in assumed)


def _processed(scheduled: float, recorded: Recorded, releases: float | None) -> tuple[float, str]:
    runs = recorded.processed + recorded.skipped
    if releases is not None:
        return releases, f"{releases:g} of them find something new (--releases)"
    if runs:
        share = recorded.processed / runs
        return scheduled * share, f"{share:.0%} find something new, as {recorded.processed} of the latest {runs} did"
    return scheduled, "each of them finds something new, for want of run records (--releases says otherwise)"


def _durations(plan: Plan, jobs: Sequence[Compute], recorded: Recorded) -> str:
    took = ", ".join(f"{job.name} {job.seconds:.0f} s on {job.dpus:g} DPU" for job in jobs)
    names = {job.name for job in recorded.jobs}
    if not names:
        return f"jobs: {took}; assumed for {plan.megabytes:,.0f} MB of text (--megabytes says otherwise)"
    assumed = [job.name for job in jobs if job.name not in names]
    rest = f"; assumed, for want of a record: {', '.join(assumed)}" if assumed else ""
    return f"jobs: {took}; average of what is billed of {len(recorded.jobs)} recorded job runs{rest}"


def _crawl(crawl: Compute, recorded: Recorded) -> str:
    source = f"average of what is billed of {len(recorded.crawls)} recorded crawls" if recorded.crawls else "assumed"
    return f"crawl: {crawl.seconds:.0f} s on {crawl.dpus:g} DPU, {source}; ten minutes are billed at least"


def _schedule(plan: Plan, scheduled: float) -> str:
    if plan.config.schedule is None:
        return "none by a schedule"
    enabled = plan.environment.schedules_enabled
    off = "" if enabled else f", which environment {plan.environment.name} has switched off"
    return f"{scheduled:.4g} a month by {plan.config.schedule.expression}{off}"


def _storage(plan: Plan) -> str:
    kept = f"kept as environment {plan.environment.name} says, in the {assumptions.MONTHS_STORED}th month"
    return f"storage: {plan.megabytes:,.0f} MB of text a release, {kept}"

"""The bill: usage times prices, one item for each billed usage type."""

from __future__ import annotations

from dataclasses import dataclass

from lake.cost.prices import Price, PriceList
from lake.cost.usage import Compute, MonthUsage, RunUsage


@dataclass(frozen=True)
class Item:
    """One item of a bill.

    Parameters
    ----------
    processed, skipped
        Quantity per processed run and per skipped run.
    standing
        Quantity per month that does not depend on runs.
    is_shared
        Whether it belongs to the whole lake.
    """

    name: str
    price: Price
    processed: float = 0
    skipped: float = 0
    standing: float = 0
    is_shared: bool = False

    @property
    def per_run(self) -> float:
        """US dollars of a processed run."""
        return self.price.of(self.processed)

    @property
    def per_skipped_run(self) -> float:
        """US dollars of a skipped run."""
        return self.price.of(self.skipped)

    def quantity_a_month(self, month: MonthUsage) -> float:
        """Return its quantity in a month."""
        return month.processed * self.processed + month.skipped * self.skipped + self.standing

    def per_month(self, month: MonthUsage) -> float:
        """Return its US dollars in a month."""
        return self.price.of(self.quantity_a_month(month))


@dataclass(frozen=True)
class Bill:
    """All items of a dataset."""

    items: tuple[Item, ...]
    month: MonthUsage

    @property
    def per_run(self) -> float:
        """US dollars of a processed run."""
        return sum(item.per_run for item in self.items)

    @property
    def per_skipped_run(self) -> float:
        """US dollars of a skipped run."""
        return sum(item.per_skipped_run for item in self.items)

    @property
    def per_month(self) -> float:
        """US dollars of a month."""
        return sum(item.per_month(self.month) for item in self.items)


def bill(processed: RunUsage, skipped: RunUsage, month: MonthUsage, prices: PriceList) -> Bill:
    """Return the cost of a run and of a month.

    Parameters
    ----------
    processed, skipped
        Usage of a processed and of a skipped run.
    """
    items = (*_computed(processed, prices), *_requested(processed, skipped, prices), *_standing(month, prices))
    return Bill(items, month)


def _computed(run: RunUsage, prices: PriceList) -> list[Item]:
    glue = prices.by_item
    jobs = [
        _compute(f"Glue job {job.name}", job, glue.glue_job_flex if job.is_flex else glue.glue_job) for job in run.jobs
    ]
    return [*jobs, *(_compute(f"Glue crawler {crawl.name}", crawl, glue.glue_crawler) for crawl in run.crawls)]


def _compute(name: str, compute: Compute, price: Price) -> Item:
    return Item(name, price, compute.billed_dpu_seconds(price.minimum_seconds))


def _requested(processed: RunUsage, skipped: RunUsage, prices: PriceList) -> list[Item]:
    pairs = zip(_quantities(processed, prices), _quantities(skipped, prices), strict=True)
    return [Item(name, price, in_processed, in_skipped) for (name, price, in_processed), (*_, in_skipped) in pairs]


def _quantities(run: RunUsage, prices: PriceList) -> list[tuple[str, Price, float]]:
    by_item = prices.by_item
    return [
        ("Lambda compute", by_item.lambda_compute, sum(calls.gigabyte_seconds for calls in run.functions)),
        ("Lambda requests", by_item.lambda_requests, sum(calls.count for calls in run.functions)),
        ("Step Functions", by_item.step_functions, run.state_transitions),
        ("S3 writes", by_item.s3_writes, run.s3_writes),
        ("S3 reads", by_item.s3_reads, run.s3_reads),
        *([("CloudTrail data events", by_item.data_events, run.data_events)] if run.data_events else []),
        ("KMS requests", by_item.kms_requests, run.kms_requests),
        ("CloudWatch logs written", by_item.logs_written, run.log_gigabytes),
    ]


def _standing(month: MonthUsage, prices: PriceList) -> list[Item]:
    by_item = prices.by_item
    items = [
        Item("S3 storage (Standard)", by_item.s3_standard, standing=month.stored_gigabytes),
        Item("CloudWatch logs kept", by_item.logs_kept, standing=month.kept_log_gigabytes),
        Item("CloudWatch alarms", by_item.alarms, standing=month.alarms),
        Item("CloudWatch dashboard", by_item.dashboards, standing=month.dashboards),
        Item("Secrets Manager", by_item.secrets, standing=month.secrets),
        Item("KMS key", by_item.kms_key, standing=month.keys, is_shared=True),
        Item("CloudWatch alarm on dead letters", by_item.alarms, standing=month.shared_alarms, is_shared=True),
        Item("CloudWatch dashboard of the lake", by_item.dashboards, standing=month.shared_dashboards, is_shared=True),
    ]
    return [item for item in items if item.standing]

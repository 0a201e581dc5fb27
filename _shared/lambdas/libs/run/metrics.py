"""The metrics of a run, as a function of its run record, and their emission in CloudWatch's embedded metric format."""

from __future__ import annotations

import os
from collections.abc import Iterator

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from _shared.contracts import metrics
from _shared.contracts.report import ANOMALY
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.lambdas.libs.time_utils import parse_timestamp

_PERCENT = 100
Metric = tuple[str, MetricUnit, float]


def emit(record: RunRecord) -> None:
    """Write the metrics of a record to the function's log, from which CloudWatch takes them.

    Source: Amazon CloudWatch User Guide, "Embedding metrics within logs". The variable
    ``POWERTOOLS_METRICS_NAMESPACE`` names the namespace. Without it, as in a unit test, nothing is emitted.
    """
    if not os.environ.get("POWERTOOLS_METRICS_NAMESPACE"):
        return
    emitted = EphemeralMetrics(service=record.dataset)
    for name, unit, value in run_metrics(record):
        emitted.add_metric(name, unit, value)
    emitted.add_metadata("run_id", record.run_id)
    emitted.add_metadata("execution", record.execution)
    emitted.flush_metrics()


def run_metrics(record: RunRecord) -> Iterator[Metric]:
    """Yield the metrics of a run."""
    failed = record.status == FAILED
    yield metrics.RUNS_FAILED, MetricUnit.Count, int(failed)
    yield metrics.RUNS_COMPLETED, MetricUnit.Count, int(not failed)
    taken = parse_timestamp(record.ended_at) - parse_timestamp(record.started_at)
    yield metrics.RUN_SECONDS, MetricUnit.Seconds, taken.total_seconds()
    yield from _fetched(record)
    if record.rows:
        published = 0 if failed else sum(rows.silver for rows in record.rows.values())
        yield metrics.ROWS_PUBLISHED, MetricUnit.Count, published
        shares = [rows.quarantined / rows.raw for rows in record.rows.values() if rows.raw]
        yield metrics.QUARANTINED_SHARE, MetricUnit.Percent, _PERCENT * max(shares, default=0.0)
    if record.checks:
        yield from _checks(record)
    yield from _jobs(record)


def _fetched(record: RunRecord) -> Iterator[Metric]:
    fetched = [step.bytes_in for step in record.steps if step.bytes_in is not None]
    if fetched:
        yield metrics.BYTES_FETCHED, MetricUnit.Bytes, sum(fetched)


def _checks(record: RunRecord) -> Iterator[Metric]:
    missed = [check for check in record.checks if not check.passed]
    stopping = sum(check.stops for check in missed)
    yield metrics.CRITICAL_FAILURES, MetricUnit.Count, stopping
    yield metrics.WARNINGS, MetricUnit.Count, len(missed) - stopping
    yield metrics.ANOMALIES, MetricUnit.Count, sum(check.name == ANOMALY for check in missed)


def _jobs(record: RunRecord) -> Iterator[Metric]:
    shares = [step.job_seconds / step.limit_seconds for step in record.steps if step.job_seconds and step.limit_seconds]
    if shares:
        yield metrics.JOB_TIMEOUT_SHARE, MetricUnit.Percent, _PERCENT * max(shares)
    hours = [step.dpu_hours for step in record.steps if step.dpu_hours is not None]
    if hours:
        yield metrics.DPU_HOURS, MetricUnit.Count, sum(hours)

"""CloudWatch metrics of the runs: names and dimension. Functions emit them, alarms and dashboards read them.

All are emitted once per attempt of a run, from its run record. The dimension ``service`` is the dataset, as Powertools
for AWS Lambda names it. An attempt has no values of steps that it did not reach, so that the last known value stands.
"""

from __future__ import annotations

from _shared.contracts import naming

DIMENSION = "service"
"""Name of the only dimension; its value is the dataset."""

RUNS_FAILED = "RunsFailed"
"""1 for a failed attempt, 0 for any other."""

RUNS_COMPLETED = "RunsCompleted"
"""1 for a run that published or found nothing new, 0 for a failed attempt."""

RUN_SECONDS = "RunSeconds"
BYTES_FETCHED = "BytesFetched"
ROWS_PUBLISHED = "RowsPublished"

QUARANTINED_SHARE = "QuarantinedShare"
"""Largest share of a table's raw rows in quarantine, in percent."""

CRITICAL_FAILURES = "CriticalFailures"
"""Failed checks that stop the publication."""

WARNINGS = "Warnings"
"""Failed checks that are published and reported, anomalies included."""

ANOMALIES = "Anomalies"
"""Figures of the version that are far from those of the preceding versions."""

JOB_TIMEOUT_SHARE = "JobTimeoutShare"
"""Largest share of its time-out that a job took, in percent."""

DPU_HOURS = "DpuHours"
"""Data processing units times hours of all jobs of the attempt, which Glue bills."""


def namespace(environment: str) -> str:
    """Return the CloudWatch namespace of an environment: ``PP-RAWS``, or ``prod/PP-RAWS``."""
    return naming.in_environment(environment, naming.PRODUCT, "/")

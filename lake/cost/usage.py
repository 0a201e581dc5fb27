"""Usage of AWS per run and per month."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Compute:
    """A Glue job or a crawl.

    Parameters
    ----------
    dpus
        Data processing units, the average over the duration.
    is_flex
        Whether a job has the execution class FLEX.
    """

    name: str
    seconds: float
    dpus: float
    is_flex: bool = False

    def billed_dpu_seconds(self, minimum_seconds: float) -> float:
        """Return the billed DPU-seconds: the duration or the minimum, whichever is longer."""
        return max(self.seconds, minimum_seconds) * self.dpus


@dataclass(frozen=True)
class Invocations:
    """Invocations of one Lambda function; ``seconds`` is the duration of each."""

    function: str
    count: float
    seconds: float
    memory_megabytes: int

    @property
    def gigabyte_seconds(self) -> float:
        """Billed GB-seconds."""
        return self.count * self.seconds * self.memory_megabytes / 1024


@dataclass(frozen=True)
class RunUsage:
    """Usage of one run.

    Parameters
    ----------
    data_events
        S3 requests that CloudTrail records.
    """

    jobs: tuple[Compute, ...] = ()
    crawls: tuple[Compute, ...] = ()
    functions: tuple[Invocations, ...] = ()
    state_transitions: float = 0
    s3_writes: float = 0
    s3_reads: float = 0
    kms_requests: float = 0
    data_events: float = 0
    log_gigabytes: float = 0


@dataclass(frozen=True)
class MonthUsage:
    """Usage of a month.

    Parameters
    ----------
    processed, skipped
        Number of runs that process a release, and of runs that are skipped.
    stored_gigabytes, kept_log_gigabytes
        Average amounts in the month.
    alarms, dashboards, secrets
        Resources of the dataset; shared alarms, shared dashboards and keys belong to the whole lake.
    """

    processed: float
    skipped: float
    stored_gigabytes: float = 0
    kept_log_gigabytes: float = 0
    alarms: int = 0
    shared_alarms: int = 0
    dashboards: int = 0
    shared_dashboards: int = 0
    keys: int = 0
    secrets: int = 0


def mean_billed(runs: Iterable[Compute], minimum_seconds: float) -> tuple[Compute, ...]:
    """Return the averages of billed usage by name.

    The minimum applies to each run, so it is applied before the average is taken. The execution class is the latest
    run's, which comes first.
    """
    by_name: dict[str, list[Compute]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    return tuple(_mean(name, found, minimum_seconds) for name, found in by_name.items())


def _mean(name: str, runs: list[Compute], minimum_seconds: float) -> Compute:
    seconds = sum(max(run.seconds, minimum_seconds) for run in runs)
    dpu_seconds = sum(run.billed_dpu_seconds(minimum_seconds) for run in runs)
    return Compute(name, seconds / len(runs), dpu_seconds / seconds, runs[0].is_flex)

"""What a run uses of AWS, and what a month has besides its runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Compute:
    """What ran for a time on a number of data processing units: a Glue job or a crawl.

    Parameters
    ----------
    dpus
        On average, where they changed while it ran.
    """

    name: str
    seconds: float
    dpus: float

    def billed_dpu_seconds(self, minimum_seconds: float) -> float:
        """Return what is billed: the duration, and the minimum where that is longer."""
        return max(self.seconds, minimum_seconds) * self.dpus


@dataclass(frozen=True)
class Invocations:
    """Calls of one Lambda function: how many, how long each takes, how much memory it has."""

    function: str
    count: float
    seconds: float
    memory_megabytes: int

    @property
    def gigabyte_seconds(self) -> float:
        """What is billed of them besides the requests."""
        return self.count * self.seconds * self.memory_megabytes / 1024


@dataclass(frozen=True)
class RunUsage:
    """What one run uses."""

    jobs: tuple[Compute, ...] = ()
    crawls: tuple[Compute, ...] = ()
    functions: tuple[Invocations, ...] = ()
    state_transitions: float = 0
    s3_writes: float = 0
    s3_reads: float = 0
    kms_requests: float = 0
    log_gigabytes: float = 0


@dataclass(frozen=True)
class MonthUsage:
    """What a month has.

    Parameters
    ----------
    processed, skipped
        Runs that find something new, and runs that find nothing.
    stored_gigabytes, kept_log_gigabytes
        Held through the month.
    alarms, shared_alarms, secrets
        Those of the dataset; the shared ones and the key belong to all datasets together.
    """

    processed: float
    skipped: float
    stored_gigabytes: float = 0
    kept_log_gigabytes: float = 0
    alarms: int = 0
    shared_alarms: int = 0
    keys: int = 0
    secrets: int = 0


def mean_billed(runs: Iterable[Compute], minimum_seconds: float) -> tuple[Compute, ...]:
    """Return the average of what is billed, by name.

    The minimum is applied to each run: of a short and a long one the short one is not made up for by the long one.
    """
    by_name: dict[str, list[Compute]] = {}
    for run in runs:
        by_name.setdefault(run.name, []).append(run)
    return tuple(_mean(name, found, minimum_seconds) for name, found in by_name.items())


def _mean(name: str, runs: list[Compute], minimum_seconds: float) -> Compute:
    seconds = sum(max(run.seconds, minimum_seconds) for run in runs)
    dpu_seconds = sum(run.billed_dpu_seconds(minimum_seconds) for run in runs)
    return Compute(name, seconds / len(runs), dpu_seconds / seconds)

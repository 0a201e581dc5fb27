"""One record per attempt of a run: ``manifests/<dataset>/runs/<run_id>.json``, written once, never changed.

An execution that is redriven keeps its run id; each redrive has a record of its own,
``<run_id>-redrive-<n>.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from _shared.contracts.release import SourceState
from _shared.contracts.report import CheckResult

SUCCEEDED = "SUCCEEDED"
SKIPPED = "SKIPPED"
FAILED = "FAILED"


@dataclass(frozen=True)
class RowCounts:
    """Rows of one table through the layers: ``raw = silver + duplicates + quarantined``."""

    raw: int
    bronze: int
    silver: int
    duplicates: int
    quarantined: int


@dataclass(frozen=True)
class RunRecord:
    """What a run did and why.

    Parameters
    ----------
    status
        ``SUCCEEDED``, ``SKIPPED`` or ``FAILED``.
    redrive_count
        How often the execution had been redriven: 0 for its first attempt.
    reason
        Why it was processed, skipped, or failed, in one sentence.
    version
        Release date; ``None`` where the run ended before it was known.
    published_as
        ``current`` or ``version``: an older release is registered as a version only.
    step
        The state that failed, or in which the execution was stopped or ran out of time; ``None`` otherwise.
    error
        Name of the error; ``ExecutionAborted`` and ``ExecutionTimedOut`` where the execution was ended
        from outside the step.
    step_seconds
        Wall time of the steps that ran.
    job_runs
        Glue job run ids by step.
    """

    dataset: str
    run_id: str
    execution: str
    status: str
    reason: str
    started_at: str
    ended_at: str
    redrive_count: int = 0
    forced: bool = False
    version: str | None = None
    published_as: str | None = None
    source: SourceState | None = None
    fingerprint: str | None = None
    rows: dict[str, RowCounts] = field(default_factory=dict)
    quarantine_reasons: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    job_runs: dict[str, str] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)
    step: str | None = None
    error: str | None = None

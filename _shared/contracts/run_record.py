"""One record per attempt of a run: ``manifests/<dataset>/runs/<run_id>.json``, written once, never changed.

An execution that is redriven keeps its run id; each redrive has a record of its own,
``<run_id>-redrive-<n>.json``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from _shared.contracts.release import FETCHED, UNCHANGED, FetchedSource
from _shared.contracts.report import CheckResult

SUCCEEDED = "SUCCEEDED"
SKIPPED = "SKIPPED"
FAILED = "FAILED"


@dataclass(frozen=True)
class RowCounts:
    """Rows of one table through the layers: ``bronze = kept + duplicates + quarantined + left_out``.

    Parameters
    ----------
    raw, bronze
        Records of the raw files, and rows of the bronze tables, that the silver table is made of.
    silver
        Rows that were published.
    left_out
        Rows that by design have no place in this table.
    kept
        Rows that the published ones are made of; ``None`` where they are the published ones.
    """

    raw: int
    bronze: int
    silver: int
    duplicates: int
    quarantined: int
    left_out: int = 0
    kept: int | None = None


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
        ``current``, ``version`` or ``superseded``: how readers see the run's publication, as of
        :mod:`_shared.contracts.publications`; ``None`` where it published nothing. A run that failed has one where
        it had published before.
    sources
        What became of each source, without its files; empty where the run ended before they were fetched.
    left_out_reasons
        Rows that by design have no place in a silver table, by reason.
    step
        The state that failed, or in which the execution was stopped or ran out of time; ``None`` otherwise.
    error
        Name of the error; ``ExecutionAborted`` and ``ExecutionTimedOut`` where the execution was ended
        from outside the step.
    repaired
        What the catalog had otherwise than the manifest says, and was repaired; one phrase for each table.
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
    sources: tuple[FetchedSource, ...] = ()
    fingerprint: str | None = None
    rows: dict[str, RowCounts] = field(default_factory=dict)
    quarantine_reasons: dict[str, int] = field(default_factory=dict)
    left_out_reasons: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)
    checks: tuple[CheckResult, ...] = ()
    job_runs: dict[str, str] = field(default_factory=dict)
    step_seconds: dict[str, float] = field(default_factory=dict)
    step: str | None = None
    error: str | None = None
    repaired: tuple[str, ...] = ()

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Read a record of the time when a dataset had one source, whose name is now the dataset's."""
        if "source" not in document:
            return document
        rest = {key: value for key, value in document.items() if key != "source"}
        if document["source"] is None:
            return rest
        outcome = UNCHANGED if document.get("status") == SKIPPED else FETCHED
        return {**rest, "sources": [{"name": document.get("dataset"), "outcome": outcome, "state": document["source"]}]}

"""Run record of one attempt: ``manifests/<dataset>/runs/<run_id>.json``, written once and never changed.

A redriven execution keeps its run id. Each redrive has its own record, ``<run_id>-redrive-<n>.json``.
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
    """Row counts of one table in each layer: ``bronze = kept + duplicates + quarantined + left_out``.

    Parameters
    ----------
    raw, bronze
        Records of the raw files and rows of the bronze tables that the silver table is built from.
    silver
        Published rows.
    left_out
        Rows that do not belong to this table by design.
    kept
        Input rows of the transform; ``None`` if each gives one published row.
    """

    raw: int
    bronze: int
    silver: int
    duplicates: int
    quarantined: int
    left_out: int = 0
    kept: int | None = None


@dataclass(frozen=True)
class StepRun:
    """What one step of an attempt did and took.

    Parameters
    ----------
    step
        Name of the step.
    started_at, ended_at
        ISO 8601 UTC. The step that writes the record ends with the record.
    tries
        Number of times that its task was tried: 1 if nothing failed.
    job_run
        Id of the last Glue job run of the step.
    job_seconds
        Execution time of that job run, without its start.
    billed_seconds
        Execution time of all job runs of the step, those that failed included, and at least a minute for each.
    limit_seconds
        Time-out of the job.
    dpu_hours
        Data processing units times hours of all job runs of the step, which Glue bills.
    rows_in, rows_out
        Rows that a job read and wrote.
    bytes_in
        Bytes of the sources that FetchAndHash downloaded.
    """

    step: str
    started_at: str
    ended_at: str
    tries: int = 1
    job_run: str | None = None
    job_seconds: float | None = None
    billed_seconds: float | None = None
    limit_seconds: int | None = None
    dpu_hours: float | None = None
    rows_in: int | None = None
    rows_out: int | None = None
    bytes_in: int | None = None


@dataclass(frozen=True)
class RunRecord:
    """Result of one attempt of a run.

    Parameters
    ----------
    status
        ``SUCCEEDED``, ``SKIPPED`` or ``FAILED``.
    redrive_count
        Number of redrives before this attempt: 0 for the first attempt.
    reason
        Why the run was processed, skipped or failed, in one sentence.
    version
        Release date; ``None`` if the run ended before it was known.
    published_as
        Status of the run's publication: ``current``, ``version`` or ``superseded``, see
        :mod:`_shared.contracts.publications`; ``None`` if the run published nothing. A failed run has a status if
        it failed after publication.
    sources
        Outcome of each source, without files; empty if the run ended before the sources were fetched.
    left_out_reasons
        Rows that do not belong to a silver table by design, by reason.
    step
        The state that failed, or that was active when the execution was stopped or timed out; otherwise ``None``.
    error
        Name of the error; ``ExecutionAborted`` or ``ExecutionTimedOut`` if the execution was stopped or timed out.
    repaired
        Repaired differences between catalog and manifest, one phrase for each table.
    step_seconds
        Duration of each step that ran.
    job_runs
        Glue job run ids by step.
    steps
        The steps of this attempt, in order; empty if the execution's history could not be read.
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
    steps: tuple[StepRun, ...] = ()

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Convert the earlier format with one source per dataset; the source gets the dataset's name."""
        if "source" not in document:
            return document
        rest = {key: value for key, value in document.items() if key != "source"}
        if document["source"] is None:
            return rest
        outcome = UNCHANGED if document.get("status") == SKIPPED else FETCHED
        return {**rest, "sources": [{"name": document.get("dataset"), "outcome": outcome, "state": document["source"]}]}

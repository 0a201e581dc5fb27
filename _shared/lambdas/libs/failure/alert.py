"""Texts of the notices of a failed execution and of a published version. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from _shared.contracts.publications import CURRENT, SUPERSEDED, VERSION
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.lambdas.libs.aws.alerts import Alert

_PUBLISHED = {
    "": "Readers see the version before, unchanged.",
    CURRENT: "The version had been published before the execution ended: readers see it.",
    VERSION: "The version had been published before the execution ended, and is older than the one readers see.",
    SUPERSEDED: "The version had been published before the execution ended, and a later run's is the one readers see.",
}


_STANDING = {
    CURRENT: "Readers see it.",
    VERSION: "It is older than the version that readers of the current table see.",
    SUPERSEDED: "A later run has published the version, too: readers see that one.",
}


def failure_alert(
    record: RunRecord, standing: RunRecord | None, address: str, troubles: Sequence[str], published: str | None
) -> Alert:
    """Compose the alert.

    Parameters
    ----------
    record
        Record of the failure.
    standing
        The stored record of the attempt. It differs from ``record`` if a record was written before the failure.
    address
        Address of the stored record.
    troubles
        Sentences about actions that failed while the failure was handled.
    published
        Status of the run's publication, empty if there is none; ``None`` if unknown.
    """
    remedy = f"redrive the execution (it resumes at {record.step}, with the same input), or start a new run"
    lines = [
        f"The run {record.run_id} of dataset {record.dataset} failed in step {record.step}.",
        "",
        f"{record.error}: {record.reason}",
        "",
        *_readers(record, published),
        f"Once the cause is fixed, {remedy}.",
        *troubles,
        "",
        f"Execution: {record.execution}",
        f"Redrives:  {record.redrive_count}",
        f"Look:      lake show {record.dataset} {record.run_id}{_redrive_option(record)}",
        f"           lake logs {record.dataset} {record.run_id}",
        f"Resume:    lake redrive {record.dataset} {record.execution.rpartition(':')[2]}",
        f"           aws stepfunctions redrive-execution --execution-arn {record.execution}",
        f"Anew:      lake requeue {record.dataset} {record.run_id}",
        "Runbook:   docs/runbooks/failed-run.md",
    ]
    if standing is not None:
        lines.append(f"Record:    {address}")
    if standing is not None and standing.status != FAILED:
        lines.append(f"The record says {standing.status}: it was written before the execution failed.")
    return Alert(f"{record.dataset}: {record.step} failed with {record.error}", "\n".join(lines))


def _redrive_option(record: RunRecord) -> str:
    return f" --redrive {record.redrive_count}" if record.redrive_count else ""


def success_notice(record: RunRecord) -> Alert:
    """Compose the notice of a run that published a version."""
    rows = "\n".join(
        f"  {table}: {counts.silver:,} rows, {counts.duplicates:,} duplicates, {counts.quarantined:,} in quarantine"
        for table, counts in sorted(record.rows.items())
    )
    warnings = sum(not check.passed for check in record.checks)
    lines = [
        f"The run {record.run_id} of dataset {record.dataset} published version {record.version}: {record.reason}.",
        _STANDING[record.published_as or CURRENT],
        "",
        rows,
        "",
        f"Checks:    {len(record.checks) - warnings} of {len(record.checks)} passed, {warnings} warnings",
        f"Look:      lake report {record.dataset} {record.run_id}",
        f"           lake show {record.dataset} {record.run_id}",
    ]
    return Alert(f"{record.dataset}: published version {record.version}", "\n".join(lines))


def _readers(record: RunRecord, published: str | None) -> list[str]:
    lines = [_PUBLISHED[published]] if published is not None else []
    if record.repaired:
        lines.append(f"The catalog was repaired to match the manifest: {'; '.join(record.repaired)}.")
    return lines

"""What the alert about a failed execution says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from _shared.contracts.publications import CURRENT, SUPERSEDED, VERSION
from _shared.contracts.run_record import FAILED, RunRecord
from _shared.lambdas.libs.alerts import Alert

_BEFORE = "Readers see the version before, unchanged."
_PUBLISHED = {
    CURRENT: "The version had been published before the execution ended: readers see it.",
    VERSION: "The version had been published before the execution ended, and is older than the one readers see.",
    SUPERSEDED: "The version had been published before the execution ended, and a later run's is the one readers see.",
}


def failure_alert(record: RunRecord, standing: RunRecord | None, address: str, troubles: Sequence[str]) -> Alert:
    """Compose the alert.

    Parameters
    ----------
    record
        What is to be told.
    standing
        The record that the attempt has: another one, where the run was recorded before its execution failed.
    address
        Where that record is.
    troubles
        What could not be done about the failure, in sentences.
    """
    remedy = f"redrive the execution (it resumes at {record.step}, with the same input), or start a new run"
    lines = [
        f"The run {record.run_id} of dataset {record.dataset} failed in step {record.step}.",
        "",
        f"{record.error}: {record.reason}",
        "",
        _readers(record, standing),
        f"Once the cause is mended, {remedy}.",
        *troubles,
        "",
        f"Execution: {record.execution}",
        f"Redrives:  {record.redrive_count}",
    ]
    if standing is not None:
        lines.append(f"Record:    {address}")
    if standing is not None and standing.status != FAILED:
        lines.append(f"The record says {standing.status}: it was written before the execution failed.")
    return Alert(f"{record.dataset}: {record.step} failed with {record.error}", "\n".join(lines))


def _readers(record: RunRecord, standing: RunRecord | None) -> str:
    published = record.published_as or (standing.published_as if standing else None)
    told = _PUBLISHED[published] if published else _BEFORE
    return f"{told} The catalog was brought to it: {'; '.join(record.repaired)}." if record.repaired else told

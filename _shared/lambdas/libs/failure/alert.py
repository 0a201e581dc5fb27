"""What the alert about a failed execution says. Pure."""

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


def failure_alert(
    record: RunRecord, standing: RunRecord | None, address: str, troubles: Sequence[str], published: str | None
) -> Alert:
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
    published
        How readers see the run's publication, empty where it has none; ``None`` where that is not known.
    """
    remedy = f"redrive the execution (it resumes at {record.step}, with the same input), or start a new run"
    lines = [
        f"The run {record.run_id} of dataset {record.dataset} failed in step {record.step}.",
        "",
        f"{record.error}: {record.reason}",
        "",
        *_readers(record, published),
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


def _readers(record: RunRecord, published: str | None) -> list[str]:
    told = [_PUBLISHED[published]] if published is not None else []
    if record.repaired:
        told.append(f"The catalog was brought to what the manifest says: {'; '.join(record.repaired)}.")
    return told

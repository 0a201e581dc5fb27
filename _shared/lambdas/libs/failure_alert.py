"""What the alert about a failed execution says. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from _shared.contracts.run_record import FAILED, SUCCEEDED, RunRecord
from _shared.lambdas.libs.alerts import Alert

_BEFORE = "Readers see the version before, unchanged."
_PUBLISHING = "Readers see one whole version, the one before or this one."
_PUBLISHED = "The version had been published before the execution ended: readers see it."


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
    if standing is not None and standing.status == SUCCEEDED:
        return _PUBLISHED
    return _PUBLISHING if record.step == "UpdateManifest" else _BEFORE

"""Run records: what every run did and why, written once and never changed."""

from __future__ import annotations

from dataclasses import replace

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.layout import run_record_key
from _shared.contracts.run_record import SUCCEEDED, RunRecord
from _shared.lambdas.libs.errors import StorageThrottledError
from _shared.lambdas.libs.s3_io import LakeStorage

_MOST_REDRIVES = 100


def write_record(storage: LakeStorage, record: RunRecord) -> str:
    """Write a run's record and return its key.

    The same record again (a retried step) writes nothing. A redriven execution keeps its run id and
    may end otherwise than before: what it did then is a record of its own beside the first,
    ``<run_id>-redrive-<n>.json``, since no record is ever changed.
    """
    for attempt in range(_MOST_REDRIVES):
        key = _key(record.dataset, record.run_id, attempt)
        if storage.put_json_if(key, encode_text(record), None) is not None:
            return key
        found = storage.get(key)
        if found is not None and _same(decode_text(RunRecord, found.body, storage.address(key)), record):
            return key
    msg = f"{storage.address(_key(record.dataset, record.run_id, 0))}: {_MOST_REDRIVES} records of one run"
    raise StorageThrottledError(msg)


def find_success(storage: LakeStorage, dataset: str, run_id: str) -> RunRecord | None:
    """Return the record of the run's publication, if it has one."""
    for attempt in range(_MOST_REDRIVES):
        key = _key(dataset, run_id, attempt)
        found = storage.get(key)
        if found is None:
            return None
        record = decode_text(RunRecord, found.body, storage.address(key))
        if record.status == SUCCEEDED:
            return record
    return None


def _key(dataset: str, run_id: str, attempt: int) -> str:
    return run_record_key(dataset, run_id if attempt == 0 else f"{run_id}-redrive-{attempt}")


def _same(one: RunRecord, other: RunRecord) -> bool:
    """Whether both tell the same; the clock has moved on between two attempts."""
    return replace(one, ended_at="") == replace(other, ended_at="")

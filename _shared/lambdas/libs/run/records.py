"""Read and write run records. A record is written once and never changed."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import StorageThrottledError
from _shared.contracts.layout import run_record_key
from _shared.contracts.release import FetchedSource, Release
from _shared.contracts.run_record import SUCCEEDED, RunRecord
from _shared.lambdas.libs.run import metrics
from _shared.lambdas.libs.s3_io import LakeStorage


@dataclass(frozen=True)
class StandingRecord:
    """The stored record of an attempt, and its key."""

    key: str
    record: RunRecord


def write_record(storage: LakeStorage, record: RunRecord) -> StandingRecord:
    """Write the record of an attempt unless there is one, emit its metrics, and return the stored record.

    The first record is kept. A retried step or a repeated event writes nothing. The same holds for the failure of
    an execution that was stopped after it had published.

    Raises
    ------
    StorageThrottledError
        The existing record was deleted concurrently.
    """
    key = run_record_key(record.dataset, record.run_id, record.redrive_count)
    if storage.put_json_if(key, encode_text(record), None) is not None:
        metrics.emit(record)
        return StandingRecord(key, record)
    found = storage.get(key)
    if found is None:
        msg = f"{storage.address(key)}: was removed at the same moment"
        raise StorageThrottledError(msg)
    return StandingRecord(key, decode_text(RunRecord, found.body, storage.address(key)))


def find_success(storage: LakeStorage, dataset: str, run_id: str, redrive_count: int) -> RunRecord | None:
    """Return the record of the attempt that published, if this or an earlier attempt did."""
    for attempt in range(redrive_count + 1):
        key = run_record_key(dataset, run_id, attempt)
        found = storage.get(key)
        if found is not None:
            record = decode_text(RunRecord, found.body, storage.address(key))
            if record.status == SUCCEEDED:
                return record
    return None


def source_outcomes(release: Release) -> tuple[FetchedSource, ...]:
    """Return the sources of a release without files, for the run record."""
    return tuple(source.without_files for source in release.sources)

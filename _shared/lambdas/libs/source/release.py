"""Read release documents."""

from __future__ import annotations

from _shared.contracts.codec import decode_text
from _shared.contracts.errors import ReleaseMissingError
from _shared.contracts.layout import release_key
from _shared.contracts.release import Release
from _shared.lambdas.libs.s3_io import LakeStorage


def find_release(storage: LakeStorage, dataset: str, run_id: str) -> Release | None:
    """Read the release document of a run; ``None`` if it does not exist or has expired."""
    key = release_key(dataset, run_id)
    found = storage.get(key)
    return None if found is None else decode_text(Release, found.body, storage.address(key))


def load_release(storage: LakeStorage, dataset: str, run_id: str) -> Release:
    """Read the release document of a run; raise ReleaseMissingError if it does not exist."""
    release = find_release(storage, dataset, run_id)
    if release is None:
        msg = f"run {run_id} left no release document at {storage.address(release_key(dataset, run_id))}"
        raise ReleaseMissingError(msg, "it may have expired from raw: start a new run")
    return release

"""Read the manifest, and replace it by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import ManifestConflictError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest
from _shared.contracts.publications import latest_of_each_version, preceding
from _shared.contracts.release import PreviousVersion
from _shared.lambdas.libs.s3_io import LakeStorage


@dataclass(frozen=True)
class LoadedManifest:
    """The manifest and its ETag; both ``None`` before the first publication."""

    manifest: Manifest | None
    etag: str | None


def load(storage: LakeStorage, dataset: str) -> LoadedManifest:
    """Read a dataset's manifest."""
    key = manifest_key(dataset)
    found = storage.get(key)
    if found is None:
        return LoadedManifest(None, None)
    return LoadedManifest(decode_text(Manifest, found.body, storage.address(key)), found.etag)


def save(storage: LakeStorage, manifest: Manifest, loaded: LoadedManifest) -> None:
    """Replace the loaded manifest, or write the first one.

    Raises
    ------
    ManifestConflictError
        The manifest has changed since it was loaded. Nothing was written.
    """
    if manifest == loaded.manifest:
        return
    key = manifest_key(manifest.dataset)
    if storage.put_json_if(key, encode_text(manifest), loaded.etag) is None:
        msg = f"{storage.address(key)} was changed by somebody else since it was read"
        raise ManifestConflictError(msg, "nothing was lost: the publication is tried again from the new state")


EARLIER_RUNS = 30
"""Versions whose profiles show what is usual."""


def earlier_runs(manifest: Manifest | None, version: str) -> tuple[str, ...]:
    """Return the runs that published the last versions before ``version``, newest first."""
    entries = latest_of_each_version(manifest).values() if manifest is not None else ()
    before = [entry.run_id for entry in entries if entry.version < version]
    return tuple(reversed(before[-EARLIER_RUNS:]))


def previous_version(manifest: Manifest | None, version: str, run_id: str) -> PreviousVersion | None:
    """Return the previous publication in release order, to compare the tables with."""
    before = preceding(manifest, version, run_id) if manifest is not None else None
    return None if before is None else PreviousVersion(before.version, before.run_id, before.row_counts)

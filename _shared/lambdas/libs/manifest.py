"""The manifest: read it, and replace it by compare-and-swap."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import ContractError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest, PublishedVersion
from _shared.contracts.release import PreviousVersion
from _shared.lambdas.libs.errors import ManifestConflictError
from _shared.lambdas.libs.s3_io import LakeStorage


@dataclass(frozen=True)
class LoadedManifest:
    """The manifest and the ETag it was read with; both ``None`` before the first publication."""

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
    """Replace the manifest that was loaded, or write the first.

    Raises
    ------
    ManifestConflictError
        It has been changed since; nothing was written.
    """
    if manifest == loaded.manifest:
        return
    key = manifest_key(manifest.dataset)
    if storage.put_json_if(key, encode_text(manifest), loaded.etag) is None:
        msg = f"{storage.address(key)} was changed by somebody else since it was read"
        raise ManifestConflictError(msg, "nothing was lost: the publication is tried again from the new state")


def current_version(manifest: Manifest) -> PublishedVersion:
    """Return the version that readers see now.

    Raises
    ------
    ContractError
        The manifest names a current version that it does not have.
    """
    current = manifest.versions.get(manifest.current)
    if current is None:
        msg = f"{manifest_key(manifest.dataset)}: current is {manifest.current!r}, which versions does not have"
        raise ContractError(msg, "restore an earlier version of the object")
    return current


def previous_version(manifest: Manifest | None) -> PreviousVersion | None:
    """Return what a new version is compared with: the one that readers see now."""
    if manifest is None:
        return None
    current = current_version(manifest)
    return PreviousVersion(current.version, current.run_id, current.row_counts)

"""The manifest: read it, replace it by compare-and-swap, and decide by it whether there is work."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import ContractError
from _shared.contracts.layout import manifest_key
from _shared.contracts.manifest import Manifest, PublishedVersion
from _shared.contracts.release import PreviousVersion
from _shared.lambdas.libs.errors import ManifestConflictError
from _shared.lambdas.libs.hash_utils import same_digest, short
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.time_utils import http_date

_CODE_UNCHANGED = "and the pipeline's code is unchanged"
_SHOWN_ETAG_CHARACTERS = 20


@dataclass(frozen=True)
class LoadedManifest:
    """The manifest and the ETag it was read with; both ``None`` before the first publication."""

    manifest: Manifest | None
    etag: str | None


@dataclass(frozen=True)
class Decision:
    """Whether to process, why in one sentence, and the published version that makes it needless."""

    process: bool
    reason: str
    published: PublishedVersion | None = None


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


def last_from(manifest: Manifest | None, url: str) -> PublishedVersion | None:
    """Return the newest published version that came from this address."""
    if manifest is None:
        return None
    found = [version for version in manifest.versions.values() if version.source.url == url]
    return max(found, key=lambda version: version.version, default=None)


def condition(manifest: Manifest | None, url: str, fingerprint: str, *, force: bool) -> PublishedVersion | None:
    """Return the version whose validators make the request conditional, ``None`` for an unconditional one.

    A 304 leaves nothing to process, so it may only be asked for where nothing but the source can
    have changed.
    """
    known = last_from(manifest, url)
    if known is None or force or known.fingerprint != fingerprint:
        return None
    return known


def not_modified(known: PublishedVersion) -> Decision:
    """Decide after a 304, or the same date and length from a server without ETags."""
    day = http_date(known.source.last_modified)
    if known.source.etag:
        told = f"304 Not Modified{f' since {day.isoformat()}' if day else ''} (ETag {_shown(known.source.etag)})"
    else:
        told = f"still the {known.source.bytes} bytes of {known.source.last_modified}"
    return Decision(process=False, reason=f"source unchanged: {told}, {_CODE_UNCHANGED}", published=known)


def _shown(etag: str) -> str:
    return etag if len(etag) <= _SHOWN_ETAG_CHARACTERS else f'{etag[:_SHOWN_ETAG_CHARACTERS]}…"'


def decide(manifest: Manifest | None, sha256: str, fingerprint: str, *, force: bool) -> Decision:
    """Decide after the bytes have passed.

    Content that was published once, as whatever version, need not be processed again by the same code.

    Parameters
    ----------
    sha256
        Of the fetched source.
    fingerprint
        Of the deployed code and configuration.
    """
    if manifest is None:
        return Decision(process=True, reason="first run")
    if force:
        return Decision(process=True, reason="forced")
    same = [version for version in manifest.versions.values() if same_digest(version.source.sha256, sha256)]
    for version in same:
        if version.fingerprint == fingerprint:
            reason = (
                f"source unchanged: same content (sha256 {short(sha256)}…) as version {version.version}, "
                f"{_CODE_UNCHANGED}"
            )
            return Decision(process=False, reason=reason, published=version)
    if same:
        return Decision(process=True, reason="pipeline code or configuration changed")
    before = current_version(manifest).source.sha256
    return Decision(process=True, reason=f"source content changed (sha256 {short(before)}… → {short(sha256)}…)")

"""Decide, by the manifest and by what the sources answered, whether there is work, and say why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from _shared.contracts.manifest import Manifest, PublishedVersion
from _shared.contracts.messages import LONGEST_VALUE, listed, shortened
from _shared.contracts.release import SourceState
from _shared.lambdas.libs.hash_utils import same_digest, short
from _shared.lambdas.libs.manifest import current_version
from _shared.lambdas.libs.time_utils import http_date
from _shared.lambdas.libs.validators import Validators

_CODE_UNCHANGED = "and the pipeline's code is unchanged"
_SHOWN_ETAG_CHARACTERS = 20
_LISTED_SOURCES = 8


@dataclass(frozen=True)
class Seen:
    """What a source answered.

    Parameters
    ----------
    name
        Name of the source.
    state
        Its state now; ``None`` where the server has no such file and the dataset can do without.
    not_modified
        Whether the server said, or its date and length tell, that it is the state that was asked about.
    """

    name: str
    state: SourceState | None
    not_modified: bool = False


@dataclass(frozen=True)
class Decision:
    """Whether to process, why in one sentence, and the published version that makes it needless."""

    process: bool
    reason: str
    published: PublishedVersion | None = None


def condition(
    manifest: Manifest | None, urls: Mapping[str, str], fingerprint: str, *, force: bool
) -> PublishedVersion | None:
    """Return the version whose validators make the requests conditional, ``None`` for unconditional ones.

    It is the newest one that came from these addresses. Sources that have not been modified since leave nothing to
    process, so this may only be asked for where nothing but the sources can have changed.

    Parameters
    ----------
    urls
        Address of each source by name.
    """
    if manifest is None or force:
        return None
    known = max((v for v in manifest.versions.values() if _came_from(v, urls)), key=lambda v: v.version, default=None)
    return known if known is not None and known.fingerprint == fingerprint else None


def decide(
    manifest: Manifest | None,
    seen: Sequence[Seen],
    fingerprint: str,
    *,
    asked_about: PublishedVersion | None = None,
    force: bool,
) -> Decision:
    """Decide after every source has answered.

    Content that was published once, as whatever version, need not be processed again by the same code.

    Parameters
    ----------
    seen
        Every source of the dataset.
    fingerprint
        Of the deployed code and configuration.
    asked_about
        The version that made the requests conditional.
    """
    if manifest is None:
        return Decision(process=True, reason="first run")
    if force:
        return Decision(process=True, reason="forced")
    versions = [*([asked_about] if asked_about else ()), *manifest.versions.values()]
    same = [version for version in versions if _has_content(version, seen)]
    for version in same:
        if version.fingerprint == fingerprint:
            return Decision(process=False, reason=_unchanged(version, seen), published=version)
    if same:
        return Decision(process=True, reason="pipeline code or configuration changed")
    before = (asked_about or current_version(manifest)).sources
    return Decision(process=True, reason=_changed(before, seen))


def _came_from(version: PublishedVersion, urls: Mapping[str, str]) -> bool:
    return bool(version.sources) and all(urls.get(name) == state.url for name, state in version.sources.items())


def _has_content(version: PublishedVersion, seen: Sequence[Seen]) -> bool:
    there = {one.name: one.state.sha256 for one in seen if one.state is not None}
    return version.sources.keys() == there.keys() and all(
        same_digest(state.sha256, there[name]) for name, state in version.sources.items()
    )


def _unchanged(version: PublishedVersion, seen: Sequence[Seen]) -> str:
    if len(seen) == 1:
        one = seen[0]
        as_version = "" if one.not_modified else f" as version {version.version}"
        return f"source unchanged: {_told(version.sources.get(one.name), one)}{as_version}, {_CODE_UNCHANGED}"
    told = _all_told(version.sources, seen)
    return f"{len(seen)} sources unchanged since version {version.version}: {told}, {_CODE_UNCHANGED}"


def _changed(before: Mapping[str, SourceState], seen: Sequence[Seen]) -> str:
    if len(seen) == 1:
        return f"source content {_told(before.get(seen[0].name), seen[0])}"
    return f"source content changed: {_all_told(before, seen)}"


def _all_told(before: Mapping[str, SourceState], seen: Sequence[Seen]) -> str:
    told = [f"{one.name}: {_told(before.get(one.name), one)}" for one in seen]
    return listed(told, _LISTED_SOURCES, separator="; ")


def _told(before: SourceState | None, one: Seen) -> str:
    """Say of one source what it is compared with what it was."""
    if one.state is None:
        return "absent as before" if before is None else "no longer there"
    if one.not_modified:
        return _not_modified(one.state)
    if before is None:
        return f"new (sha256 {short(one.state.sha256)}…)"
    if same_digest(before.sha256, one.state.sha256):
        return f"same content (sha256 {short(one.state.sha256)}…)"
    return f"changed (sha256 {short(before.sha256)}… → {short(one.state.sha256)}…)"


def _not_modified(state: SourceState) -> str:
    etag = Validators.known(state).etag
    if not etag:
        return f"still the {state.bytes} bytes of {shortened(state.last_modified or '', LONGEST_VALUE)}"
    day = http_date(state.last_modified)
    shown = etag if len(etag) <= _SHOWN_ETAG_CHARACTERS else f'{etag[:_SHOWN_ETAG_CHARACTERS]}…"'
    return f"304 Not Modified{f' since {day.isoformat()}' if day else ''} (ETag {shown})"

"""Decide from the manifest and the probed sources whether a run has work, with the reason. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.messages import LONGEST_VALUE, listed, shortened
from _shared.contracts.publications import current, latest_of_each_version
from _shared.contracts.release import UNCHANGED, FetchedSource, SourceState
from _shared.lambdas.libs.hash_utils import same_digest, short
from _shared.lambdas.libs.source.http.validators import Validators
from _shared.lambdas.libs.time_utils import http_date

_CODE_UNCHANGED = "and the pipeline's code is unchanged"
_SHOWN_ETAG_CHARACTERS = 20
_LISTED_SOURCES = 8


@dataclass(frozen=True)
class Decision:
    """Whether to process, the reason in one sentence, and for a skip the publication with the same content."""

    process: bool
    reason: str
    published: Publication | None = None


def condition(
    manifest: Manifest | None, urls: Mapping[str, str], fingerprint: str, *, force: bool
) -> Publication | None:
    """Return the publication whose validators are sent with the requests, ``None`` for unconditional requests.

    It is the newest publication from these URLs, among the latest of each release date. If the servers then report
    "not modified", the run is skipped. Requests are therefore conditional only if code and configuration are
    unchanged.

    Parameters
    ----------
    urls
        URL of each source by name.
    """
    if manifest is None or force:
        return None
    known = max(
        (v for v in latest_of_each_version(manifest).values() if _came_from(v, urls)),
        key=lambda v: v.version,
        default=None,
    )
    return known if known is not None and known.fingerprint == fingerprint else None


def decide(
    manifest: Manifest | None,
    found: Sequence[FetchedSource],
    fingerprint: str,
    *,
    asked_about: Publication | None = None,
    force: bool,
) -> Decision:
    """Decide after all sources were probed.

    A run is skipped if the same code has already published the same content as the latest publication of any release
    date. Content of a superseded publication is processed again: the publisher may have withdrawn a correction.

    Parameters
    ----------
    found
        The probed sources of the dataset.
    fingerprint
        Fingerprint of the deployed code and configuration.
    asked_about
        The publication whose validators were sent with the requests.
    """
    if manifest is None:
        return Decision(process=True, reason="first run")
    if force:
        return Decision(process=True, reason="forced")
    versions = [*([asked_about] if asked_about else ()), *latest_of_each_version(manifest).values()]
    same = [version for version in versions if _has_content(version, found)]
    for version in same:
        if version.fingerprint == fingerprint:
            return Decision(process=False, reason=_unchanged(version, found), published=version)
    if same:
        return Decision(process=True, reason="pipeline code or configuration changed")
    before = (asked_about or current(manifest)).sources
    return Decision(process=True, reason=_changed(before, found))


def _came_from(version: Publication, urls: Mapping[str, str]) -> bool:
    return bool(version.sources) and all(urls.get(name) == state.url for name, state in version.sources.items())


def _has_content(version: Publication, found: Sequence[FetchedSource]) -> bool:
    states = {one.name: one.state for one in found if one.state is not None}
    return version.sources.keys() == states.keys() and all(
        _same_content(state, states[name]) for name, state in version.sources.items()
    )


def _same_content(before: SourceState, now: SourceState) -> bool:
    """Whether two states have the same content, by SHA-256 or, if one has none, by watermark."""
    if before.sha256 is not None and now.sha256 is not None:
        return same_digest(before.sha256, now.sha256)
    return before.watermark is not None and before.watermark == now.watermark


def _unchanged(version: Publication, found: Sequence[FetchedSource]) -> str:
    if len(found) == 1:
        one = found[0]
        as_version = "" if one.outcome == UNCHANGED else f" as version {version.version}"
        return f"source unchanged: {_comparison(version.sources.get(one.name), one)}{as_version}, {_CODE_UNCHANGED}"
    compared = _comparisons(version.sources, found)
    return f"{len(found)} sources unchanged since version {version.version}: {compared}, {_CODE_UNCHANGED}"


def _changed(before: Mapping[str, SourceState], found: Sequence[FetchedSource]) -> str:
    if len(found) == 1:
        return f"source content {_comparison(before.get(found[0].name), found[0])}"
    return f"source content changed: {_comparisons(before, found)}"


def _comparisons(before: Mapping[str, SourceState], found: Sequence[FetchedSource]) -> str:
    compared = [f"{one.name}: {_comparison(before.get(one.name), one)}" for one in found]
    return listed(compared, _LISTED_SOURCES, separator="; ")


def _comparison(before: SourceState | None, one: FetchedSource) -> str:
    """Describe a source in comparison with its previous state."""
    if one.state is None:
        return "absent as before" if before is None else "no longer there"
    if one.outcome == UNCHANGED:
        return _unmodified(one.state)
    if before is None:
        return f"new ({_identity(one.state)})"
    if _same_content(before, one.state):
        return f"same content ({_identity(one.state)})"
    if before.sha256 is not None and one.state.sha256 is not None:
        return f"changed ({_identity(before)} → {short(one.state.sha256)}…)"
    return f"changed ({_identity(before)} → {_identity(one.state)})"


def _identity(state: SourceState) -> str:
    return f"sha256 {short(state.sha256)}…" if state.sha256 is not None else f"watermark {state.watermark}"


def _unmodified(state: SourceState) -> str:
    etag = Validators.known(state).etag
    if not etag and not state.last_modified:
        return f"still at {_identity(state)}"
    if not etag:
        return f"still the {state.bytes} bytes of {shortened(state.last_modified or '', LONGEST_VALUE)}"
    day = http_date(state.last_modified)
    shown = etag if len(etag) <= _SHOWN_ETAG_CHARACTERS else f'{etag[:_SHOWN_ETAG_CHARACTERS]}…"'
    return f"304 Not Modified{f' since {day.isoformat()}' if day else ''} (ETag {shown})"

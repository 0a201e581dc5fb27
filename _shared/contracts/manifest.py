"""State of a dataset: ``manifests/<dataset>/manifest.json`` and ``lease.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from _shared.contracts.release import SourceState


@dataclass(frozen=True)
class Publication:
    """The tables that one run published, with locations and row counts. It never changes.

    Parameters
    ----------
    version
        Release date, ``YYYY-MM-DD``.
    sources
        State of each source by name, without absent sources.
    fingerprint
        Fingerprint of the code and configuration that produced the tables.
    locations, row_counts
        Values by silver table, without absent tables.
    """

    version: str
    run_id: str
    published_at: str
    sources: dict[str, SourceState]
    fingerprint: str
    locations: dict[str, str] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pin:
    """Fixes the current publication: later publications do not replace it until the pin is removed.

    Parameters
    ----------
    run_id
        Key into ``publications``.
    by, at, why
        Who pinned the publication, when (ISO 8601 UTC), and the reason.
    """

    run_id: str
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class Manifest:
    """All publications of a dataset. The document is replaced by compare-and-swap on its ETag.

    Parameters
    ----------
    current
        Key into ``publications``: the publication that the current tables show. It is derived from the other fields
        by :func:`_shared.contracts.publications.current`, and stored for people who read the document.
    publications
        Publications by run id. They are appended and never replaced.
    pin
        ``None`` if the newest release is current.
    """

    dataset: str
    current: str
    publications: dict[str, Publication] = field(default_factory=dict)
    pin: Pin | None = None

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Convert earlier formats: one publication per release date, and one source per dataset."""
        versions = document.get("versions")
        if not isinstance(versions, dict) or "publications" in document:
            return document
        rest = {key: value for key, value in document.items() if key != "versions"}
        entries = {name: _with_sources(entry, document.get("dataset")) for name, entry in versions.items()}
        publications = {_run_id(entry, name): entry for name, entry in entries.items()}
        date = document.get("current")
        current = _run_id(versions[date], date) if isinstance(date, str) and date in versions else date
        return {**rest, "publications": publications, "current": current}


@dataclass(frozen=True)
class Lease:
    """Exclusive right to run a dataset's pipeline. ``owner`` is an execution ARN; times are ISO 8601 UTC."""

    dataset: str
    owner: str
    acquired_at: str
    expires_at: str


def _run_id(entry: object, otherwise: str) -> str:
    return str(entry.get("run_id", otherwise)) if isinstance(entry, dict) else otherwise


def _with_sources(entry: Any, dataset: object) -> Any:  # noqa: ANN401 - parsed JSON, which the codec checks
    if not isinstance(entry, dict) or "source" not in entry:
        return entry
    rest = {key: value for key, value in entry.items() if key != "source"}
    return {**rest, "sources": {dataset: entry["source"]}}

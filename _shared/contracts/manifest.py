"""The state of a dataset: ``manifests/<dataset>/manifest.json`` and ``lease.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from _shared.contracts.release import SourceState


@dataclass(frozen=True)
class Publication:
    """What one run published: where each table lies and how many rows it has. It never changes.

    Parameters
    ----------
    version
        Release date, ``YYYY-MM-DD``.
    sources
        State of each source by name; a source that the release lacks is not among them.
    fingerprint
        Of the code and configuration that made it.
    locations, row_counts
        By silver table; a table that the release lacks is not among them.
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
    """The publication that readers see whatever is published after it, until the pin is taken away.

    Parameters
    ----------
    run_id
        Key into ``publications``.
    by, at, why
        Who pinned it, when (ISO 8601 UTC), and for what reason.
    """

    run_id: str
    by: str
    at: str
    why: str


@dataclass(frozen=True)
class Manifest:
    """Everything that was ever published of a dataset, replaced by compare-and-swap on the object's ETag.

    Parameters
    ----------
    current
        Key into ``publications``: what readers of the current tables see. It follows from the other fields, by
        :func:`_shared.contracts.publications.current`, and is written for people who read the document.
    publications
        Run id to publication. Publications are added and never replaced.
    pin
        ``None`` where the newest release is the current one.
    """

    dataset: str
    current: str
    publications: dict[str, Publication] = field(default_factory=dict)
    pin: Pin | None = None

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Read a manifest of the time when it had one publication for each release date, or one source."""
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
    """Who may run. ``owner`` is an execution ARN; times are ISO 8601 UTC."""

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

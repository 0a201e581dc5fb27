"""The state of a dataset: ``manifests/<dataset>/manifest.json`` and ``lease.json``."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from _shared.contracts.release import SourceState


@dataclass(frozen=True)
class PublishedVersion:
    """One version as published: where each table lies and how many rows it has.

    Parameters
    ----------
    sources
        State of each source by name; a source that the release lacks is not among them.
    """

    version: str
    run_id: str
    published_at: str
    sources: dict[str, SourceState]
    fingerprint: str
    locations: dict[str, str] = field(default_factory=dict)
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Manifest:
    """Current state, replaced by compare-and-swap on the object's ETag.

    Parameters
    ----------
    current
        Key into ``versions``: what readers of the current tables see.
    versions
        Release date to the published version. A re-run replaces its entry.
    """

    dataset: str
    current: str
    versions: dict[str, PublishedVersion] = field(default_factory=dict)

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Read a manifest of the time when a dataset had one source, whose name is now the dataset's."""
        versions = document.get("versions")
        if not isinstance(versions, dict):
            return document
        upgraded = {name: _with_sources(entry, document.get("dataset")) for name, entry in versions.items()}
        return {**document, "versions": upgraded}


@dataclass(frozen=True)
class Lease:
    """Who may run. ``owner`` is an execution ARN; times are ISO 8601 UTC."""

    dataset: str
    owner: str
    acquired_at: str
    expires_at: str


def _with_sources(entry: Any, dataset: object) -> Any:  # noqa: ANN401 - parsed JSON, which the codec checks
    if not isinstance(entry, dict) or "source" not in entry:
        return entry
    rest = {key: value for key, value in entry.items() if key != "source"}
    return {**rest, "sources": {dataset: entry["source"]}}

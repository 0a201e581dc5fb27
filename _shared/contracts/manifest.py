"""The state of a dataset: ``manifests/<dataset>/manifest.json`` and ``lease.json``."""

from __future__ import annotations

from dataclasses import dataclass, field

from _shared.contracts.release import SourceState


@dataclass(frozen=True)
class PublishedVersion:
    """One version as published: where each table lies and how many rows it has."""

    version: str
    run_id: str
    published_at: str
    source: SourceState
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


@dataclass(frozen=True)
class Lease:
    """Who may run. ``owner`` is an execution ARN; times are ISO 8601 UTC."""

    dataset: str
    owner: str
    acquired_at: str
    expires_at: str

"""What one run fetched: ``raw/<dataset>/run_id=<run_id>/_metadata.json``.

Written by FetchAndHash, read by the Bronze and Silver jobs and by UpdateManifest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

FETCHED = "fetched"
UNCHANGED = "unchanged"
ABSENT = "absent"


@dataclass(frozen=True)
class SourceState:
    """The source as it was fetched; also what the next conditional request is made of.

    Parameters
    ----------
    url
        Address that was requested.
    sha256
        SHA-256 of the bytes, lower-case hex.
    bytes
        Length of the body.
    etag, last_modified
        Validators as the server sent them; ``None`` where it sent none, or none that can be sent back.
    """

    url: str
    sha256: str
    bytes: int
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True)
class RawMember:
    """One unpacked file.

    Parameters
    ----------
    table
        The member's table, from the dataset's configuration.
    name
        Name inside the archive.
    key
        S3 key of the unpacked bytes.
    bytes, sha256
        Length and SHA-256 of the unpacked bytes.
    encoding
        First accepted encoding that decodes every byte.
    has_byte_order_mark
        Whether the file starts with a UTF-8 byte-order mark.
    """

    table: str
    name: str
    key: str
    bytes: int
    sha256: str
    encoding: str
    has_byte_order_mark: bool = False


@dataclass(frozen=True)
class PreviousVersion:
    """The version that readers see now: what row counts are compared with."""

    version: str
    run_id: str
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchedSource:
    """One source of a release.

    Parameters
    ----------
    name
        Name in the dataset's configuration.
    outcome
        ``fetched``; ``unchanged``: not fetched again, its files are those of an earlier run; or ``absent``: the
        server has no such file, and the dataset can do without.
    state
        The source as fetched, by whichever run that was; ``None`` where it is absent.
    key
        S3 key of the original bytes; ``None`` where it is absent.
    members
        The unpacked files.
    absent_tables
        Tables that this release lacks: those of optional members that the archive does not have, or all
        where the source is absent.
    released
        Release date of this source, ``YYYY-MM-DD``; ``None`` where nothing tells it.
    fetched_by
        Run that fetched it; ``None`` where it is absent.
    """

    name: str
    outcome: str
    state: SourceState | None = None
    key: str | None = None
    members: tuple[RawMember, ...] = ()
    absent_tables: tuple[str, ...] = ()
    released: str | None = None
    fetched_by: str | None = None


@dataclass(frozen=True)
class Release:
    """A fetched release.

    Parameters
    ----------
    dataset, run_id
        Whose run this is.
    version
        Release date, ``YYYY-MM-DD``: the latest of the required sources' own.
    started_at
        Start of the execution, ISO 8601 UTC.
    sources
        Every configured source, in that order.
    previous
        The published version before this run, ``None`` on the first.
    """

    dataset: str
    run_id: str
    version: str
    started_at: str
    sources: tuple[FetchedSource, ...]
    previous: PreviousVersion | None = None

    @property
    def members(self) -> tuple[RawMember, ...]:
        """Every unpacked file."""
        return tuple(member for source in self.sources for member in source.members)

    @property
    def states(self) -> dict[str, SourceState]:
        """The state of each source that is there, by name."""
        return {source.name: source.state for source in self.sources if source.state is not None}

    @property
    def absent_tables(self) -> tuple[str, ...]:
        """Member tables that this release lacks."""
        return tuple(table for source in self.sources for table in source.absent_tables)

    def source_of(self, table: str) -> SourceState:
        """Return the state of the source that a member table came from.

        Raises
        ------
        KeyError
            The release lacks the table.
        """
        for source in self.sources:
            if source.state is not None and any(member.table == table for member in source.members):
                return source.state
        raise KeyError(table)

    @staticmethod
    def upgrade(document: dict[str, Any]) -> dict[str, Any]:
        """Read a document of the time when a dataset had one source."""
        if "source" not in document:
            return document
        rest = {key: value for key, value in document.items() if key not in {"source", "source_key", "members"}}
        source = {
            "name": document.get("dataset"),
            "outcome": FETCHED,
            "state": document["source"],
            "key": document.get("source_key"),
            "members": document.get("members", []),
            "fetched_by": document.get("run_id"),
        }
        return {**rest, "sources": [source]}

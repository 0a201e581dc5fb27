"""What one run fetched: ``raw/<dataset>/run_id=<run_id>/_metadata.json``.

Written by FetchAndHash, read by the Bronze and Silver jobs and by UpdateManifest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

FETCHED = "fetched"
UNCHANGED = "unchanged"
ABSENT = "absent"


@dataclass(frozen=True)
class SourceState:
    """The source as it was fetched; also what it is asked about the next time.

    Parameters
    ----------
    url
        Address that was requested.
    sha256
        SHA-256 of the bytes, lower-case hex; ``None`` where they have not been fetched.
    bytes
        Their length.
    etag, last_modified
        Validators as the server sent them; ``None`` where it sent none, or none that can be sent back.
    watermark
        How far a source has come that is read page by page, in its own words; ``None`` for any other.
    """

    url: str
    sha256: str | None = None
    bytes: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    watermark: str | None = None


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
        Accepted encoding that decodes the most lines; of equal ones the first.
    has_byte_order_mark
        Whether the file starts with a UTF-8 byte-order mark.
    undecodable_lines
        Lines that have bytes which the encoding does not know.
    verified
        Whether the source's server declared the length of what came and the archive has a checksum, and both agree
        with the bytes: a file that ends in the middle of a line was then written so.
    """

    table: str
    name: str
    key: str
    bytes: int
    sha256: str
    encoding: str
    has_byte_order_mark: bool = False
    undecodable_lines: int = 0
    verified: bool = False


@dataclass(frozen=True)
class PreviousVersion:
    """The publication that precedes a release in release order: what row counts are compared with."""

    version: str
    run_id: str
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchedSource:
    """One source in one run: without files where it was only probed, with them once it was fetched.

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

    @property
    def without_files(self) -> FetchedSource:
        """What became of the source, for a record."""
        return replace(self, members=())

    def with_files(self, files: Sequence[RawMember], tables: Sequence[str], released: str | None) -> FetchedSource:
        """Add its files; of the tables that it may have, those without a file are absent."""
        there = {file.table for file in files}
        absent = tuple(table for table in tables if table not in there)
        return replace(self, members=tuple(files), absent_tables=absent, released=released)

    def unchanged(self, released: str | None) -> FetchedSource:
        """Return what an earlier run fetched, as a later one has it."""
        return replace(self, outcome=UNCHANGED, released=released)


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
        The publication before it in release order: of an earlier date, or of the same date by an earlier run.
        ``None`` where there is none, as for a release that is older than all that are published.
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

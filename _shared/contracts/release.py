"""Release document, which lists the fetched files of a run: ``raw/<dataset>/run_id=<run_id>/_metadata.json``.

FetchAndHash writes it; the Bronze and Silver jobs and UpdateManifest read it.
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
    """State of a fetched source; the next run compares the source with it.

    Parameters
    ----------
    url
        Requested URL.
    sha256
        SHA-256 of the content, lower-case hex; ``None`` if the content was not fetched.
    bytes
        Length of the content.
    etag, last_modified
        Validators sent by the server; ``None`` if it sent no usable one.
    watermark
        Position reached in a source that is read page by page; ``None`` for other sources.
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
        Table name of the member in the dataset's configuration.
    name
        Name inside the archive.
    key
        S3 key of the unpacked bytes.
    bytes, sha256
        Length and SHA-256 of the unpacked file.
    encoding
        The accepted encoding that decodes the most lines; on a tie, the first of the list.
    has_byte_order_mark
        Whether the file starts with a UTF-8 byte-order mark.
    undecodable_lines
        Number of lines with bytes that are invalid in the encoding.
    verified
        Whether the file is verified to be complete: its length matches the one the server declared, and its checksum
        the one in the archive. A partial last line then is not a sign of truncation.
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
    """The previous publication in release order. The tables are compared with it."""

    version: str
    run_id: str
    row_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FetchedSource:
    """One source in one run. The files are empty until the source is fetched.

    Parameters
    ----------
    name
        Name in the dataset's configuration.
    outcome
        ``fetched``; ``unchanged``: not fetched again, the files of an earlier run are used; or ``absent``: the
        server has no such file, and the source is optional.
    state
        State of the source when this run or an earlier one fetched it; ``None`` if absent.
    key
        S3 key of the original file; ``None`` if absent.
    members
        The unpacked files.
    absent_tables
        Tables that this release lacks: tables of missing optional members, or all tables if the source is absent.
    released
        Release date of this source, ``YYYY-MM-DD``; ``None`` if unknown.
    fetched_by
        Run that fetched the source; ``None`` if absent.
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
        """The source without its files, for the run record."""
        return replace(self, members=())

    def with_files(self, files: Sequence[RawMember], tables: Sequence[str], released: str | None) -> FetchedSource:
        """Add the files. Tables of the source that have no file are absent."""
        present = {file.table for file in files}
        absent = tuple(table for table in tables if table not in present)
        return replace(self, members=tuple(files), absent_tables=absent, released=released)

    def unchanged(self, released: str | None) -> FetchedSource:
        """Return the source of an earlier run with the outcome ``unchanged``."""
        return replace(self, outcome=UNCHANGED, released=released)


@dataclass(frozen=True)
class Release:
    """A fetched release.

    Parameters
    ----------
    dataset, run_id
        Dataset and run that fetched the release.
    version
        Release date, ``YYYY-MM-DD``: the latest date of the required sources.
    started_at
        Start of the execution, ISO 8601 UTC.
    sources
        All configured sources, in the order of the configuration.
    previous
        The previous publication in release order: an earlier release date, or the same date by an earlier run.
        ``None`` if there is none.
    earlier_runs
        Runs that published the last versions before this one, newest first. Their profiles show what is usual.
    """

    dataset: str
    run_id: str
    version: str
    started_at: str
    sources: tuple[FetchedSource, ...]
    previous: PreviousVersion | None = None
    earlier_runs: tuple[str, ...] = ()

    @property
    def members(self) -> tuple[RawMember, ...]:
        """All unpacked files."""
        return tuple(member for source in self.sources for member in source.members)

    @property
    def states(self) -> dict[str, SourceState]:
        """State of each source by name, without absent sources."""
        return {source.name: source.state for source in self.sources if source.state is not None}

    @property
    def absent_tables(self) -> tuple[str, ...]:
        """Tables that this release lacks."""
        return tuple(table for source in self.sources for table in source.absent_tables)

    def source_of(self, table: str) -> SourceState:
        """Return the state of the source that contains a table.

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
        """Convert the earlier format with one source per dataset."""
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

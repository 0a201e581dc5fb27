"""What one run fetched: ``raw/<dataset>/run_id=<run_id>/_metadata.json``.

Written by FetchAndHash, read by the Bronze and Silver jobs and by UpdateManifest.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
        Validators as the server sent them, or ``None``.
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
class Release:
    """A fetched release.

    Parameters
    ----------
    dataset, run_id
        Whose run this is.
    version
        Release date, ``YYYY-MM-DD``.
    started_at
        Start of the execution, ISO 8601 UTC.
    source
        The source as fetched.
    source_key
        S3 key of the original bytes.
    members
        The unpacked files.
    previous
        The published version before this run, ``None`` on the first.
    """

    dataset: str
    run_id: str
    version: str
    started_at: str
    source: SourceState
    source_key: str
    members: tuple[RawMember, ...]
    previous: PreviousVersion | None = None

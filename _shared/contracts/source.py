"""Configuration of a dataset's sources: files to fetch, and how to read them into bronze tables."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Literal

from _shared.contracts.authored import Authored

DELIMITED = "delimited"
"""File format: text with one record per line and fields separated by one character."""


HTTP_FILE = "http_file"
"""Source kind: one file on a web server."""

ZIP, GZIP, PLAIN = "zip", "gzip", "plain"
"""Packings of a source file."""


MASK, HASH, DROP = "mask", "hash", "drop"
"""What is done to personal data."""


@dataclass(frozen=True)
class SourceColumn(Authored):
    """One column of a delimited file.

    Parameters
    ----------
    name
        Column name in bronze, snake_case.
    header
        Header text in the source file. If the file has no header line: the name in the source's documentation.
    aliases
        Other header texts that the source has used for this column.
    optional
        Whether a file may lack the column. Bronze then contains nulls.
    personal
        For a column with personal data: ``mask``, ``hash`` or ``drop``, before anything is written
        (:mod:`_shared.glue_lib.bronze.personal`). The raw file keeps the values.
    """

    name: str
    header: str = ""
    aliases: tuple[str, ...] = ()
    optional: bool = False
    personal: Literal["mask", "hash", "drop"] | None = None


@dataclass(frozen=True)
class ParseContract(Authored):
    """How to read a file into rows of text.

    Parameters
    ----------
    delimiter
        Field separator, one character.
    quote
        Quote character, doubled inside a quoted field. Empty if quotes are ordinary characters.
    encodings
        Accepted encodings, in order of preference.
    header
        Whether the first line names the columns. If not, the file has the declared columns in the declared order.
    trailing_delimiter
        Whether every line ends with a delimiter after its last field, as in NLM's RRF files.
    format
        File format. Only ``delimited`` is implemented; the other keys belong to it.
    """

    delimiter: str = ","
    quote: str = '"'
    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    header: bool = True
    trailing_delimiter: bool = False
    format: str = DELIMITED

    def header_names(self, line: str) -> tuple[str, ...]:
        """Split a header line into column names and trim them."""
        if self.quote:
            rows = csv.reader(io.StringIO(line), delimiter=self.delimiter, quotechar=self.quote)
        else:
            rows = csv.reader(io.StringIO(line), delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return tuple(name.strip() for row in rows for name in row)


@dataclass(frozen=True)
class Member(Authored):
    """One file inside the source archive, and the bronze table that it is loaded into.

    Parameters
    ----------
    table
        Table name within the dataset; the bronze table is ``bronze_<table>``.
    pattern
        Shell pattern for the full path in the archive. Exactly one file must match; at least one if ``many``.
        ``rrf/RXNCONSO.RRF`` does not match ``prescribe/rrf/RXNCONSO.RRF``. ``*`` also matches slashes.
    columns
        All columns of the file. A missing or unknown column fails the run (schema drift).
    parse
        How the file is read.
    optional
        Whether the archive may lack the file or contain it without rows. The table is then absent from the release.
    many
        Whether several files may match. All have the declared columns; their rows are loaded into one table.
    """

    table: str
    pattern: str
    columns: tuple[SourceColumn, ...]
    parse: ParseContract = field(default_factory=ParseContract)
    optional: bool = False
    many: bool = False


@dataclass(frozen=True)
class ReleaseDate(Authored):
    """How to extract a source's release date from its URL or from a file name in its archive.

    Parameters
    ----------
    pattern
        Regular expression with one group that captures the date.
    format
        Format of the date for :meth:`datetime.datetime.strptime`, such as ``%m%d%Y``.
    """

    pattern: str
    format: str


@dataclass(frozen=True)
class Source(Authored):
    """One file to fetch. Each source is probed, and skipped if unchanged, independently of the others.

    Parameters
    ----------
    name
        Name within the dataset. A dataset with a single source may use the dataset's name.
    url
        URL of the file.
    members
        The files inside the source file.
    kind
        Kind of source. Only ``http_file`` is implemented; the other keys belong to it.
    packing
        ``zip``; ``gzip``, which contains one file, named without ``.gz``; or ``plain``, not packed.
    optional
        Whether a release may lack the source. If the server reports that the file does not exist, the source's
        tables are absent from the release.
    release_date
        How to extract the release date; ``None`` to use ``Last-Modified`` only.
    licensed_url
        URL to use instead of ``url`` if the environment names a secret for the dataset. ``{key}`` stands for the
        secret's value. Records and messages show the URL with ``{key}``, never the value.
    max_megabytes
        Maximum size of the file, in units of 1,000,000 bytes.
    max_seconds
        Maximum duration of the download, including retries.
    """

    name: str
    url: str
    members: tuple[Member, ...]
    optional: bool = False
    release_date: ReleaseDate | None = None
    licensed_url: str | None = None
    max_megabytes: int = 1_000
    max_seconds: int = 600
    kind: str = HTTP_FILE
    packing: str = ZIP

    @property
    def tables(self) -> tuple[str, ...]:
        """Table names of the members."""
        return tuple(member.table for member in self.members)

"""Columns: those a file must have, and those that tell a row's origin."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F

from _shared.contracts.dataset import Member, ParseContract, SourceColumn
from _shared.contracts.messages import listed, shown
from _shared.contracts.release import RawMember, Release
from _shared.glue_lib.errors import EmptyMemberError, SchemaDriftError

ROW_POSITION = "meta_row_position"
"""Place of a row in its file: unique in it, and in its order."""
SOURCE_TABLE = "meta_source_table"
"""Member table that a row came from."""
HEADER_BYTES = 64 * 1024
"""How much of a file is read to find its header."""

_BYTE_ORDER_MARK = "\ufeff"
_UTF8_MARK = _BYTE_ORDER_MARK.encode()


def parse_header(head: bytes, parse: ParseContract, encoding: str, where: str) -> tuple[str, ...]:
    """Header texts of a file, trimmed, without a byte-order mark; none where the contract has no header.

    Parameters
    ----------
    head
        Start of the file.
    where
        Dataset and file, for the error message.

    Raises
    ------
    EmptyMemberError
        The file has no text.
    SchemaDriftError
        Its first line is no header: it is blank, has NUL bytes, ends with a carriage return only, or does not
        end within the bytes that were read.
    """
    line, newline, _ = head.partition(b"\n")
    if not head.removeprefix(_UTF8_MARK).strip():
        what = f"{where} is empty"
        raise EmptyMemberError(what, "look at the source: a release without rows is not published")
    if not newline and len(head) >= HEADER_BYTES:
        what = f"{where} has no line feed in its first {HEADER_BYTES} bytes"
        raise SchemaDriftError(what, "look at the source: the file is not delimited text, or its lines end otherwise")
    text = line.decode(encoding, errors="replace").removeprefix(_BYTE_ORDER_MARK).rstrip("\r")
    if not text.strip() and parse.header:
        what = f"{where} begins with a blank line, where its header is expected"
        raise SchemaDriftError(what, "look at the source: lines before the header would be read as rows")
    if "\0" in text:
        what = f"{where} has NUL bytes in its first line: it is UTF-16, or no text at all"
        raise SchemaDriftError(what, "convert it to UTF-8 before it is fetched, or ask the publisher")
    if "\r" in text:
        what = f"{where} has a carriage return within its first line: its lines do not end with line feeds"
        raise SchemaDriftError(what, "convert its line ends before it is fetched, or ask the publisher")
    return _fields(text, parse) if parse.header else ()


def _fields(text: str, parse: ParseContract) -> tuple[str, ...]:
    if parse.quote:
        rows = csv.reader(io.StringIO(text), delimiter=parse.delimiter, quotechar=parse.quote)
    else:
        rows = csv.reader(io.StringIO(text), delimiter=parse.delimiter, quoting=csv.QUOTE_NONE)
    return tuple(name.strip() for row in rows for name in row)


def columns_in_file_order(header: Sequence[str], member: Member, dataset: str, file: str) -> tuple[str, ...]:
    """Match a header to the declared columns by name or alias, in whatever order the file has them.

    Parameters
    ----------
    file
        Name of the file, for the error message.

    Returns
    -------
    tuple[str, ...]
        Names of the declared columns, in the order of the file, which may lack optional ones.

    Raises
    ------
    SchemaDriftError
        A column is unknown, there twice, or missing and not optional. The message names each, by position.
    """
    by_text = {text: column for column in member.columns for text in (column.header, *column.aliases)}
    found = [by_text.get(text) for text in header]
    names = Counter(column.name for column in found if column)
    missing = [column for column in member.columns if not names[column.name]]
    mistakes = [
        _unknown(position, text, _expected(position, member, missing))
        for position, (text, column) in enumerate(zip(header, found, strict=True), 1)
        if column is None
    ]
    told = {column.name for position, column in _replaced(found, member, missing)}
    lacking = [column for column in missing if column.name not in told and not column.optional]
    mistakes += [f"there is no column {_spelt(column)}" for column in lacking]
    mistakes += [f"column {_spelt(column)} is there twice" for column in member.columns if names[column.name] > 1]
    if mistakes:
        remedy = (
            f"change members in domains/{dataset}/config/dataset.json: an alias where the source renamed a column, "
            "columns where it added or dropped one"
        )
        what = f"{dataset}: {file}: {listed(mistakes, separator='; ')}"
        raise SchemaDriftError(what, remedy)
    return tuple(column.name for column in found if column)


def _replaced(
    found: Sequence[SourceColumn | None], member: Member, missing: Sequence[SourceColumn]
) -> list[tuple[int, SourceColumn]]:
    """Missing columns whose place is taken by an unknown one: most likely the same column, renamed."""
    unknown = [position for position, column in enumerate(found, 1) if column is None]
    return [(position, column) for position in unknown if (column := _expected(position, member, missing))]


def _expected(position: int, member: Member, missing: Sequence[SourceColumn]) -> SourceColumn | None:
    declared = member.columns[position - 1] if position <= len(member.columns) else None
    return declared if declared in missing else None


def _unknown(position: int, text: str, expected: SourceColumn | None) -> str:
    if expected is None:
        return f"column {position} is {shown(text)}, which is not declared"
    return f"column {position} is {shown(text)}, expected {_spelt(expected)}"


def _spelt(column: SourceColumn) -> str:
    aliases = f" or one of its aliases {list(column.aliases)}" if column.aliases else " (it has no aliases)"
    return f"{column.header!r}{aliases}"


def lineage(release: Release, files: Sequence[RawMember]) -> dict[str, Column]:
    """Columns that are the same on every row of a file: where and when it came from.

    Parameters
    ----------
    files
        The file; where there are several, rows tell theirs by ``meta_source_table``.
    """
    names = {raw.table: raw.name for raw in files}
    digests = {raw.table: release.source_of(raw.table).sha256 for raw in files}
    return {
        "meta_run_id": F.lit(release.run_id),
        "meta_version": F.lit(release.version),
        "meta_source_file": _by_table(names),
        "meta_source_sha256": _by_table(digests),
        "meta_ingested_at": F.lit(release.started_at).cast("timestamp"),
    }


def _by_table(values: dict[str, str]) -> Column:
    (_, first), *others = values.items()
    value = F.lit(first)
    for table, other in others:
        value = F.when(F.col(SOURCE_TABLE) == table, other).otherwise(value)
    return value

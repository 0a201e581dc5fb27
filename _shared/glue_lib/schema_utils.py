"""Compare the header of a file with the declared columns (schema drift)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from _shared.contracts.errors import EmptyMemberError, SchemaDriftError
from _shared.contracts.messages import listed, shown
from _shared.contracts.source import Member, ParseContract, SourceColumn

HEADER_BYTES = 64 * 1024
"""Number of bytes read from the start of a file to find its header."""

_BYTE_ORDER_MARK = "\ufeff"
_UTF8_MARK = _BYTE_ORDER_MARK.encode()


def parse_header(head: bytes, parse: ParseContract, encoding: str, where: str) -> tuple[str, ...]:
    """Header texts of a file, trimmed, without byte-order mark; empty if the contract declares no header.

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
        The first line is not a header: it is blank, has NUL bytes or a carriage return inside, or is longer than
        the bytes read.
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
    return parse.header_names(text) if parse.header else ()


def columns_in_file_order(header: Sequence[str], member: Member, dataset: str, file: str) -> tuple[str, ...]:
    """Match a header with the declared columns by name or alias, in any order.

    Parameters
    ----------
    file
        Name of the file, for the error message.

    Returns
    -------
    tuple[str, ...]
        Names of the declared columns in file order, without missing optional ones.

    Raises
    ------
    SchemaDriftError
        A column is unknown, duplicate, or missing and not optional. The message lists each of them.
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
    renamed = {column.name for position, column in _replaced(found, member, missing)}
    lacking = [column for column in missing if column.name not in renamed and not column.optional]
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
    """Missing columns with an unknown column at their position: probably renamed columns."""
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

"""Detect the format of a delimited file from its first bytes."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lake.errors import UserMistakeError

ENCODINGS = ("utf-8", "cp1252")
"""Encodings to try, in the platform's order."""
DELIMITERS = (",", "\t", ";", "|")
QUOTE = '"'
MOST_RECORDS = 1000
"""Number of records that are examined, and the maximum in a sample."""

_LEAST_SHARE = 0.5
"""A file counts as delimited text if at least this share of its records has as many fields as the first."""
_HTML = (b"<!doctype", b"<html", b"<?xml")


@dataclass(frozen=True)
class Shape:
    """Format and first records of a file.

    Parameters
    ----------
    encoding, delimiter, quote, header, trailing_delimiter
        As in :class:`~_shared.contracts.source.ParseContract`.
    headers
        Fields of the first line, or ``Column 1`` and so on if the file has no header.
    lines
        Header and first records as in the file, with line ends.
    records
        Number of records in ``lines``.
    """

    encoding: str
    delimiter: str
    quote: str
    header: bool
    trailing_delimiter: bool
    headers: tuple[str, ...]
    lines: bytes
    records: int


def shape_of(head: bytes, name: str, *, whole: bool, header: bool = True) -> Shape:
    """Detect encoding, delimiter, quoting and header of a file.

    Parameters
    ----------
    head
        First bytes of the file.
    name
        Name of the file in error messages.
    whole
        Whether ``head`` is the whole file. Otherwise its last line may be incomplete.
    header
        Whether the first line names the columns.

    Raises
    ------
    UserMistakeError
        The file is not delimited text, or its first line is not a header.
    """
    _check_text(head, name)
    encoding = _encoding(head, name, whole=whole)
    text = codecs.getincrementaldecoder(encoding)().decode(head, final=whole).removeprefix("\ufeff")
    lines = [f"{line}\n" for line in text.split("\n")[: None if whole else -1] if line.rstrip("\r")]
    delimiter, quote, found = _best(lines)
    width = len(found[0][0]) if found else 0
    same = [(fields, raw) for fields, raw in found if len(fields) == width]
    if not same or len(same) < len(found) * _LEAST_SHARE:
        msg = f"{name}: no delimiter gives its lines the same number of fields"
        raise UserMistakeError(msg, "give a file whose columns are separated by commas, tabs, semicolons or bars")
    trailing = width > 1 and all(not fields[-1] for fields, _ in same)
    first = same[0][0][: width - trailing]
    headers = tuple(text.strip() for text in first) if header else tuple(f"Column {n + 1}" for n in range(len(first)))
    _check_header(headers, name)
    records = len(same) - header
    if not records:
        msg = f"{name} has no rows"
        raise UserMistakeError(msg, "give a file that has some")
    kept = "".join(line for _, raw in same for line in raw).encode(encoding)
    return Shape(encoding, delimiter, quote, header, trailing, headers, kept, records)


def _check_text(head: bytes, name: str) -> None:
    if not head.strip():
        msg = f"{name} is empty"
        raise UserMistakeError(msg, "give a file that has rows")
    if b"\0" in head:
        msg = f"{name} has NUL bytes: it is UTF-16, or no text at all"
        raise UserMistakeError(msg, "give delimited text in UTF-8 or Windows-1252")
    if head.lstrip()[:9].lower().startswith(_HTML):
        msg = f"{name} is a page or an XML document, not delimited text"
        raise UserMistakeError(msg, "give the address of the file itself")


def _encoding(head: bytes, name: str, *, whole: bool) -> str:
    for encoding in ENCODINGS:
        try:
            codecs.getincrementaldecoder(encoding)().decode(head, final=whole)
        except UnicodeDecodeError:
            continue
        return encoding
    msg = f"{name} is in none of the encodings {', '.join(ENCODINGS)}"
    raise UserMistakeError(msg, "convert it, or write the folder by hand and list its encoding")


def _best(lines: Sequence[str]) -> tuple[str, str, list[tuple[list[str], list[str]]]]:
    """Return the delimiter and quote with which most records are as wide as the first, and those records."""
    best: tuple[tuple[float, int], str, str, list[tuple[list[str], list[str]]]] | None = None
    for delimiter in DELIMITERS:
        for quote in (QUOTE, ""):
            if quote and not _is_quoted(lines, delimiter):
                continue
            found = list(_records(lines, delimiter, quote))
            width = len(found[0][0]) if found else 0
            share = sum(len(fields) == width for fields, _ in found) / len(found) if found else 0.0
            score = (share if width > 1 else 0.0, width)
            if best is None or score > best[0]:
                best = (score, delimiter, quote, found)
    if best is None or best[0][0] == 0:
        # One column: any delimiter that does not occur in the lines.
        return DELIMITERS[0], QUOTE, list(_records(lines, DELIMITERS[0], QUOTE))
    return best[1], best[2], best[3]


def _is_quoted(lines: Sequence[str], delimiter: str) -> bool:
    """Return whether fields may be quoted: always for comma-separated files, otherwise if a field is quoted."""
    return delimiter == "," or any(
        field.startswith(QUOTE) and field.endswith(QUOTE) and len(field) > 1
        for line in lines[:MOST_RECORDS]
        for field in line.rstrip("\r\n").split(delimiter)
    )


def _records(lines: Sequence[str], delimiter: str, quote: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the fields of each record with its lines."""
    taken = 0

    def feed() -> Iterator[str]:
        nonlocal taken
        for line in lines:
            taken += 1
            yield line

    start = 0
    if quote:
        reader = csv.reader(feed(), delimiter=delimiter, quotechar=quote)
    else:
        reader = csv.reader(feed(), delimiter=delimiter, quoting=csv.QUOTE_NONE)
    try:
        for number, fields in enumerate(reader):
            if number > MOST_RECORDS:
                return
            yield fields, list(lines[start:taken])
            start = taken
    except csv.Error:  # an unclosed quote makes a field longer than the csv module's limit
        return


def _check_header(headers: Sequence[str], name: str) -> None:
    for position, text in enumerate(headers, 1):
        what = None
        if not text:
            what = "is empty"
        elif headers.index(text) < position - 1:
            what = f"is {text!r}, as another is"
        elif text.replace(".", "", 1).replace("-", "", 1).isdigit():
            what = f"is {text!r}, a number"
        if what:
            msg = f"{name}: its first line is no header: column {position} {what}"
            raise UserMistakeError(msg, "give --no-header where the file has none; else give it a name for each column")

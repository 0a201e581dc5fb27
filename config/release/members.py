"""Validation rules for the files (members) of a dataset and their parse contracts."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from _shared.contracts.lineage import PREFIX
from _shared.contracts.source import DELIMITED, Member, ParseContract
from config.errors import mismatch

IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
"""Names that need no quotes in Glue, Athena and Spark."""

IDENTIFIER_WORDS = "lower-case letters, digits and underscores, a letter first"
RESERVED = frozenset({"quarantine_reason", "run"})
"""Columns that the jobs add to bronze and quarantine, besides the lineage columns."""

FORMATS = (DELIMITED,)
"""Formats for which bronze has a reader. Fixed columns, JSON documents and JSON lines are not implemented."""

ENCODINGS = (
    "utf-8",
    "ascii",
    *(f"cp{number}" for number in range(1250, 1259)),
    *(f"iso8859-{part}" for part in (1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15)),
)
"""Encodings that Python and Java both support, and that contain ASCII, so that line feeds are found in the bytes."""


def member_mistakes(place: str, members: tuple[Member, ...]) -> Iterator[str]:
    """Yield one line for each mistake: key, expected value, value found.

    Parameters
    ----------
    place
        Key of the members in the document.
    """
    if not members:
        yield mismatch(place, [], "at least one member")
    for index, member in enumerate(members):
        key = f"{place}.{index}"
        if not IDENTIFIER.fullmatch(member.table):
            yield mismatch(f"{key}.table", member.table, IDENTIFIER_WORDS)
        if not member.pattern.strip():
            yield mismatch(f"{key}.pattern", member.pattern, "a shell pattern such as *.csv")
        yield from _column_mistakes(f"{key}.columns", member)
        yield from _parse_mistakes(f"{key}.parse", member.parse)


def repeated(key: str, part: str, values: Iterable[str]) -> Iterator[str]:
    """Yield a line for each value that occurs more than once."""
    for value, times in Counter(values).items():
        if times > 1:
            yield mismatch(f"{key}.{part}", value, f"each {part} once")


def _column_mistakes(key: str, member: Member) -> Iterator[str]:
    if not member.columns:
        yield mismatch(key, [], "at least one column")
    yield from repeated(key, "name", (column.name for column in member.columns))
    named = member.columns if member.parse.header else ()
    texts = [text for column in named for text in (column.header, *column.aliases)]
    yield from repeated(key, "header", texts)
    for column in member.columns if not member.parse.header else ():
        if column.aliases or column.optional:
            expected = "neither aliases nor optional: columns without a header line are identified by their order"
            yield mismatch(f"{key}.name", column.name, expected)
    for text in texts:
        if not text or text != text.strip():
            yield mismatch(f"{key}.header", text, "a text without white space around it, as headers are compared")
    for column in member.columns:
        if not IDENTIFIER.fullmatch(column.name):
            yield mismatch(f"{key}.name", column.name, IDENTIFIER_WORDS)
        if column.name.startswith(PREFIX) or column.name in RESERVED:
            yield mismatch(f"{key}.name", column.name, "a name that the platform's own columns do not have")


def _parse_mistakes(key: str, parse: ParseContract) -> Iterator[str]:
    if parse.format not in FORMATS:
        yield mismatch(f"{key}.format", parse.format, f"a format that is built: {', '.join(FORMATS)}")
    if len(parse.delimiter) != 1 or parse.delimiter in "\r\n":
        yield mismatch(f"{key}.delimiter", parse.delimiter, "one character that ends no line")
    if len(parse.quote) > 1 or parse.quote in {"\r", "\n"}:
        yield mismatch(f"{key}.quote", parse.quote, "one character or none")
    if parse.quote == parse.delimiter:
        yield mismatch(f"{key}.quote", parse.quote, "another character than the delimiter")
    if not parse.encodings:
        yield mismatch(f"{key}.encodings", [], "at least one encoding")
    for encoding in parse.encodings:
        if not _is_readable(encoding):
            expected = "an encoding that writes ASCII as ASCII, such as utf-8, ascii, cp1252 or iso8859-1"
            yield mismatch(f"{key}.encodings", encoding, expected)


def _is_readable(encoding: str) -> bool:
    try:
        return codecs.lookup(encoding).name in ENCODINGS
    except (LookupError, ValueError):
        return False

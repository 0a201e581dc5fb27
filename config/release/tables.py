"""Validation rules for a published table."""

from __future__ import annotations

import re
from collections.abc import Iterator

from _shared.contracts.dataset import SilverTable
from _shared.contracts.lineage import LINEAGE, PREFIX
from config.errors import mismatch
from config.release.members import IDENTIFIER, IDENTIFIER_WORDS, repeated

PARTITION_KEY = "version"
"""Partition key of ``<table>_versions``. No column can have that name."""

LONGEST_COMMENT = 255
"""Longest column comment that the Glue catalog accepts, in characters."""

_COLUMN_TYPE = re.compile(
    r"string|array<string>|boolean|date|timestamp|tinyint|smallint|int|bigint|float|double|decimal\((\d{1,2}),(\d{1,2})\)"
)
_LARGEST_PRECISION = 38


def table_mistakes(table: SilverTable) -> Iterator[str]:
    """Yield one line for each mistake of a table without lineage columns: key, expected value, value found."""
    if not IDENTIFIER.fullmatch(table.name):
        yield mismatch("name", table.name, IDENTIFIER_WORDS)
    yield from _grain_mistakes(table)
    yield from _column_mistakes(table)


def _grain_mistakes(table: SilverTable) -> Iterator[str]:
    if not table.grain:
        yield mismatch("grain", [], "at least one column")
    yield from repeated("grain", "name", table.grain)
    yield from repeated("stable_key", "name", table.stable_key)
    for key, names in (("grain", table.grain), ("stable_key", table.stable_key)):
        for name in sorted(set(names) - {column.name for column in (*table.columns, *LINEAGE)}):
            yield mismatch(key, name, f"a column of {table.name}")


def _column_mistakes(table: SilverTable) -> Iterator[str]:
    if not table.columns:
        yield mismatch("columns", [], "at least one column")
    yield from repeated("columns", "name", (column.name for column in table.columns))
    for column in table.columns:
        if not IDENTIFIER.fullmatch(column.name):
            yield mismatch("columns.name", column.name, IDENTIFIER_WORDS)
        if column.name.startswith(PREFIX):
            expected = f"a name without {PREFIX} in front: the platform adds the columns of the lineage itself"
            yield mismatch("columns.name", column.name, expected)
        if column.name == PARTITION_KEY:
            yield mismatch("columns.name", column.name, "a name other than the partition key's")
        if not _is_type(column.type):
            yield mismatch(f"columns.{column.name}.type", column.type, "a Spark SQL type such as bigint")
        if len(column.comment) > LONGEST_COMMENT:
            expected = f"at most {LONGEST_COMMENT} characters, which the catalog takes"
            yield mismatch(f"columns.{column.name}.comment", column.comment, expected)


def _is_type(text: str) -> bool:
    match = _COLUMN_TYPE.fullmatch(text)
    if match is None or match[1] is None:
        return match is not None
    return 1 <= int(match[1]) <= _LARGEST_PRECISION and int(match[2]) <= int(match[1])

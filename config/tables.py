"""Rules of the tables that a dataset publishes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from _shared.contracts.dataset import SilverColumn, SilverTable
from config.errors import mismatch
from config.members import IDENTIFIER, IDENTIFIER_WORDS, repeated

ROW_POSITION = SilverColumn("meta_row_position", "bigint", "")
"""Tells which of two rows with one key comes first in the file."""

PARTITION_KEY = "version"
"""What ``<table>_versions`` is partitioned by: no column can have that name."""

_COLUMN_TYPE = re.compile(
    r"string|array<string>|boolean|date|timestamp|tinyint|smallint|int|bigint|float|double|decimal\((\d{1,2}),(\d{1,2})\)"
)
_LARGEST_PRECISION = 38


def table_mistakes(tables: tuple[SilverTable, ...]) -> Iterator[str]:
    """Yield one line for each mistake: key, expectation, value found."""
    if not tables:
        yield mismatch("silver_tables", [], "at least one table")
    yield from repeated("silver_tables", "name", (table.name for table in tables))
    for index, table in enumerate(tables):
        key = f"silver_tables.{index}"
        if not IDENTIFIER.fullmatch(table.name):
            yield mismatch(f"{key}.name", table.name, IDENTIFIER_WORDS)
        yield from _grain_mistakes(f"{key}.grain", table)
        yield from _column_mistakes(f"{key}.columns", table)


def _grain_mistakes(key: str, table: SilverTable) -> Iterator[str]:
    if not table.grain:
        yield mismatch(key, [], "at least one column")
    yield from repeated(key, "name", table.grain)
    for name in sorted(set(table.grain) - {column.name for column in table.columns}):
        yield mismatch(key, name, f"a column of {table.name}")


def _column_mistakes(key: str, table: SilverTable) -> Iterator[str]:
    yield from repeated(key, "name", (column.name for column in table.columns))
    for column in table.columns:
        if not IDENTIFIER.fullmatch(column.name):
            yield mismatch(f"{key}.name", column.name, IDENTIFIER_WORDS)
        if column.name == PARTITION_KEY:
            yield mismatch(f"{key}.name", column.name, "a name other than the partition key's")
        if not _is_type(column.type):
            yield mismatch(f"{key}.{column.name}.type", column.type, "a Spark SQL type such as bigint")
    if (ROW_POSITION.name, ROW_POSITION.type) not in {(column.name, column.type) for column in table.columns}:
        yield f"{key}: {ROW_POSITION.name} of type {ROW_POSITION.type} is missing: it tells rows with one key apart"


def _is_type(text: str) -> bool:
    match = _COLUMN_TYPE.fullmatch(text)
    if match is None or match[1] is None:
        return match is not None
    return 1 <= int(match[1]) <= _LARGEST_PRECISION and int(match[2]) <= int(match[1])

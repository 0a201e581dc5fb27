"""SHOW and DESCRIBE, answered from the catalog in Athena's shapes."""

from __future__ import annotations

import re
from collections.abc import Callable

from local_cloud.athena.catalog import CATALOG_NAME, Catalog, Column, Table, find_table
from local_cloud.athena.errors import ErrorName, NotSupportedError, QueryError
from local_cloud.athena.results import Result, ResultColumn

_NAME = r"""(?:[`"]?[\w$-]+[`"]?\.){0,2}[`"]?[\w$-]+[`"]?"""
_PATTERN = r"(?:\s+(?:LIKE\s+)?'(?P<pattern>[^']*)')?"
_END = r"\s*;?\s*$"
_WIDTH = 20


def answer_utility(sql: str, database: str, catalog: Catalog) -> Result | None:
    """Answer a SHOW or a DESCRIBE; None when the statement is neither.

    Raises
    ------
    QueryError
        For a table or database that does not exist, or a form that is not supported.
    """
    text = re.sub(r"--[^\n]*|/\*.*?\*/", " ", sql, flags=re.DOTALL).strip()
    if not re.match(r"(SHOW|DESCRIBE|DESC)\b", text, re.IGNORECASE):
        return None
    for pattern, answer in _STATEMENTS:
        found = pattern.match(text)
        if found:
            return answer(found, database, catalog)
    what = " ".join(text.split()[:2]).upper()
    raise NotSupportedError(what)


def _databases(found: re.Match[str], database: str, catalog: Catalog) -> Result:
    del database
    return _single("database_name", _like(catalog.databases(), found["pattern"]))


def _tables(found: re.Match[str], database: str, catalog: Catalog) -> Result:
    name = _parts(found["name"])[-1] if found["name"] else database
    names = catalog.tables(name.lower())
    if names is None:
        raise QueryError(ErrorName.SCHEMA_NOT_FOUND, f"line 1:1: Schema '{name.lower()}' does not exist")
    return _single("tab_name", _like(names, found["pattern"]))


def _partitions(found: re.Match[str], database: str, catalog: Catalog) -> Result:
    table = _table(found["name"], database, catalog)
    if not table.partition_keys:
        raise QueryError(ErrorName.INVALID_TABLE, f"Table {table.database}.{table.name} is not a partitioned table")
    keys = [key.name for key in table.partition_keys]
    rows = [
        "/".join(f"{key}={value}" for key, value in zip(keys, item.values, strict=True)) for item in table.partitions
    ]
    return _single("partition", sorted(rows))


def _columns(found: re.Match[str], database: str, catalog: Catalog) -> Result:
    name = found["name"] if found["database"] is None else f"{found['database']}.{found['name']}"
    table = _table(name, database, catalog)
    return _single("field", [column.name.ljust(_WIDTH) for column in table.all_columns])


def _describe(found: re.Match[str], database: str, catalog: Catalog) -> Result:
    """One text per line, its three parts padded and parted by tabs, as Athena's own API returns it."""
    table = _table(found["name"], database, catalog)
    lines = [_described(column) for column in table.all_columns]
    if table.partition_keys:
        heading = Column("# col_name", "data_type", "comment")
        lines += ["\t \t ", "# Partition Information\t \t ", _described(heading), "\t \t "]
        lines += [_described(key) for key in table.partition_keys]
    columns = tuple(ResultColumn(name, "string") for name in ("col_name", "data_type", "comment"))
    return Result(columns, tuple((line,) for line in lines))


def _described(column: Column) -> str:
    return "\t".join(text.ljust(_WIDTH) for text in (column.name, column.declared, column.comment))


def _single(column: str, rows: list[str]) -> Result:
    return Result((ResultColumn(column, "string"),), tuple((row,) for row in rows))


def _like(names: list[str], pattern: str | None) -> list[str]:
    if pattern is None:
        return names
    # Athena takes a regular expression here, in which * alone stands for anything.
    wanted = re.compile(re.sub(r"(?<!\.)\*", ".*", pattern).replace("%", ".*"), re.IGNORECASE)
    return [name for name in names if wanted.fullmatch(name)]


def _table(name: str, database: str, catalog: Catalog) -> Table:
    parts = _parts(name)
    if len(parts) == 3 and parts[0].lower() != CATALOG_NAME:  # noqa: PLR2004 - catalog.database.table
        raise QueryError(ErrorName.CATALOG_NOT_FOUND, f"line 1:1: Catalog '{parts[0].lower()}' does not exist")
    return find_table(catalog, parts[-2] if len(parts) > 1 else database, parts[-1], "line 1:1")


def _parts(name: str) -> list[str]:
    return [part.strip('`"') for part in name.split(".")]


_Answer = Callable[[re.Match[str], str, Catalog], Result]


def _statement(pattern: str, answer: _Answer) -> tuple[re.Pattern[str], _Answer]:
    return re.compile(pattern.replace(" ", r"\s+") + _END, re.IGNORECASE), answer


_STATEMENTS = (
    _statement(r"SHOW (?:DATABASES|SCHEMAS)" + _PATTERN, _databases),
    _statement(rf"SHOW TABLES(?:\s+(?:IN|FROM) (?P<name>{_NAME}))?" + _PATTERN, _tables),
    _statement(rf"SHOW PARTITIONS (?P<name>{_NAME})", _partitions),
    _statement(rf"SHOW COLUMNS (?:IN|FROM) (?P<name>{_NAME})(?:\s+(?:IN|FROM) (?P<database>{_NAME}))?", _columns),
    _statement(rf"(?:DESCRIBE|DESC)(?:\s+FORMATTED|\s+EXTENDED)? (?P<name>{_NAME})", _describe),
)

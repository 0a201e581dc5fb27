"""Column types as the Glue catalog writes them (Hive's), and what they are in Trino and in DuckDB."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_cloud.athena.errors import ErrorName, QueryError

_TRINO = {
    "string": "varchar",
    "varchar": "varchar",
    "char": "char",
    "tinyint": "tinyint",
    "smallint": "smallint",
    "int": "integer",
    "integer": "integer",
    "bigint": "bigint",
    "float": "real",
    "double": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
    "binary": "varbinary",
}
_DUCKDB = {"char": "VARCHAR", "varbinary": "BLOB"}
_TOKEN = re.compile(r"[<>(),:]|[^<>(),:\s]+")


@dataclass(frozen=True)
class ColumnType:
    """One type of the catalog.

    Attributes
    ----------
    kind
        Trino's base name: ``varchar``, ``bigint``, ``decimal``, ``array``, ``map``, ``row`` and so on.
    parameters
        Length of a ``varchar``, precision and scale of a ``decimal``.
    children
        Types within an array (element), a map (key, value) or a row (one per field).
    names
        Field names of a row.
    """

    kind: str
    parameters: tuple[int, ...] = ()
    children: tuple[ColumnType, ...] = ()
    names: tuple[str, ...] = ()

    @property
    def duckdb(self) -> str:
        """The type in DuckDB's SQL."""
        inner = [child.duckdb for child in self.children]
        if self.kind == "array":
            return f"{inner[0]}[]"
        if self.kind == "map":
            return f"MAP({inner[0]}, {inner[1]})"
        if self.kind == "row":
            fields = (f'"{name}" {kind}' for name, kind in zip(self.names, inner, strict=True))
            return f"STRUCT({', '.join(fields)})"
        if self.kind == "decimal":
            return f"DECIMAL({self.parameters[0]}, {self.parameters[1]})"
        return _DUCKDB.get(self.kind, self.kind.upper())

    @property
    def sqlglot(self) -> str:
        """The type in the notation of the query's schema."""
        inner = [child.sqlglot for child in self.children]
        if self.kind == "array":
            return f"ARRAY<{inner[0]}>"
        if self.kind == "map":
            return f"MAP<{inner[0]}, {inner[1]}>"
        if self.kind == "row":
            return f"STRUCT<{', '.join(f'{name} {kind}' for name, kind in zip(self.names, inner, strict=True))}>"
        if self.kind == "decimal":
            return f"DECIMAL({self.parameters[0]}, {self.parameters[1]})"
        return self.kind.upper()


def parse_type(text: str) -> ColumnType:
    """Read a Hive type such as ``array<struct<code:string,n:decimal(10,2)>>``.

    Raises
    ------
    QueryError
        ``HIVE_INVALID_METADATA`` for a type that Athena does not know.
    """
    tokens = _TOKEN.findall(text.lower())
    try:
        parsed, rest = _parse(tokens)
    except (IndexError, ValueError, KeyError):
        parsed, rest = None, tokens
    if parsed is None or rest:
        message = f"type '{text}' is not one that Athena reads; correct the column's type in the Glue table"
        raise QueryError(ErrorName.HIVE_INVALID_METADATA, message)
    return parsed


def _parse(tokens: list[str]) -> tuple[ColumnType, list[str]]:
    name, rest = tokens[0], tokens[1:]
    if name in {"array", "map"}:
        return _nested(name, rest)
    if name == "struct":
        return _struct(rest)
    numbers: tuple[int, ...] = ()
    if rest[:1] == ["("]:
        closing = rest.index(")")
        numbers = tuple(int(number) for number in rest[1:closing:2])
        rest = rest[closing + 1 :]
    if name == "decimal":
        # Hive's default is decimal(10,0).
        return ColumnType("decimal", (*numbers, *(10, 0)[len(numbers) :])), rest
    return ColumnType(_TRINO[name], numbers), rest


def _nested(name: str, tokens: list[str]) -> tuple[ColumnType, list[str]]:
    first, rest = _parse(_after(tokens, "<"))
    children = [first]
    if name == "map":
        second, rest = _parse(_after(rest, ","))
        children.append(second)
    return ColumnType(name, children=tuple(children)), _after(rest, ">")


def _struct(tokens: list[str]) -> tuple[ColumnType, list[str]]:
    names, children, rest = [], [], _after(tokens, "<")
    while True:
        names.append(rest[0])
        child, rest = _parse(_after(rest[1:], ":"))
        children.append(child)
        if rest[0] == ">":
            return ColumnType("row", children=tuple(children), names=tuple(names)), rest[1:]
        rest = _after(rest, ",")


def _after(tokens: list[str], expected: str) -> list[str]:
    if tokens[0] != expected:
        raise ValueError(expected)
    return tokens[1:]

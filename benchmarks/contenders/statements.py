"""Silver in SQL: the statements that DuckDB and PostgreSQL have in common, and the functions that each is given.

``sql/<dataset>.sql`` has sections ``-- view <name>`` and ``-- table <name>``, each one SELECT. In it,
``$columns(<table>)`` stands for the columns of a text file, and ``$union(<directory>=<table>, ...)`` for the rows of
those files that the release has, under the columns of the first and the name of their directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.inputs import RawTable
from config.datasets import load_dataset

FOLDER = Path(__file__).parent / "sql"
TABLE, VIEW = "table", "view"

_SECTION = re.compile(r"^-- (table|view) (\w+)\n", re.MULTILINE)
_CALL = re.compile(r"\$(columns|union)\(([^)]*)\)")
_FUNCTION = re.compile(r"^(\w+)\(([^)]*)\) (\w+) = (.*?);$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Section:
    """One view or table, and the SELECT that makes it."""

    kind: str
    name: str
    select: str


@dataclass(frozen=True)
class Function:
    """One rule that both engines are given under the same name; parameters have their types."""

    name: str
    parameters: dict[str, str]
    returns: str
    expression: str


def silver_sections(dataset: str, tables: list[RawTable]) -> list[Section]:
    """Give the views and tables of a dataset in their order."""
    declared = {member.table: member for source in load_dataset(dataset).sources for member in source.members}
    columns = {name: tuple(column.name for column in member.columns) for name, member in declared.items()}
    there = {table.name: table.columns for table in tables}

    def filled(found: re.Match[str]) -> str:
        kind, text = found.groups()
        if kind == "columns":
            return ", ".join(columns[text])
        listed = dict(part.strip().split("=") for part in text.split(","))
        (first, *_) = listed.values()
        return " UNION ALL ".join(
            _rows_of(table, directory, there[table], columns[first])
            for directory, table in listed.items()
            if table in there
        )

    _, *parts = _SECTION.split((FOLDER / f"{dataset}.sql").read_text("utf-8"))
    return [
        Section(kind, name, _CALL.sub(filled, select).strip())
        for kind, name, select in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    ]


def _rows_of(table: str, directory: str, own: tuple[str, ...], asked: tuple[str, ...]) -> str:
    values = ", ".join(name if name in own else f"CAST(NULL AS text) AS {name}" for name in asked)
    return f"SELECT {values}, '{directory}' AS directory, meta_row_position FROM bronze_{table}"  # noqa: S608 - own names


def shared_functions() -> Iterator[Function]:
    """Give the rules that both engines are given."""
    for name, parameters, returns, expression in _FUNCTION.findall((FOLDER / "drugs.sql").read_text("utf-8")):
        typed = dict(part.split() for part in parameters.split(", "))
        yield Function(name, typed, returns, expression)

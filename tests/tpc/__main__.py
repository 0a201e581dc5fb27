"""Compare the local Athena's answers with DuckDB's own: ``python -m tests.tpc FOLDER``; exit code 1 if any differs.

Numbers may differ by what the engines' rules for decimals differ: Trino keeps fewer digits of an average or a quotient.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from local_cloud.athena.engine.object_cache import ObjectCache
from local_cloud.athena.errors import QueryError
from local_cloud.athena.query import answer
from local_cloud.athena.statements import Request
from local_cloud.athena.tables.catalog import Column, Table
from tests.local_cloud.athena.tables import StaticCatalog
from tests.local_cloud.athena.test_engine import DirectoryStore

Row = Sequence[str | None]

TYPES = {"INTEGER": "int", "VARCHAR": "string", "DOUBLE": "double", "DATE": "date", "BIGINT": "bigint"}
"""Hive's type by DuckDB's; decimals have the same name."""

TOLERANCE = 0.011
"""Largest difference of two numbers, absolute below 100 and relative (in percent) above."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
# DuckDB lets GROUP BY use the alias of a column; Trino does not.
_BY_ALIAS = ("GROUP BY supplier_no", "GROUP BY l_suppkey")


def trino(sql: str) -> str:
    """Return a query of DuckDB's extension as Trino takes it: a text is no date, unless it is cast."""
    query = sqlglot.parse_one(sql, dialect="duckdb")
    for literal in [*query.find_all(exp.Literal)]:
        if literal.is_string and _DATE.fullmatch(literal.name) and not isinstance(literal.parent, exp.Cast):
            literal.replace(exp.cast(literal.copy(), "DATE"))
    return re.sub(_BY_ALIAS[0], _BY_ALIAS[1], query.sql("trino"), flags=re.IGNORECASE)


def verdict(found: Sequence[Row], expected: Sequence[Row]) -> str:
    """Return ``equal``, ``rounded`` or ``DIFFERENT`` for two answers, whatever the order of their rows."""
    ours, theirs = (sorted([[_value(text) for text in row] for row in rows], key=str) for rows in (found, expected))
    if ours == theirs:
        return "equal"
    same_shape = [len(row) for row in ours] == [len(row) for row in theirs]
    alike = same_shape and all(
        _near(*pair) for one, other in zip(ours, theirs, strict=True) for pair in zip(one, other, strict=True)
    )
    return "rounded" if alike else "DIFFERENT"


def _value(text: str | None) -> str | float | None:
    try:
        return round(float(text), 4) if text is not None else None
    except ValueError:
        return text


def _near(one: str | float | None, other: str | float | None) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= TOLERANCE * max(1.0, abs(other) / 100)
    return one == other


def run(folder: Path) -> Counter[str]:
    """Run the queries of one benchmark and print the verdict of each that is not equal."""
    known: dict[str, Any] = json.loads((folder / "answers.json").read_text("utf-8"))
    verdicts: Counter[str] = Counter()
    seconds = 0.0
    with tempfile.TemporaryDirectory() as work:
        for table in known["tables"]:
            (Path(work) / "lake" / table).mkdir(parents=True)
            shutil.copy(folder / f"{table}.parquet", Path(work) / "lake" / table)
        store, cache = DirectoryStore(Path(work) / "lake"), ObjectCache(Path(work) / "cache")
        catalog = StaticCatalog(*(_table(name, columns) for name, columns in known["tables"].items()))
        for number, query in known["queries"].items():
            start = time.perf_counter()
            try:
                rows = answer(Request(trino(query["sql"]), "db"), catalog, store, cache).result.rows
                found = verdict(rows, query["rows"])
            except QueryError as error:
                found = f"FAILED: {error}"
            seconds += time.perf_counter() - start
            verdicts[found.partition(":")[0]] += 1
            if found != "equal":
                print(f"  {folder.name} {number}: {found}")
    theirs = sum(query["seconds"] for query in known["queries"].values())
    print(f"{folder.name}: {dict(verdicts)}; {seconds:.1f} s, DuckDB without translation and files {theirs:.1f} s")
    return verdicts


def _table(name: str, columns: Sequence[tuple[str, str]]) -> Table:
    declared = tuple(Column(column, TYPES.get(kind, kind.lower())) for column, kind in columns)
    return Table("db", name, declared, (), f"s3://lake/{name}/", "parquet", ())


def main() -> int:
    """Run both benchmarks."""
    verdicts = sum((run(folder) for folder in sorted(Path(sys.argv[1]).iterdir())), Counter[str]())
    return int(any(name.isupper() for name in verdicts))


if __name__ == "__main__":
    sys.exit(main())

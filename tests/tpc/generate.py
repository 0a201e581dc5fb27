"""Make data, queries and DuckDB's answers: ``python generate.py FOLDER``, in the environment of ``tpc.lock``."""

from __future__ import annotations

import json
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

SCALE = 0.01
GENERATORS = {"tpch": "dbgen", "tpcds": "dsdgen"}


def main() -> None:
    """Write ``<benchmark>/<table>.parquet`` and ``<benchmark>/answers.json``."""
    for name, generator in GENERATORS.items():
        folder = Path(sys.argv[1]) / name
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"allow_unsigned_extensions": "true"}) as connection:
            connection.execute(f"LOAD '{extension(name)}'")
            connection.execute(f"CALL {generator}(sf = {SCALE})")
            tables = {str(row[0]): columns(connection, row[0]) for row in connection.execute("SHOW TABLES").fetchall()}
            for table in tables:
                connection.execute(f"COPY {table} TO '{folder / table}.parquet' (FORMAT parquet, COMPRESSION zstd)")
            queries = connection.execute(f"SELECT query_nr, query FROM {name}_queries()").fetchall()
            answers = {number: answer(connection, sql) for number, sql in queries}
        (folder / "answers.json").write_text(json.dumps({"tables": tables, "queries": answers}), "utf-8")


def extension(name: str) -> Path:
    """Return the file of an installed extension."""
    found = find_spec(f"duckdb_extension_{name}")
    if found is None or not found.submodule_search_locations:
        message = f"duckdb-extension-{name} is not installed"
        raise SystemExit(message)
    return next(Path(found.submodule_search_locations[0]).rglob("*.duckdb_extension"))


def columns(connection: duckdb.DuckDBPyConnection, table: str) -> list[tuple[str, str]]:
    """Return names and types of a table's columns."""
    return [(row[0], row[1]) for row in connection.execute(f"DESCRIBE {table}").fetchall()]


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> dict[str, Any]:
    """Run one query; return its text, rows and seconds."""
    start = time.perf_counter()
    rows = connection.execute(sql).fetchall()
    texts = [[None if value is None else str(value) for value in row] for row in rows]
    return {"sql": sql, "rows": texts, "seconds": time.perf_counter() - start}


if __name__ == "__main__":
    main()

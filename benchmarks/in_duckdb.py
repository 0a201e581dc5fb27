"""Do the work of a dataset's two jobs in DuckDB, with two threads, on the raw files in a lake's folder.

Usage: ``python -m benchmarks.in_duckdb cder <lake folder>``. Prints JSON: seconds of both layers, rows by table.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path

import duckdb


def statements(dataset: str, lake: Path) -> tuple[str, str]:
    """Return the SQL of bronze and silver, with file names inserted."""
    sql = Path(__file__).with_name(f"{dataset}_duckdb.sql").read_text("utf-8")
    target = lake / "duckdb"
    target.mkdir(exist_ok=True)

    def path(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith(("bronze_", "silver_")):
            return f"'{target / name}.parquet'"
        (raw,) = [file for file in lake.glob(f"raw/{dataset}/*/{name}/**/*") if file.is_file()]
        return f"'{raw}'"

    bronze, silver = re.sub(r"\$([a-z_]+)", path, sql).split("-- silver")
    return bronze, silver


def decoded(lake: Path, dataset: str) -> None:
    """Convert files in other encodings to UTF-8, in place: DuckDB does not read Windows-1252."""
    for file in lake.glob(f"raw/{dataset}/*/*/*.txt"):
        content = file.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            file.write_bytes(content.decode("cp1252").encode("utf-8"))


def rows_by_table(lake: Path) -> dict[str, int]:
    """Return the row count of each silver table that was written."""
    counts = {}
    for file in sorted((lake / "duckdb").glob("silver_*.parquet")):
        (count,) = duckdb.execute(f"SELECT count(*) FROM '{file}'").fetchone() or (0,)  # noqa: S608 - own path
        counts[file.stem.removeprefix("silver_")] = int(count)
    return counts


def main() -> None:
    """Run both layers, and print times and row counts."""
    dataset, lake = sys.argv[1], Path(sys.argv[2])
    connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": True})
    seconds = {}
    for layer, sql in zip(("bronze", "silver"), statements(dataset, lake), strict=True):
        start = time.perf_counter()
        if layer == "bronze":
            decoded(lake, dataset)
        connection.execute(sql)
        seconds[layer] = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "rows": rows_by_table(lake)}))


if __name__ == "__main__":
    main()

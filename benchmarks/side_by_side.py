"""Measure the two jobs of each dataset in Spark, and the same work in DuckDB on the same files in the same run.

Usage: ``python -m benchmarks.side_by_side cder:finished=ndctext.zip rxnorm:rxnorm=RxNorm.zip nsde:nsde=nsde.zip``

Spark is measured cold, as in a job. DuckDB reads, parses, numbers and deduplicates the rows, derives lists, codes,
dates and relations, and writes the same two layers as ZSTD Parquet. It does not check lines or quality. Both use two
cores. The row counts of all silver tables are compared.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from _shared.contracts.report import JobReport
from _shared.glue_lib.documents import SILVER, read_report
from benchmarks.jobs import RUN_ID
from benchmarks.local_folder import FolderLake
from benchmarks.process_tree import PeakMemory

VERSION = "2019-04-29"


def in_spark(dataset: str, archives: list[str], lake: Path) -> tuple[float, JobReport]:
    """Run both jobs in a separate process; return its memory peak in MB, and the report of silver."""
    peak = _run("benchmarks.jobs", dataset, *archives, "--version", VERSION, "--lake", str(lake))[0]
    return peak, read_report(FolderLake(lake), dataset, RUN_ID, SILVER)


def in_duckdb(dataset: str, lake: Path) -> tuple[float, dict[str, Any]]:
    """Do the same work in a separate process; return its memory peak in MB, and its seconds and rows."""
    peak, output = _run("benchmarks.in_duckdb", dataset, str(lake))
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    return peak, told


def _run(module: str, *arguments: str) -> tuple[float, str]:
    with PeakMemory() as peak:
        command = [sys.executable, "-m", module, *arguments]
        finished = subprocess.run(command, check=True, capture_output=True, text=True)
    print(finished.stdout)
    return peak.megabytes, finished.stdout


def compare(dataset: str, archives: list[str]) -> list[str]:
    """Run both on one release; return the differences."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder)
        spark_peak, report = in_spark(dataset, archives, lake)
        duckdb_peak, told = in_duckdb(dataset, lake)
    print(f"{dataset}: peak of Spark {spark_peak:,.0f} MB, of DuckDB {duckdb_peak:,.0f} MB; DuckDB {told['seconds']}")
    made = {counts.table: counts.rows_out for counts in report.tables}
    return [
        f"{table}: Spark {made.get(table)}, DuckDB {rows}"
        for table, rows in told["rows"].items()
        if made.get(table) != rows
    ]


def main() -> None:
    """Read the command line and run everything; return 1 if row counts differ."""
    parser = argparse.ArgumentParser(description="Time bronze and silver in Spark and in DuckDB.")
    parser.add_argument("archives", nargs="+", help="dataset:source=zip")
    given = defaultdict(list)
    for text in parser.parse_args().archives:
        dataset, _, archive = text.partition(":")
        given[dataset].append(archive)
    differences = [line for dataset, archives in given.items() for line in compare(dataset, archives)]
    print("\n".join(differences) or "every table has the same number of rows in both")
    sys.exit(bool(differences))


if __name__ == "__main__":
    main()

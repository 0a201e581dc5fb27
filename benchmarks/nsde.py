"""Measure NSDE bronze and silver in Spark, and the same work in DuckDB on the same file in the same run.

Usage: ``python -m benchmarks.nsde [release.zip] [--multiply N]``

Spark is measured cold, as in a job; its start-up is listed separately. DuckDB reads, parses, numbers and deduplicates
the rows, derives codes, dates and status, and writes the same two layers as ZSTD Parquet. It does not check lines or
quality.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import duckdb
from pyspark.sql import SparkSession

from _shared.contracts.layout import silver_prefix
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from benchmarks.local_folder import FolderLake, put_release
from config.datasets import load_dataset
from domains.nsde.transforms import TRANSFORMS

SAMPLE = Path(__file__).parents[1] / "domains/nsde/samples/2019-04-29/Comprehensive_NDC_SPL_Data_Elements_File.zip"
RUN_ID, VERSION = "benchmark", "2019-04-29"
DUCKDB_SQL = Path(__file__).with_name("nsde_duckdb.sql")


def multiplied(release: Path, times: int) -> bytes:
    """Return the member of a release with its rows repeated, each copy with different item codes and names."""
    with zipfile.ZipFile(release) as archive:
        content = archive.read(archive.namelist()[0])
    header, _, body = content.partition(b"\r\n")
    if times == 1:
        return content
    # A different prefix of the name in each copy keeps the grain unique. Quoted names stay quoted.
    copies = [body]
    for copy in range(1, times):
        tag = f"{copy} ".encode()
        copies.append(b"\r\n".join(_renamed(line, tag) for line in body.split(b"\r\n")))
    return header + b"\r\n" + b"".join(copies)


def _renamed(line: bytes, tag: bytes) -> bytes:
    if not line:
        return line
    code, ndc11, rest = line.split(b",", 2)
    named = b'"' + tag + rest[1:] if rest.startswith(b'"') else tag + rest
    return b",".join((code, ndc11, named))


def timed(action: Callable[[], object]) -> float:
    """Return the wall time of an action in seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def start_spark() -> SparkSession:
    """Start a Spark session with two cores, like the local cloud's jobs."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("benchmark")
    settings = {"spark.ui.enabled": "false", "spark.driver.memory": "1g", "spark.ui.showConsoleProgress": "false"}
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def in_duckdb(csv: Path, folder: Path) -> dict[str, float]:
    """Do the same work in DuckDB with two threads."""
    bronze, silver = DUCKDB_SQL.read_text("utf-8").split("-- silver")
    layers = {f"{layer}_nsde": folder / f"duckdb_{layer}.parquet" for layer in ("bronze", "silver")}
    names = {"nsde": csv, **layers}
    connection = duckdb.connect(config={"threads": 2})

    def run(sql: str) -> None:
        for name, path in names.items():
            sql = sql.replace(f"${name}", f"'{path}'")
        connection.execute(sql)

    return {"bronze": timed(lambda: run(bronze)), "silver": timed(lambda: run(silver))}


def main() -> None:
    """Read the command line, run both, print the table."""
    parser = argparse.ArgumentParser(description="Time NSDE bronze and silver in Spark and in DuckDB.")
    parser.add_argument("release", type=Path, nargs="?", default=SAMPLE)
    parser.add_argument("--multiply", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lake, config = FolderLake(Path(folder)), load_dataset("nsde")
        csv = put_release(lake, "nsde", RUN_ID, VERSION, multiplied(options.release, options.multiply))
        sessions: list[SparkSession] = []
        start = timed(lambda: sessions.append(start_spark()))
        (spark,) = sessions
        by_spark = {
            "bronze": timed(lambda: run_bronze(spark, config, lake, RUN_ID)),
            "silver": timed(lambda: run_silver(spark, config, TRANSFORMS, lake, RUN_ID)),
        }
        rows = spark.read.parquet(lake.uri(silver_prefix("nsde", VERSION, RUN_ID))).count()
        by_duckdb = in_duckdb(csv, Path(folder))
        same = duckdb.execute(f"SELECT count(*) FROM '{folder}/duckdb_silver.parquet'").fetchone()  # noqa: S608 - own path
        print(f"{csv.stat().st_size / 1e6:.1f} MB of CSV; silver rows: Spark {rows}, DuckDB {same[0] if same else 0}")
        print(f"{'layer':<8} {'Spark s':>8} {'DuckDB s':>9} {'ratio':>6}")
        for layer in ("bronze", "silver"):
            ratio = by_spark[layer] / by_duckdb[layer]
            print(f"{layer:<8} {by_spark[layer]:>8.2f} {by_duckdb[layer]:>9.2f} {ratio:>5.1f}x")
        both = sum(by_spark.values()) / sum(by_duckdb.values())
        print(f"{'both':<8} {sum(by_spark.values()):>8.2f} {sum(by_duckdb.values()):>9.2f} {both:>5.1f}x")
        print(f"start of Spark, not counted above: {start:.2f} s")
        spark.stop()


if __name__ == "__main__":
    main()

"""Run a dataset's Bronze and Silver jobs on a release in a folder; print rows of each table, time and memory.

Usage: ``python -m benchmarks.jobs cder finished=ndctext.zip unfinished=ndc_unfinished.zip [--lake folder]``
"""

from __future__ import annotations

import argparse
import importlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pyspark.sql import SparkSession

from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from benchmarks.local_folder import FolderLake, put_archives
from benchmarks.process_tree import PeakMemory
from config.datasets import load_dataset

RUN_ID = "benchmark"


def start_spark(driver_memory: str = "1g") -> SparkSession:
    """Start a Spark session with two cores, like the local cloud's jobs."""
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    builder = SparkSession.builder.master("local[2]").appName("benchmark")
    settings = {"spark.ui.enabled": "false", "spark.driver.memory": driver_memory}
    for name, value in {**settings, "spark.ui.showConsoleProgress": "false"}.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def show(report: JobReport, seconds: float, peak: PeakMemory) -> None:
    """Print a job's report, its time and its memory."""
    print(f"\n{report.dataset} {report.layer}: {seconds:.1f} s, peak of the process tree {peak.megabytes:,.0f} MB")
    for counts in report.tables:
        print(
            f"  {counts.table:<26} in {counts.rows_in:>9,} kept {counts.kept or counts.rows_in:>9,} "
            f"duplicates {counts.duplicates:>6,} out {counts.rows_out:>9,} balanced {counts.balanced} "
            f"{counts.quarantined or ''} {counts.left_out or ''}"
        )
    print(f"  absent: {', '.join(report.absent) or 'nothing'}; failed: {[c for c in report.checks if not c.passed]}")


def run_jobs(dataset: str, archives: dict[str, Path], version: str, lake: FolderLake) -> tuple[float, float, float]:
    """Run both jobs; return the seconds of each job and the higher memory peak in MB."""
    config = load_dataset(dataset)
    transforms = importlib.import_module(f"domains.{dataset}.transforms").TRANSFORMS
    put_archives(lake, config, RUN_ID, version, archives)
    spark = start_spark()
    bronze, first = measured(lambda: run_bronze(spark, config, lake, RUN_ID))
    silver, second = measured(lambda: run_silver(spark, config, transforms, lake, RUN_ID))
    spark.stop()
    return bronze, silver, max(first, second)


def measured(job: Callable[[], JobReport]) -> tuple[float, float]:
    """Run a job and print its report; return seconds and the memory peak in MB."""
    with PeakMemory() as peak:
        start = time.perf_counter()
        report = job()
        seconds = time.perf_counter() - start
    show(report, seconds, peak)
    return seconds, peak.megabytes


def main() -> None:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.jobs", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset")
    parser.add_argument("archives", nargs="+", help="source=zip")
    parser.add_argument("--version", default="2019-04-29")
    parser.add_argument("--lake", type=Path, help="folder that is kept")
    options = parser.parse_args()
    archives = {name: Path(path) for name, _, path in (text.partition("=") for text in options.archives)}
    with tempfile.TemporaryDirectory() as folder:
        run_jobs(options.dataset, archives, options.version, FolderLake(options.lake or Path(folder)))


if __name__ == "__main__":
    main()

"""Cost of quality: the Silver job with and without its expectations and comparisons, in turns.

Usage: ``python -m benchmarks.quality nsde Comprehensive_NDC_SPL_Data_Elements_File.zip [--rounds 3]``

Each job has a process of its own, as on Glue, so that the import of Great Expectations counts. Of the rounds, the
medians are compared; both kinds take turns, because the machine is not always equally fast.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.quality.gate import Gate, load_library
from _shared.glue_lib.silver.job import run_silver
from benchmarks.jobs import RUN_ID, start_spark
from benchmarks.local_folder import FolderLake, put_archives
from benchmarks.process_tree import adopt_orphans, cpu_seconds
from benchmarks.silver_hashes import by_source
from config.datasets import load_dataset

BRONZE, WITH, WITHOUT = "bronze", "with", "without"


def prepare(dataset: str, files: list[Path], lake: FolderLake, version: str) -> None:
    """Write the release and its bronze tables."""
    config = load_dataset(dataset)
    put_archives(lake, config, RUN_ID, version, by_source(config, files))
    spark = start_spark("2g")
    run_bronze(spark, config, lake, RUN_ID)
    spark.stop()


def silver(dataset: str, lake: FolderLake, kind: str) -> None:
    """Run the Silver job in this process."""
    if kind == WITHOUT:
        # Looked up when the job runs. The row equation, the grain and the quarantine are checked as ever.
        Gate.judge = lambda *_: ()  # type: ignore[method-assign]
    else:
        load_library()
    config = load_dataset(dataset)
    transforms = importlib.import_module(f"domains.{dataset}.transforms").TRANSFORMS
    spark = start_spark("2g")
    run_silver(spark, config, transforms, lake, RUN_ID)
    spark.stop()


def measure(arguments: list[str]) -> tuple[float, float]:
    """Run a job in a process of its own; return the process's seconds and CPU seconds, Spark's included."""
    command = [sys.executable, "-m", "benchmarks.quality", *arguments]
    start, before = time.perf_counter(), cpu_seconds(os.getpid())
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _wait_for_orphans()
    return time.perf_counter() - start, cpu_seconds(os.getpid()) - before


def _wait_for_orphans() -> None:
    """Wait for Spark's JVM, which outlives the process that started it."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def main() -> None:
    """Read the command line, measure, and print the medians and what quality takes of the job."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--version", default="2019-04-29")
    parser.add_argument("--lake", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--job", choices=(BRONZE, WITH, WITHOUT), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.job:
        lake = FolderLake(options.lake)
        if options.job == BRONZE:
            prepare(options.dataset, options.files, lake, options.version)
        else:
            silver(options.dataset, lake, options.job)
        return
    adopt_orphans()
    with tempfile.TemporaryDirectory() as folder:
        arguments = [options.dataset, *map(str, options.files), "--lake", folder, "--version", options.version]
        measure([*arguments, "--job", BRONZE])
        found: dict[str, list[tuple[float, float]]] = {WITHOUT: [], WITH: []}
        for number in range(options.rounds):
            for kind, results in found.items():
                results.append(measure([*arguments, "--job", kind]))
                print(f"round {number + 1} {kind:<8} {results[-1][0]:6.1f} s {results[-1][1]:6.1f} CPU s", flush=True)
    middle = {kind: [median(one) for one in zip(*results, strict=True)] for kind, results in found.items()}
    for place, unit in enumerate(("s", "CPU s")):
        before, after = middle[WITHOUT][place], middle[WITH][place]
        share = (after - before) / after
        print(f"{options.dataset}: {before:.1f} {unit} without, {after:.1f} with: quality is {share:.0%} of the job")


if __name__ == "__main__":
    main()

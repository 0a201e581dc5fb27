"""Both jobs on the sample of a dataset: ``domains/<dataset>/samples/<release>/``."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

from pyspark.sql import SparkSession

from _shared.contracts.report import JobReport
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from benchmarks.jobs import RUN_ID
from benchmarks.local_folder import FolderLake, put_archives
from benchmarks.silver_hashes import EXPECTED, by_source
from config.datasets import DOMAINS_DIRECTORY, load_dataset
from tests._shared.glue_lib.local_lake import LocalLake

_RELEASE = re.compile(r"\d{4}-\d{2}-\d{2}")


def sample_folders() -> list[Path]:
    """Folders of the samples of every dataset, named by their release dates."""
    return sorted(path for path in DOMAINS_DIRECTORY.glob("*/samples/*") if _RELEASE.fullmatch(path.name))


def run_sample(spark: SparkSession, lake: LocalLake, dataset: str) -> JobReport:
    """Run both jobs on the newest sample of a dataset; return the report of silver."""
    *_, newest = [folder for folder in sample_folders() if folder.parents[1].name == dataset]
    return run_folder(spark, lake, newest)


def run_folder(spark: SparkSession, lake: LocalLake, folder: Path) -> JobReport:
    """Run both jobs on one sample; return the report of silver."""
    config = load_dataset(folder.parents[1].name)
    transforms = importlib.import_module(f"domains.{config.dataset}.transforms").TRANSFORMS
    files = [path for path in sorted(folder.iterdir()) if path.name != EXPECTED]
    put_archives(FolderLake(lake.root), config, RUN_ID, folder.name, by_source(config, files))
    run_bronze(spark, config, lake, RUN_ID)
    return run_silver(spark, config, transforms, lake, RUN_ID)

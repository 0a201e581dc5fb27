"""The sample of every dataset through both jobs: no row lost, and the tables hold what they held."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from benchmarks.silver_hashes import EXPECTED, table_hash
from tests._shared.glue_lib.local_lake import LocalLake
from tests.sample_runs import run_folder, sample_folders


def test_every_dataset_with_expected_tables_is_found() -> None:
    assert len([folder for folder in sample_folders() if (folder / EXPECTED).is_file()]) > 2


@pytest.mark.parametrize("folder", sample_folders(), ids=lambda folder: folder.parents[1].name)
def test_the_tables_of_a_sample_are_as_expected(spark: SparkSession, lake: LocalLake, folder: Path) -> None:
    tables = run_folder(spark, lake, folder).tables
    assert all(counts.balanced for counts in tables)
    if not (folder / EXPECTED).is_file():
        return
    found = {counts.table: asdict(table_hash(f"{lake.root}/silver/{counts.table}")) for counts in tables}
    assert found == json.loads((folder / EXPECTED).read_text("utf-8")), (
        "python -m benchmarks.silver_hashes domains --expected"
    )

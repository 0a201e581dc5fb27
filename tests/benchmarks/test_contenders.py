"""Every engine that is installed makes the rows that the jobs make of the sample."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyspark.sql import SparkSession

from _shared.contracts.layout import silver_prefix
from benchmarks.contenders.contender import ENGINES, OURS, Contender
from benchmarks.inputs import SAMPLE, VERSION, put_input
from benchmarks.jobs import RUN_ID
from benchmarks.local_folder import FolderLake
from benchmarks.measure import measured
from benchmarks.silver_hashes import EXPECTED
from config.datasets import DOMAINS_DIRECTORY
from tests._shared.glue_lib.local_lake import LocalLake
from tests.sample_runs import run_sample

COMPARED = (
    "item_code",
    "ndc_format",
    "ndc_status_reason",
    "ndc11",
    "ndc12",
    "labeler_code",
    "package_code",
    "application_type",
    "application_number",
    "marketing_start_date",
    "marketing_start_date_flag",
    "inactivation_date",
    "marketing_status",
    "is_active",
    "proprietary_name",
)
OTHERS = [name for name in ENGINES if name not in {OURS, "spark"}]


def expected_rows(dataset: str) -> dict[str, int]:
    (file,) = DOMAINS_DIRECTORY.glob(f"{dataset}/samples/*/{EXPECTED}")
    return {table: told["rows"] for table, told in json.loads(file.read_text("utf-8")).items()}


def made(engine: str, dataset: str, folder: Path) -> Contender:
    if not ENGINES[engine].is_installed:
        pytest.skip(f"make bench installs {ENGINES[engine].needs}")
    put_input(dataset, SAMPLE, None, folder / "lake")
    contender: Contender = importlib.import_module(ENGINES[engine].module).Contender(
        dataset, FolderLake(folder / "lake"), folder / "target"
    )
    contender.start()
    contender.bronze()
    contender.silver()
    return contender


@pytest.mark.parametrize("dataset", ["nsde", "cder", "rxnorm"])
@pytest.mark.parametrize("engine", OTHERS)
def test_every_table_has_as_many_rows_as_ours(engine: str, dataset: str, tmp_path: Path) -> None:
    contender = made(engine, dataset, tmp_path)
    rows = contender.rows()
    contender.close()
    assert rows == expected_rows(dataset)


@pytest.fixture(scope="module")
def ours(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, ...]]:
    lake = LocalLake(tmp_path_factory.mktemp("lake"))
    run_sample(spark, lake, "nsde")
    return compared(f"{lake.root}/{silver_prefix('nsde', VERSION, RUN_ID)}/**/*.parquet")


def compared(files: str) -> list[tuple[Any, ...]]:
    texts = [f"CAST({name} AS {'DATE' if name.endswith('_date') else 'VARCHAR'})" for name in COMPARED]
    query = f"SELECT {', '.join(texts)} FROM read_parquet('{files}', hive_partitioning = false) ORDER BY ALL"
    with duckdb.connect() as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize("engine", ["duckdb", "pandas", "polars"])
def test_nsde_has_the_same_values_as_ours(engine: str, ours: list[tuple[Any, ...]], tmp_path: Path) -> None:
    found = compared(str(made(engine, "nsde", tmp_path).parquet("silver", "nsde")))
    assert len(found) == len(ours)
    assert [pair for pair in zip(found, ours, strict=True) if pair[0] != pair[1]] == []


def test_an_engine_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    size = put_input("rxnorm", SAMPLE, None, tmp_path)
    one, plans = measured("duckdb", "rxnorm", SAMPLE, tmp_path, size)
    assert one.rows == expected_rows("rxnorm")
    assert list(one.steps) == ["cold start", "cold bronze", "cold silver", "warm bronze", "warm silver"]
    assert all(step.wall > 0 and step.cpu >= 0 and step.megabytes > 10 for step in one.steps.values())
    assert "PARQUET" in plans.upper()


def test_an_engine_that_fails_says_why(tmp_path: Path) -> None:
    size = put_input("rxnorm", SAMPLE, None, tmp_path)
    for file in tmp_path.glob("raw/**/RXNREL.RRF"):
        file.unlink()
    one, _ = measured("duckdb", "rxnorm", SAMPLE, tmp_path, size)
    assert "RXNREL" in one.error
    assert list(one.steps) == ["cold start"]

"""The one script of all jobs, with the arguments that the job's definition and the state machine give it."""

from __future__ import annotations

import json
import sys
import zipfile
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from _shared.contracts.errors import InvalidInputError, UnknownLayerError
from _shared.contracts.layout import bronze_prefix, silver_prefix
from _shared.glue_lib.documents import BRONZE, SILVER, read_report
from _shared.glue_lib.jobs import run_job
from config.datasets import load_dataset
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release

SAMPLE = Path(__file__).parents[4] / "domains/nsde/samples/2019-04-29/Comprehensive_NDC_SPL_Data_Elements_File.zip"


def run_script(monkeypatch: pytest.MonkeyPatch, lake: LocalLake, layer: str) -> None:
    buckets: list[str] = []

    def lake_of(bucket: str, *, personal_key_secret: str) -> LocalLake:
        assert not personal_key_secret, "no column of the dataset is hashed"
        buckets.append(bucket)
        return lake

    # The library of a job has the resolved configuration, the repository the one that people write.
    monkeypatch.setattr(run_job, "load_config", load_dataset)
    monkeypatch.setattr(run_job, "S3Lake", lake_of)
    arguments = ("--lake_bucket", "the-lake", "--dataset", "nsde", "--layer", layer, "--run_id", RUN_ID)
    monkeypatch.setattr(sys, "argv", ["run_job.py", *arguments])
    run_job.main()
    assert buckets == ["the-lake"]


@pytest.mark.usefixtures("spark")
def test_each_layer_is_made_by_the_jobs_own_arguments(
    monkeypatch: pytest.MonkeyPatch, lake: LocalLake, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(SAMPLE) as archive:
        (name,) = (name for name in archive.namelist() if name.lower().endswith(".csv"))
        put_release(lake, "nsde", {"nsde": archive.read(name)}, encoding="cp1252")
    run_script(monkeypatch, lake, BRONZE)
    [bronze] = read_report(lake, "nsde", RUN_ID, BRONZE).tables
    assert list((lake.root / bronze_prefix("nsde", RUN_ID)).glob("*.parquet"))
    run_script(monkeypatch, lake, SILVER)
    [silver] = read_report(lake, "nsde", RUN_ID, SILVER).tables
    assert list((lake.root / silver_prefix("nsde", "2019-04-29", RUN_ID)).glob("*.parquet"))
    assert silver.rows_in == bronze.rows_out > 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["step"], line["message"]) for line in lines] == [
        ("BronzeJob", "bronze table written"),
        ("SilverJob", "silver table written"),
    ]
    assert {(line["dataset"], line["run_id"], line["table"]) for line in lines} == {("nsde", RUN_ID, "nsde")}
    assert [line["rows_in"] for line in lines] == [bronze.rows_in, silver.rows_in]


@pytest.mark.parametrize("words", [("--raw_path", "s3://x/"), ("--bronze_path=s3://x/",)])
def test_a_path_is_refused_and_not_silently_ignored(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    arguments = ("--lake_bucket", "b", "--dataset", "nsde", "--layer", BRONZE, "--run_id", RUN_ID)
    monkeypatch.setattr(sys, "argv", ["run_job.py", *arguments, *words])
    with pytest.raises(InvalidInputError, match=r"takes no --\w+_path: .*; pass --run_id alone"):
        run_job.main()


def test_a_layer_that_there_is_not_is_refused_before_spark_starts(
    monkeypatch: pytest.MonkeyPatch, lake: LocalLake, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SparkSession, "builder", None)
    with pytest.raises(UnknownLayerError, match=r"no layer 'gold'; .*bronze or silver"):
        run_script(monkeypatch, lake, "gold")
    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["level"], line["run_id"], line["step"]) == ("ERROR", RUN_ID, "GoldJob")
    assert line["exception_name"] == "UnknownLayerError"
    assert "no layer 'gold'" in line["exception"]

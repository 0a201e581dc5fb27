"""Personal data: masked, hashed or dropped before anything is written. The patients are invented."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import boto3
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from moto import mock_aws
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import PersonalKeyMissingError
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.bronze.personal import hashed, masked
from _shared.glue_lib.objects import S3Lake
from _shared.glue_lib.silver.job import run_silver
from _shared.glue_lib.silver.transform import SilverTransform
from config.release.document import resolved
from config.release.table_files import as_table
from tests._shared.glue_lib.local_lake import RUN_ID, LocalLake, put_release
from tests._shared.glue_lib.small_dataset import rows

KEY = b"a key of this test"
BODY = (
    b"ID,Name,SSN,Note,Dose\r\n"
    b"1,Ada Muster-7,078-05-1120,calls at night,5\r\n"
    b"2,\xc3\x89va \xc3\x96rn,078-05-1120,,7\r\n"
    b"3,,,calls at night,x\r\n"
    b"4,Bea Beispiel,219-09-9999,too few fields\r\n"
)
SECRETS = ("Ada", "Muster", "Örn", "Bea", "Beispiel", "078-05-1120", "219-09-9999", "calls at night", "too few")


def config() -> DatasetConfig:
    columns: list[dict[str, Any]] = [
        {"name": "id", "header": "ID"},
        {"name": "name", "header": "Name", "personal": "mask"},
        {"name": "ssn", "header": "SSN", "personal": "hash"},
        {"name": "note", "header": "Note", "personal": "drop"},
        {"name": "dose", "header": "Dose"},
    ]
    document = {
        "dataset": "patients",
        "source_url": "https://example.org/patients.zip",
        "members": [{"table": "patients", "pattern": "*.csv", "columns": columns}],
        "data_quality": {"max_quarantined_share": 0.9},
    }
    published = [{"name": name, "type": "string", "comment": name} for name in ("id", "name", "ssn", "dose")]
    table = as_table({"description": "d", "grain": ["id"], "columns": published}, "patients", "patients.json")
    return resolved(document, [table], "patients")


def transform(bronze: DataFrame) -> DataFrame:
    return bronze.select("id", "name", "ssn", "dose", "meta_row_position")


TRANSFORM = SilverTransform(
    "patients", ("patients",), transform, rejection=lambda: F.when(F.col("dose") == "x", "NO_DOSE")
)


def digest(text: str) -> str:
    return hmac.new(KEY, text.encode(), hashlib.sha256).hexdigest()


@pytest.fixture
def written(spark: SparkSession, lake: LocalLake) -> LocalLake:
    put_release(lake, "patients", {"patients": BODY}, encoding="utf-8")
    run_bronze(spark, config(), lake, RUN_ID)
    run_silver(spark, config(), [TRANSFORM], lake, RUN_ID)
    return lake


def test_each_column_is_written_as_declared_and_the_rest_unchanged(spark: SparkSession, written: LocalLake) -> None:
    location = str(written.root / "bronze" / "patients" / f"run={RUN_ID}")
    assert "note" not in spark.read.parquet(location).columns
    assert rows(spark, location, "id", "name", "ssn", "dose", "meta_raw_line") == [
        ("1", "xxx xxxxxx-0", digest("078-05-1120"), "5", None),
        ("2", "xxx xxx", digest("078-05-1120"), "7", None),
        ("3", None, None, "x", None),
        (None, None, None, None, "0,xxx xxxxxxxx,000-00-0000,xxx xxx xxxxxx"),
    ]


def test_nothing_behind_the_raw_file_has_a_value(written: LocalLake) -> None:
    files = [path for path in written.root.rglob("*") if path.is_file()]
    files = [path for path in files if path.relative_to(written.root).parts[0] != "raw"]
    zones = {path.relative_to(written.root).parts[0] for path in files}
    assert {"bronze", "silver", "quarantine", "quality"} <= zones
    for path in files:
        if path.suffix == ".parquet":
            text = str(pq.read_table(path).to_pylist())
        elif path.suffix == ".json":
            text = path.read_text("utf-8")
        else:
            continue
        assert [secret for secret in SECRETS if secret in text] == [], path


@settings(deadline=None, max_examples=10)
@given(st.lists(st.text(alphabet=st.characters(codec="utf-8"), max_size=40), min_size=20, max_size=200))
def test_a_mask_keeps_no_letter_or_digit_and_the_length(spark: SparkSession, texts: list[str]) -> None:
    frame = spark.createDataFrame([(text,) for text in texts], "text string")
    for text, found in frame.select("text", masked(F.col("text"))).collect():
        assert not [character for character in found if character.isalnum() and character not in "x0"]
        assert len(found) == len(text)


def test_equal_values_have_equal_hashes_and_another_key_gives_others(spark: SparkSession) -> None:
    frame = spark.createDataFrame([("a",), ("a",), ("b",), (None,)], "value string")
    first = [row[0] for row in frame.select(hashed(F.col("value"), b"one")).collect()]
    other = [row[0] for row in frame.select(hashed(F.col("value"), b"two")).collect()]
    assert (first[0] == first[1], first[0] != first[2], first[3]) == (True, True, None)
    assert not set(first[:3]) & set(other[:3])


def test_a_plan_does_not_show_the_key(spark: SparkSession) -> None:
    frame = spark.range(1).select(hashed(F.lit("a"), KEY))
    assert KEY.decode() not in str(frame._jdf.queryExecution().toString())


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("", None, "--personal_key_secret is missing"),
        ("lake/personal", None, "the secret lake/personal could not be read"),
        ("lake/personal", "k", ""),
    ],
)
def test_the_key_is_read_from_its_secret(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str | None, told: str
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        if value:
            boto3.client("secretsmanager", region_name="us-east-1").create_secret(Name=name, SecretString=value)
        found = S3Lake("b", personal_key_secret=name)
        if told:
            with pytest.raises(PersonalKeyMissingError, match=told):
                found.personal_key()
        else:
            assert found.personal_key() == b"k"

"""Crawlers really crawl: what they register is what lies in S3, under the crawler's role."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import CloudUnderTest
from tests.workflow.roles import ROLE_ARN, allow, make_role, wait_for

BUCKET, DATABASE, CRAWLS = "local-cloud-crawls", "crawled", f"{ROLE_ARN}crawls"
DATABASE_ARNS = ["arn:aws:glue:*:*:catalog", f"arn:aws:glue:*:*:database/{DATABASE}"]
CATALOG = [
    "glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartitions",
    "glue:BatchCreatePartition", "glue:BatchUpdatePartition",
]  # fmt: skip


@pytest.fixture(scope="module")
def glue(cloud: CloudUnderTest) -> Any:
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    client = cloud.client("glue")
    client.create_database(DatabaseInput={"Name": DATABASE})
    bucket = f"arn:aws:s3:::{BUCKET}"
    make_role(
        cloud, "crawls", "glue.amazonaws.com",
        allow(["s3:ListBucket"], [bucket]),
        allow(["s3:GetObject"], [f"{bucket}/*"]),
        allow(CATALOG, [*DATABASE_ARNS, f"arn:aws:glue:*:*:table/{DATABASE}/bronze_*"]),
    )  # fmt: skip
    return client


def put(cloud: CloudUnderTest, key: str, table: pa.Table) -> None:
    written = io.BytesIO()
    pq.write_table(table, written)
    cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=written.getvalue())


def crawl(glue: Any, name: str, role: str = CRAWLS, folder: str = "", **more: Any) -> dict[str, Any]:
    target = {"S3Targets": [{"Path": f"s3://{BUCKET}/{folder or name}/"}]}
    if name not in {crawler["Name"] for crawler in glue.get_crawlers()["Crawlers"]}:
        glue.create_crawler(Name=name, Role=role, DatabaseName=DATABASE, Targets=target, TablePrefix="bronze_", **more)
    return crawl_again(glue, name)


def crawl_again(glue: Any, name: str) -> dict[str, Any]:
    glue.start_crawler(Name=name)
    told = wait_for(lambda: glue.get_crawler(Name=name)["Crawler"], lambda told: told["State"] == "READY")
    last: dict[str, Any] = told["LastCrawl"]
    return last


def columns(described: dict[str, Any]) -> list[tuple[str, str]]:
    return [(column["Name"], column["Type"]) for column in described["StorageDescriptor"]["Columns"]]


def test_a_crawl_registers_the_table_and_its_partitions_from_the_files(cloud: CloudUnderTest, glue: Any) -> None:
    rows = pa.table({
        "NDC": ["1"], "amount": pa.array([1], pa.int32()), "total": pa.array([1], pa.int64()), "share": [0.5],
        "kept": [True],
        "day": pa.array([0], pa.date32()), "at": pa.array([0], pa.timestamp("us", "UTC")),
        "price": pa.array([Decimal("1.25")], pa.decimal128(9, 2)), "codes": [["a"]], "part": [{"Inner": 1}],
        "named": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
    })  # fmt: skip
    for run in ("one", "two"):
        put(cloud, f"drugs/run={run}/part-0.parquet", rows)
    put(cloud, "drugs/_temporary/run=three/part-0.parquet", rows)
    cloud.client("s3").put_object(Bucket=BUCKET, Key="drugs/run=one/_SUCCESS", Body=b"x")
    cloud.client("s3").put_object(Bucket=BUCKET, Key="drugs/run=four/", Body=b"")

    assert crawl(glue, "drugs")["Status"] == "SUCCEEDED"

    table = glue.get_table(DatabaseName=DATABASE, Name="bronze_drugs")["Table"]
    assert columns(table) == [
        ("ndc", "string"), ("amount", "int"), ("total", "bigint"), ("share", "double"), ("kept", "boolean"),
        ("day", "date"),
        ("at", "timestamp"), ("price", "decimal(9,2)"), ("codes", "array<string>"), ("part", "struct<inner:bigint>"),
        ("named", "map<string,int>"),
    ]  # fmt: skip
    assert table["PartitionKeys"] == [{"Name": "run", "Type": "string"}]
    assert table["Parameters"]["classification"] == "parquet"
    assert table["StorageDescriptor"]["Location"] == f"s3://{BUCKET}/drugs/"
    needed = {"NumberOfBuckets", "Compressed", "StoredAsSubDirectories", "BucketColumns", "SortColumns", "Parameters"}
    assert needed <= table["StorageDescriptor"].keys()
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName="bronze_drugs")["Partitions"]
    locations = {part["Values"][0]: part["StorageDescriptor"]["Location"] for part in partitions}
    assert locations == {run: f"s3://{BUCKET}/drugs/run={run}/" for run in ("one", "two")}
    assert all(needed <= part["StorageDescriptor"].keys() for part in partitions)


def test_a_second_crawl_adds_what_is_new(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "grows/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    assert crawl(glue, "grows")["Status"] == "SUCCEEDED"
    put(cloud, "grows/run=two/a.parquet", pa.table({"ndc": ["1"], "added": ["x"]}))
    assert crawl_again(glue, "grows")["Status"] == "SUCCEEDED"
    table = glue.get_table(DatabaseName=DATABASE, Name="bronze_grows")["Table"]
    assert columns(table) == [("ndc", "string"), ("added", "string")]
    partitions = glue.get_partitions(DatabaseName=DATABASE, TableName="bronze_grows")["Partitions"]
    assert {part["Values"][0]: columns(part) for part in partitions} == {
        "one": [("ndc", "string")],
        "two": [("ndc", "string"), ("added", "string")],
    }


def test_with_update_behaviour_log_the_table_keeps_its_columns(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "logged/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(glue, "logged", SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    put(cloud, "logged/run=two/a.parquet", pa.table({"ndc": ["1"], "added": ["x"]}))
    assert crawl_again(glue, "logged")["Status"] == "SUCCEEDED"
    assert columns(glue.get_table(DatabaseName=DATABASE, Name="bronze_logged")["Table"]) == [("ndc", "string")]
    assert len(glue.get_partitions(DatabaseName=DATABASE, TableName="bronze_logged")["Partitions"]) == 2


def test_an_empty_target_succeeds_and_makes_no_table(glue: Any) -> None:
    assert crawl(glue, "nothing")["Status"] == "SUCCEEDED"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName=DATABASE, Name="bronze_nothing")


def test_a_file_that_is_no_parquet_fails_the_crawl_by_name(cloud: CloudUnderTest, glue: Any) -> None:
    cloud.client("s3").put_object(Bucket=BUCKET, Key="text/run=one/page.parquet", Body=b"<html></html>" * 10)
    told = crawl(glue, "text")
    assert told["Status"] == "FAILED"
    assert f"s3://{BUCKET}/text/run=one/page.parquet is not a Parquet file" in told["ErrorMessage"]


@pytest.mark.parametrize(
    ("role", "statement", "refused"),
    [
        ("lists-only", allow(["s3:ListBucket"], ["*"]), "AccessDenied"),
        ("reads-only", allow(["s3:ListBucket", "s3:GetObject"], ["*"]), "glue:GetTable"),
        ("database-only", allow(["s3:*", "glue:*"], ["arn:aws:s3:::*", *DATABASE_ARNS]), "glue:GetTable"),
    ],
)  # fmt: skip
def test_a_missing_permission_fails_the_crawl(
    cloud: CloudUnderTest, glue: Any, role: str, statement: dict[str, Any], refused: str
) -> None:
    put(cloud, f"{role}/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    told = crawl(glue, role, role=make_role(cloud, role, "glue.amazonaws.com", statement))
    assert told["Status"] == "FAILED"
    assert refused in told["ErrorMessage"]


def test_a_running_crawler_is_not_started_twice_and_can_be_stopped(cloud: CloudUnderTest, glue: Any) -> None:
    for run in range(150):
        put(cloud, f"many/run={run}/a.parquet", pa.table({"ndc": ["1"]}))
    target = {"S3Targets": [{"Path": f"s3://{BUCKET}/many/"}]}
    glue.create_crawler(Name="many", Role=CRAWLS, DatabaseName=DATABASE, Targets=target, TablePrefix="bronze_")
    with pytest.raises(glue.exceptions.CrawlerNotRunningException):
        glue.stop_crawler(Name="many")
    glue.start_crawler(Name="many")
    with pytest.raises(glue.exceptions.CrawlerRunningException):
        glue.start_crawler(Name="many")
    glue.stop_crawler(Name="many")
    told = wait_for(lambda: glue.get_crawler(Name="many")["Crawler"], lambda told: told["State"] == "READY")
    assert told["LastCrawl"]["Status"] == "CANCELLED"
    assert crawl_again(glue, "many")["Status"] == "SUCCEEDED"
    paginator = glue.get_paginator("get_partitions").paginate(DatabaseName=DATABASE, TableName="bronze_many")
    assert sum(len(page["Partitions"]) for page in paginator) == 150

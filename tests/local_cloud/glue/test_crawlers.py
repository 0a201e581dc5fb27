"""Crawlers really crawl: what they register is what lies in S3, under the crawler's role."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import ROLE_ARN, allow, make_role, wait_for

BUCKET, DATABASE, CRAWLS = "local-cloud-crawls", "crawled", f"{ROLE_ARN}crawls"
DATABASE_ARNS = ["arn:aws:glue:*:*:catalog", f"arn:aws:glue:*:*:database/{DATABASE}"]
CATALOG = [
    "glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable", "glue:GetPartitions",
    "glue:BatchCreatePartition", "glue:BatchUpdatePartition", "glue:DeletePartition", "glue:DeleteTable",
    "glue:CreatePartitionIndex",
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


@pytest.mark.parametrize("configuration", [None, {"Version": 1.0, "CreatePartitionIndex": False}])
def test_a_crawl_makes_a_partition_index_unless_it_is_told_not_to(
    cloud: CloudUnderTest, glue: Any, configuration: dict[str, Any] | None
) -> None:
    name = "plain" if configuration else "indexed"
    bucket, tables = f"arn:aws:s3:::{BUCKET}", f"arn:aws:glue:*:*:table/{DATABASE}/bronze_*"
    make_role(
        cloud, f"without-{name}", "glue.amazonaws.com",
        allow(["s3:ListBucket"], [bucket]),
        allow(["s3:GetObject"], [f"{bucket}/*"]),
        allow([action for action in CATALOG if "Index" not in action], [*DATABASE_ARNS, tables]),
    )  # fmt: skip
    put(cloud, f"{name}/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    more = {"Configuration": json.dumps(configuration)} if configuration else {}
    last = crawl(glue, name, f"{ROLE_ARN}without-{name}", **more)
    if configuration:
        assert last["Status"] == "SUCCEEDED"
    else:
        assert last["Status"] == "FAILED"
        assert "glue:CreatePartitionIndex" in last["ErrorMessage"]
    assert indexes_of(glue, name) == []


def test_a_crawler_that_may_makes_a_partition_index(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "may_index/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    assert crawl(glue, "may_index")["Status"] == "SUCCEEDED"
    assert indexes_of(glue, "may_index") == ["crawler_partition_index"]
    assert crawl_again(glue, "may_index")["Status"] == "SUCCEEDED"


def indexes_of(glue: Any, name: str) -> list[str]:
    told = glue.get_partition_indexes(DatabaseName=DATABASE, TableName=f"bronze_{name}")
    return [index["IndexName"] for index in told["PartitionIndexDescriptorList"]]


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


def table_of(glue: Any, name: str) -> dict[str, Any]:
    table: dict[str, Any] = glue.get_table(DatabaseName=DATABASE, Name=f"bronze_{name}")["Table"]
    return table


def partitions_of(glue: Any, name: str) -> dict[str, dict[str, Any]]:
    told = glue.get_partitions(DatabaseName=DATABASE, TableName=f"bronze_{name}")["Partitions"]
    return {partition["Values"][0]: partition for partition in told}


def statistics(described: dict[str, Any]) -> tuple[int, int]:
    return int(described["Parameters"]["objectCount"]), int(described["Parameters"]["recordCount"])


def remove(cloud: CloudUnderTest, key: str) -> None:
    cloud.client("s3").delete_object(Bucket=BUCKET, Key=key)


def test_rows_and_bytes_are_counted_from_every_file(cloud: CloudUnderTest, glue: Any) -> None:
    for key, rows in {"run=one/a": 3, "run=one/b": 4, "run=two/a": 5}.items():
        put(cloud, f"counted/{key}.parquet", pa.table({"ndc": ["1"] * rows}))
    assert crawl(glue, "counted")["Status"] == "SUCCEEDED"
    partitions = partitions_of(glue, "counted")
    assert {run: statistics(partition) for run, partition in partitions.items()} == {"one": (2, 7), "two": (1, 5)}
    table = table_of(glue, "counted")
    assert statistics(table) == (3, 12)
    listed = cloud.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="counted/")["Contents"]
    size = sum(entry["Size"] for entry in listed)
    assert (table["Parameters"]["sizeKey"], table["Parameters"]["averageRecordSize"]) == (str(size), str(size // 12))
    assert table["StorageDescriptor"]["Parameters"]["recordCount"] == "12"
    assert table["Parameters"]["UPDATED_BY_CRAWLER"] == "counted"


def test_a_crawl_of_what_did_not_change_writes_nothing(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "unchanged/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    reads = allow(["glue:Get*"], [*DATABASE_ARNS, f"arn:aws:glue:*:*:table/{DATABASE}/*"])
    lake = allow(["s3:ListBucket", "s3:GetObject"], ["*"])
    crawl(glue, "unchanged")
    glue.update_crawler(Name="unchanged", Role=make_role(cloud, "only-reads", "glue.amazonaws.com", reads, lake))
    assert crawl_again(glue, "unchanged")["Status"] == "SUCCEEDED"


def test_a_changed_partition_is_counted_and_described_again(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "changes/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(glue, "changes")
    put(cloud, "changes/run=one/b.parquet", pa.table({"ndc": ["1", "2"], "added": ["x", "y"]}))
    crawl_again(glue, "changes")
    partition = partitions_of(glue, "changes")["one"]
    assert statistics(partition) == (2, 3)
    assert columns(partition) == [("ndc", "string"), ("added", "string")]
    assert statistics(table_of(glue, "changes")) == (2, 3)


def test_with_update_behaviour_log_a_changed_partition_stays_as_it_is(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "stays/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(glue, "stays", SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"})
    put(cloud, "stays/run=one/b.parquet", pa.table({"ndc": ["1"], "added": ["x"]}))
    put(cloud, "stays/run=two/a.parquet", pa.table({"ndc": ["1"]}))
    crawl_again(glue, "stays")
    partitions = partitions_of(glue, "stays")
    assert {run: statistics(partition) for run, partition in partitions.items()} == {"one": (1, 1), "two": (1, 1)}
    assert columns(partitions["one"]) == [("ndc", "string")]


def test_partitions_of_mixed_schemas_inherit_the_merged_one(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "mixed/run=one/a.parquet", pa.table({"ndc": ["1"], "dropped": ["x"], "code": pa.array([1], pa.int32())}))
    put(cloud, "mixed/run=two/a.parquet", pa.table({"ndc": ["1"], "code": ["1"], "added": ["x"]}))
    inherit = '{"Version": 1.0, "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}}}'
    assert crawl(glue, "mixed", Configuration=inherit)["Status"] == "SUCCEEDED"
    merged = [("ndc", "string"), ("code", "string"), ("added", "string"), ("dropped", "string")]
    assert columns(table_of(glue, "mixed")) == merged
    assert {run: columns(part) for run, part in partitions_of(glue, "mixed").items()} == {"one": merged, "two": merged}
    put(cloud, "mixed/run=three/a.parquet", pa.table({"ndc": ["1"], "later": ["x"]}))
    crawl_again(glue, "mixed")
    wider = [("ndc", "string"), ("later", "string"), ("code", "string"), ("added", "string"), ("dropped", "string")]
    assert {run: columns(part) for run, part in partitions_of(glue, "mixed").items()} == dict.fromkeys(
        ("one", "two", "three"), wider
    )


@pytest.mark.parametrize(
    ("behaviour", "left"), [("LOG", {"one", "two"}), ("DEPRECATE_IN_DATABASE", {"one", "two"}),
                            ("DELETE_FROM_DATABASE", {"two"})],
)  # fmt: skip
def test_a_vanished_partition_is_treated_by_the_delete_behaviour(
    cloud: CloudUnderTest, glue: Any, behaviour: str, left: set[str]
) -> None:
    name = f"vanishes_{behaviour.lower()}"
    for run in ("one", "two"):
        put(cloud, f"{name}/run={run}/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(glue, name, SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour})
    remove(cloud, f"{name}/run=one/a.parquet")
    assert crawl_again(glue, name)["Status"] == "SUCCEEDED"
    assert partitions_of(glue, name).keys() == left
    assert statistics(table_of(glue, name)) == (1, 1)


@pytest.mark.parametrize("behaviour", ["LOG", "DEPRECATE_IN_DATABASE", "DELETE_FROM_DATABASE"])
def test_a_vanished_table_is_treated_by_the_delete_behaviour(cloud: CloudUnderTest, glue: Any, behaviour: str) -> None:
    name = f"goes_{behaviour.lower()}"
    put(cloud, f"{name}/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(glue, name, SchemaChangePolicy={"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": behaviour})
    remove(cloud, f"{name}/run=one/a.parquet")
    assert crawl_again(glue, name)["Status"] == "SUCCEEDED"
    if behaviour == "DELETE_FROM_DATABASE":
        with pytest.raises(glue.exceptions.EntityNotFoundException):
            table_of(glue, name)
        return
    is_deprecated = "DEPRECATED_BY_CRAWLER" in table_of(glue, name)["Parameters"]
    assert is_deprecated == (behaviour == "DEPRECATE_IN_DATABASE")
    put(cloud, f"{name}/run=two/a.parquet", pa.table({"ndc": ["1"]}))
    crawl_again(glue, name)
    assert "DEPRECATED_BY_CRAWLER" not in table_of(glue, name)["Parameters"]


def test_a_crawl_of_new_folders_adds_those_that_fit_and_changes_nothing(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "folders/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    crawl(
        glue, "folders", RecrawlPolicy={"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"},
        SchemaChangePolicy={"UpdateBehavior": "LOG", "DeleteBehavior": "LOG"},
    )  # fmt: skip
    put(cloud, "folders/run=one/b.parquet", pa.table({"ndc": ["1"]}))
    put(cloud, "folders/run=two/a.parquet", pa.table({"ndc": ["1", "2"]}))
    put(cloud, "folders/run=three/a.parquet", pa.table({"ndc": pa.array([1], pa.int32())}))
    assert crawl_again(glue, "folders")["Status"] == "SUCCEEDED"
    partitions = partitions_of(glue, "folders")
    assert {run: statistics(partition) for run, partition in partitions.items()} == {"one": (1, 1), "two": (1, 2)}
    assert statistics(table_of(glue, "folders")) == (1, 1)


def test_a_recrawl_policy_that_is_not_followed_fails_the_crawl(glue: Any) -> None:
    told = crawl(glue, "by_events", RecrawlPolicy={"RecrawlBehavior": "CRAWL_EVENT_MODE"})
    assert told["Status"] == "FAILED"
    assert "CRAWL_EVENT_MODE" in told["ErrorMessage"]


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


def test_a_crawl_of_several_targets_registers_a_table_for_each_that_has_rows(cloud: CloudUnderTest, glue: Any) -> None:
    put(cloud, "several/product/run=one/a.parquet", pa.table({"code": ["1"], "routes": [["ORAL", "TOPICAL"]]}))
    put(cloud, "several/package/run=one/a.parquet", pa.table({"ndc": ["1"]}))
    paths = [f"s3://{BUCKET}/several/{name}/" for name in ("product", "package", "excluded")]
    targets = {"S3Targets": [{"Path": path} for path in paths]}
    glue.create_crawler(Name="several", Role=CRAWLS, DatabaseName=DATABASE, Targets=targets, TablePrefix="bronze_")
    assert crawl_again(glue, "several")["Status"] == "SUCCEEDED"
    tables = {table["Name"]: table for table in glue.get_tables(DatabaseName=DATABASE)["TableList"]}
    assert columns(tables["bronze_product"]) == [("code", "string"), ("routes", "array<string>")]
    assert columns(tables["bronze_package"]) == [("ndc", "string")]
    assert "bronze_excluded" not in tables

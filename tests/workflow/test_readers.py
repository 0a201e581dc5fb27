"""Libraries that people read tables with, unchanged, on the local cloud."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import awswrangler as wr
import boto3
import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pyathena
import pytest
from pyathena.pandas.cursor import PandasCursor

from tests.conftest import CloudUnderTest

COLUMNS = {"code": "string", "amount": "bigint", "price": "decimal(10,2)", "day": "date", "active": "boolean"}
ROWS: list[dict[str, object]] = [
    {"code": "a", "amount": 1, "price": Decimal("1.50"), "day": dt.date(2024, 2, 29), "active": True},
    {"code": None, "amount": 2, "price": Decimal("2.25"), "day": None, "active": False},
]
SCHEMA = pa.schema({
    "code": pa.string(), "amount": pa.int64(), "price": pa.decimal128(10, 2), "day": pa.date32(), "active": pa.bool_(),
})  # fmt: skip
SQL = "SELECT version, code, amount, price, day, active FROM readers ORDER BY amount"


@dataclass(frozen=True)
class Published:
    """A partitioned table, and what a reader needs to reach it."""

    cloud: CloudUnderTest
    bucket: str
    database: str

    @property
    def results(self) -> str:
        return f"s3://{self.bucket}/results/"

    def connect(self, cursor: Any = None) -> Any:
        chosen = {"cursor_class": cursor} if cursor else {}
        return pyathena.connect(
            s3_staging_dir=self.results, schema_name=self.database, region_name=self.cloud.running.region,
            endpoint_url=self.cloud.endpoint, aws_access_key_id=self.cloud.running.root.access_key_id,
            aws_secret_access_key=self.cloud.running.root.secret_access_key, **chosen,
        )  # fmt: skip


@pytest.fixture(scope="module")
def published(cloud: CloudUnderTest) -> Iterator[Published]:
    name = uuid.uuid4().hex[:8]
    made = Published(cloud, f"readers-{name}", f"readers_{name}")
    s3, glue = cloud.client("s3"), cloud.client("glue")
    s3.create_bucket(Bucket=made.bucket)
    glue.create_database(DatabaseInput={"Name": made.database})
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(ROWS, SCHEMA), buffer, compression="zstd")
    key = "silver/version=2024-02-29/run=1/part-0.parquet"
    s3.put_object(Bucket=made.bucket, Key=key, Body=buffer.getvalue())
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    storage = {
        "Columns": [{"Name": column, "Type": kind} for column, kind in COLUMNS.items()],
        "InputFormat": f"{hive}.MapredParquetInputFormat", "OutputFormat": f"{hive}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe"},
    }  # fmt: skip
    glue.create_table(
        DatabaseName=made.database,
        TableInput={
            "Name": "readers", "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "parquet"},
            "PartitionKeys": [{"Name": "version", "Type": "string"}],
            "StorageDescriptor": {**storage, "Location": f"s3://{made.bucket}/silver/"},
        },
    )  # fmt: skip
    location = f"s3://{made.bucket}/silver/version=2024-02-29/run=1/"
    partition = {"Values": ["2024-02-29"], "StorageDescriptor": {**storage, "Location": location}}
    glue.create_partition(DatabaseName=made.database, TableName="readers", PartitionInput=partition)
    yield made
    glue.delete_database(Name=made.database)


@pytest.fixture
def session(published: Published, monkeypatch: pytest.MonkeyPatch) -> boto3.Session:
    """What a user has set up: the variables of ``lake status --exports``, and nothing in the code."""
    for variable, value in published.cloud.environment().items():
        monkeypatch.setenv(variable, value)
    return boto3.Session()


def test_pyathena_reads_typed_rows(published: Published) -> None:
    rows = published.connect().cursor().execute(SQL).fetchall()
    assert rows == [("2024-02-29", *ROWS[0].values()), ("2024-02-29", *ROWS[1].values())]


@pytest.mark.usefixtures("session")
def test_pyathena_reads_into_pandas(published: Published) -> None:
    frame = published.connect(PandasCursor).cursor().execute(SQL).as_pandas()
    assert list(frame["amount"]) == [1, 2]
    assert list(frame["active"]) == [True, False]


def test_awswrangler_queries(published: Published, session: boto3.Session) -> None:
    frame = wr.athena.read_sql_query(
        SQL, database=published.database, ctas_approach=False, s3_output=published.results, boto3_session=session
    )
    assert list(frame["amount"]) == [1, 2]
    assert list(frame["price"]) == [Decimal("1.50"), Decimal("2.25")]
    assert list(frame["active"]) == [True, False]


def test_awswrangler_reads_the_table_of_the_catalog(published: Published, session: boto3.Session) -> None:
    frame = wr.s3.read_parquet_table(database=published.database, table="readers", boto3_session=session)
    assert sorted(frame["amount"]) == [1, 2]
    assert set(frame["version"]) == {"2024-02-29"}


def test_duckdb_reads_the_parquet_that_boto3_fetches(published: Published, tmp_path: Any) -> None:
    s3, glue = published.cloud.client("s3"), published.cloud.client("glue")
    (partition,) = glue.get_partitions(DatabaseName=published.database, TableName="readers")["Partitions"]
    prefix = partition["StorageDescriptor"]["Location"].removeprefix(f"s3://{published.bucket}/")
    for item in s3.list_objects_v2(Bucket=published.bucket, Prefix=prefix)["Contents"]:
        s3.download_file(published.bucket, item["Key"], str(tmp_path / item["Key"].rsplit("/", 1)[-1]))
    relation = duckdb.read_parquet(str(tmp_path / "*.parquet")).order("amount")
    assert relation.columns == list(COLUMNS)
    assert relation.fetchall() == [tuple(row.values()) for row in ROWS]

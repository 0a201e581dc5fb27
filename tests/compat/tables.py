"""Tables that have what the published ones do not: nested types, partition keys of several types, files that differ."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq

DATABASE = "compat_db"
BUCKET = "pp-raws-compat"
_KINDS = {
    "id": "int", "small": "smallint", "tiny": "tinyint", "big": "bigint", "ratio": "double", "share": "float",
    "price": "decimal(10,2)", "flag": "boolean", "day": "date", "moment": "timestamp", "label": "string",
    "code": "varchar(3)", "data": "binary", "tags": "array<string>", "sizes": "array<int>",
    "origin": "struct<country:string,year:int>", "counts": "map<string,int>",
    "parts": "array<struct<name:string,share:double>>", "absent": "string",
}  # fmt: skip
_SCHEMA = pa.schema({
    "label": pa.string(), "id": pa.int32(), "small": pa.int16(), "tiny": pa.int8(), "big": pa.int64(),
    "ratio": pa.float64(), "share": pa.float32(), "price": pa.decimal128(10, 2), "flag": pa.bool_(),
    "day": pa.date32(), "moment": pa.timestamp("us"), "code": pa.string(), "data": pa.binary(),
    "tags": pa.list_(pa.string()), "sizes": pa.list_(pa.int32()),
    "origin": pa.struct([("country", pa.string()), ("year", pa.int32())]), "counts": pa.map_(pa.string(), pa.int32()),
    "parts": pa.list_(pa.struct([("name", pa.string()), ("share", pa.float64())])), "undeclared": pa.int32(),
})  # fmt: skip
_ROWS: list[dict[str, Any]] = [
    {
        "id": 1, "small": 7, "tiny": 1, "big": 9_007_199_254_740_993, "ratio": 0.1, "share": 1.5,
        "price": Decimal("12.34"), "flag": True, "day": dt.date(2024, 2, 29),
        "moment": dt.datetime(2024, 2, 29, 23, 59, 58, 123456, tzinfo=dt.UTC).replace(tzinfo=None), "label": 'é "x"',
        "code": "abc", "data": b"\x01\xff", "tags": ["a", "b", None], "sizes": [3, 1, 2],
        "origin": {"country": "US", "year": 1999}, "counts": [("a", 1)],
        "parts": [{"name": "p", "share": 0.5}, {"name": "q", "share": None}], "undeclared": 1,
    },
    {
        "id": 2, "small": -7, "tiny": -1, "big": -5, "ratio": 1e10, "share": 2.25, "price": Decimal("-0.05"),
        "flag": False, "day": dt.date(1900, 1, 1), "moment": dt.datetime(1970, 1, 1),  # noqa: DTZ001 - Parquet has none
        "label": "", "code": "b", "data": b"", "tags": [], "sizes": [], "origin": {"country": None, "year": None},
        "counts": [], "parts": [], "undeclared": 2,
    },
    {"id": 3, "ratio": float("nan"), "label": "a,b\nc"},
]  # fmt: skip


def clients(cloud: Mapping[str, str]) -> tuple[Any, Any]:
    """Return clients of the local cloud's S3 and Glue."""
    connect: Any = boto3.client
    given = {
        "endpoint_url": cloud["AWS_ENDPOINT_URL"], "region_name": cloud["AWS_REGION"],
        "aws_access_key_id": cloud["AWS_ACCESS_KEY_ID"], "aws_secret_access_key": cloud["AWS_SECRET_ACCESS_KEY"],
    }  # fmt: skip
    return connect("s3", **given), connect("glue", **given)


def empty_database(glue: Any, name: str) -> None:
    """Make a database anew."""
    if any(item["Name"] == name for item in glue.get_databases()["DatabaseList"]):
        glue.delete_database(Name=name)
    glue.create_database(DatabaseInput={"Name": name})


def make(cloud: Mapping[str, str]) -> None:
    """Write the tables ``kinds`` and ``sales`` anew."""
    s3, glue = clients(cloud)
    s3.create_bucket(Bucket=BUCKET)
    empty_database(glue, DATABASE)
    _put(s3, "kinds/part-0.parquet", pa.Table.from_pylist(_ROWS, _SCHEMA))
    _put(s3, "kinds/_hidden/part-1.parquet", pa.Table.from_pylist(_ROWS, _SCHEMA))
    glue.create_table(DatabaseName=DATABASE, TableInput=table("kinds", "kinds/", _KINDS, {}))
    columns, keys = {"code": "string", "amount": "bigint"}, {"year": "int", "day": "date", "region": "string"}
    glue.create_table(DatabaseName=DATABASE, TableInput=table("sales", "sales/", columns, keys))
    for year, day, region in ((2023, "2023-12-31", "east"), (2024, "2024-02-29", "west"), (2024, "2024-03-01", "é x")):
        where = f"sales/year={year}/day={day}/region={region}/"
        _put(s3, f"{where}x.parquet", pa.table({"code": [region, None], "amount": [year, 1]}))
        described = {**_storage(where, columns), "Columns": _columns(columns)}
        partition = {"Values": [str(year), day, region], "StorageDescriptor": described}
        glue.create_partition(DatabaseName=DATABASE, TableName="sales", PartitionInput=partition)
    # It lies beside the others, and nobody registered it.
    _put(s3, "sales/year=2025/day=2025-01-01/region=east/x.parquet", pa.table({"code": ["no"], "amount": [9]}))


def _put(s3: Any, key: str, rows: pa.Table) -> None:
    buffer = io.BytesIO()
    pq.write_table(rows, buffer, compression="zstd")
    s3.put_object(Bucket=BUCKET, Key=key, Body=buffer.getvalue())


def table(name: str, prefix: str, columns: Mapping[str, str], keys: Mapping[str, str]) -> dict[str, Any]:
    """Describe a table of Parquet below a prefix of the bucket."""
    return {
        "Name": name, "TableType": "EXTERNAL_TABLE", "Parameters": {"classification": "parquet"},
        "StorageDescriptor": _storage(prefix, columns), "PartitionKeys": _columns(keys),
    }  # fmt: skip


def _storage(prefix: str, columns: Mapping[str, str]) -> dict[str, Any]:
    hive = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Columns": _columns(columns), "Location": f"s3://{BUCKET}/{prefix}", "Compressed": False,
        "InputFormat": f"{hive}.MapredParquetInputFormat", "OutputFormat": f"{hive}.MapredParquetOutputFormat",
        "SerdeInfo": {"SerializationLibrary": f"{hive}.serde.ParquetHiveSerDe"}, "NumberOfBuckets": -1,
        "BucketColumns": [], "SortColumns": [], "Parameters": {}, "StoredAsSubDirectories": False,
    }  # fmt: skip


def _columns(given: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": kind} for name, kind in given.items()]

"""A bucket and a database in the local cloud, and queries to them through boto3."""

from __future__ import annotations

import io
import json
import time
import uuid
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.conftest import CloudUnderTest

COLUMNS = [{"Name": "code", "Type": "string"}, {"Name": "amount", "Type": "bigint"}]


@dataclass(frozen=True)
class Lake:
    """A bucket and a database of this module's own."""

    cloud: CloudUnderTest
    bucket: str
    database: str

    def put(self, key: str, columns: dict[str, list[Any]]) -> int:
        """Write Parquet; return the compressed size of its column chunks."""
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer, compression="zstd")
        self.cloud.client("s3").put_object(Bucket=self.bucket, Key=key, Body=buffer.getvalue())
        group = pq.read_metadata(io.BytesIO(buffer.getvalue())).row_group(0)
        return sum(group.column(index).total_compressed_size for index in range(group.num_columns))

    def descriptor(self, prefix: str, columns: list[dict[str, str]] = COLUMNS) -> dict[str, Any]:
        """A storage descriptor of Parquet below a prefix."""
        return {
            "Columns": columns,
            "Location": f"s3://{self.bucket}/{prefix}",
            "InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            "OutputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"},
        }


def execute(lake: Lake, sql: str, client: Any = None, **arguments: Any) -> dict[str, Any]:
    """Run a query to its end and return its execution."""
    athena = client or lake.cloud.client("athena")
    arguments.setdefault("ResultConfiguration", {"OutputLocation": f"s3://{lake.bucket}/results/"})
    context = {"Database": lake.database}
    started = athena.start_query_execution(QueryString=sql, QueryExecutionContext=context, **arguments)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        execution: dict[str, Any] = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])[
            "QueryExecution"
        ]
        if execution["Status"]["State"] not in {"QUEUED", "RUNNING"}:
            return execution
        time.sleep(0.02)
    pytest.fail(f"{sql} did not end")


def results(lake: Lake, sql: str, **arguments: Any) -> dict[str, Any]:
    """Run a query that must succeed and return the first page of its result."""
    execution = execute(lake, sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    page: dict[str, Any] = lake.cloud.client("athena").get_query_results(QueryExecutionId=execution["QueryExecutionId"])
    return page


def rows(lake: Lake, sql: str, **arguments: Any) -> list[list[str | None]]:
    """All rows of a query's result, header included."""
    found = results(lake, sql, **arguments)["ResultSet"]["Rows"]
    return [[datum.get("VarCharValue") for datum in row["Data"]] for row in found]


def reason(lake: Lake, sql: str, **arguments: Any) -> str:
    """Why a query that must fail failed."""
    execution = execute(lake, sql, **arguments)
    assert execution["Status"]["State"] == "FAILED", execution["Status"]
    return str(execution["Status"]["StateChangeReason"])


def session(lake: Lake, statements: list[dict[str, Any]]) -> dict[str, str]:
    """Credentials of a role that has just these permissions."""
    iam, name = lake.cloud.client("iam"), f"reader-{uuid.uuid4().hex[:8]}"
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **item} for item in statements]}
    iam.put_role_policy(RoleName=name, PolicyName="given", PolicyDocument=json.dumps(policy))
    given = lake.cloud.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": given["AccessKeyId"],
        "aws_secret_access_key": given["SecretAccessKey"],
        "aws_session_token": given["SessionToken"],
    }

"""The catalog and the Parquet that the tests of the service query."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest

from tests.conftest import CloudUnderTest
from tests.local_cloud.athena.lake import Lake


@pytest.fixture(scope="module")
def lake(cloud: CloudUnderTest) -> Iterator[Lake]:
    name = uuid.uuid4().hex[:8]
    made = Lake(cloud, f"athena-{name}", f"db_{name}")
    cloud.client("s3").create_bucket(Bucket=made.bucket)
    glue = cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": made.database})
    made.put("plain/part-0.parquet", {"code": ["a", None], "amount": [1, 2], "undeclared": [0, 0]})
    made.put("plain/part-1.parquet", {"code": ["c"]})
    made.put("plain/_temporary/part-2.parquet", {"code": ["hidden"], "amount": [9]})
    glue.create_table(
        DatabaseName=made.database,
        TableInput={"Name": "plain", "TableType": "EXTERNAL_TABLE", "StorageDescriptor": made.descriptor("plain/")},
    )
    glue.create_table(
        DatabaseName=made.database,
        TableInput={
            "Name": "versions",
            "TableType": "EXTERNAL_TABLE",
            "StorageDescriptor": made.descriptor("versions/"),
            "PartitionKeys": [{"Name": "version", "Type": "string"}],
        },
    )
    for version in ("2024-01-01", "2024-02-01", "2024-03-01"):
        made.put(f"versions/version={version}/run=1/x.parquet", {"code": [version] * 3, "amount": [1, 2, 3]})
    for version in ("2024-01-01", "2024-02-01"):
        glue.create_partition(
            DatabaseName=made.database,
            TableName="versions",
            PartitionInput={
                "Values": [version],
                "StorageDescriptor": made.descriptor(f"versions/version={version}/run=1/"),
            },
        )
    yield made
    glue.delete_database(Name=made.database)

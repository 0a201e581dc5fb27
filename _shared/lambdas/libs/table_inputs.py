"""Catalog entries of published tables, as every engine reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from _shared.contracts.dataset import SilverTable
from _shared.contracts.naming import versions_table

if TYPE_CHECKING:
    from mypy_boto3_glue.type_defs import (
        ColumnTypeDef,
        PartitionInputTypeDef,
        StorageDescriptorUnionTypeDef,
        TableInputTypeDef,
    )

VERSION_KEY = "version"

_INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
_OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
_SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"


@dataclass(frozen=True)
class TablePlan:
    """One table of one version, to be registered.

    Parameters
    ----------
    table
        Name, description and columns.
    location
        S3 address of the version's Parquet, ending in ``/``.
    root
        S3 address of all versions, ending in ``/``.
    rows
        Rows of the version.
    """

    table: SilverTable
    version: str
    run_id: str
    location: str
    root: str
    rows: int


def current_table(plan: TablePlan) -> TableInputTypeDef:
    """Return the table that is the current version: its location is what is switched."""
    return {
        "Name": plan.table.name,
        "Description": plan.table.description,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [],
        "StorageDescriptor": _storage(plan, plan.location),
        "Parameters": {**_parameters(), **_version_parameters(plan)},
    }


def versions_table_of(plan: TablePlan) -> TableInputTypeDef:
    """Return the table that has every published version as a partition."""
    comment = "Release date of the version, YYYY-MM-DD"
    return {
        "Name": versions_table(plan.table.name),
        "Description": f"{plan.table.description}; every published version",
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": VERSION_KEY, "Type": "string", "Comment": comment}],
        "StorageDescriptor": _storage(plan, plan.root),
        "Parameters": _parameters(),
    }


def version_partition(plan: TablePlan) -> PartitionInputTypeDef:
    """Return the version's partition of the versions table."""
    return {
        "Values": [plan.version],
        "StorageDescriptor": _storage(plan, plan.location),
        "Parameters": {"classification": "parquet", **_version_parameters(plan)},
    }


def _columns(plan: TablePlan) -> Sequence[ColumnTypeDef]:
    return [{"Name": column.name, "Type": column.type, "Comment": column.comment} for column in plan.table.columns]


def _storage(plan: TablePlan, location: str) -> StorageDescriptorUnionTypeDef:
    # The empty settings are spelt out because Trino refuses a descriptor without them.
    return {
        "Columns": _columns(plan),
        "Location": location,
        "InputFormat": _INPUT_FORMAT,
        "OutputFormat": _OUTPUT_FORMAT,
        "SerdeInfo": {"SerializationLibrary": _SERDE, "Parameters": {"serialization.format": "1"}},
        "Compressed": False,
        "NumberOfBuckets": 0,
        "BucketColumns": [],
        "SortColumns": [],
        "StoredAsSubDirectories": False,
        "Parameters": {"classification": "parquet"},
    }


def _parameters() -> dict[str, str]:
    return {"EXTERNAL": "TRUE", "classification": "parquet"}


def _version_parameters(plan: TablePlan) -> dict[str, str]:
    return {"version": plan.version, "run_id": plan.run_id, "recordCount": str(plan.rows)}

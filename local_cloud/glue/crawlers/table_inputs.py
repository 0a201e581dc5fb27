"""The catalog entries that a Glue crawler writes for Parquet files."""

from __future__ import annotations

from typing import Any

from local_cloud.glue.crawlers.layout import FoundPartition, FoundTable
from local_cloud.glue.crawlers.parquet_schema import Columns

DEPRECATED = "DEPRECATED_BY_CRAWLER"
_HIVE_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"


def table_input(found: FoundTable, crawler: str) -> dict[str, Any]:
    """Return the catalog table for the result of a crawl."""
    parameters = {"EXTERNAL": "TRUE", **_parameters(found.partitions, crawler)}
    return {
        "Name": found.name,
        "Owner": "owner",
        "Retention": 0,
        "TableType": "EXTERNAL_TABLE",
        "PartitionKeys": [{"Name": key, "Type": "string"} for key in found.keys],
        "Parameters": parameters,
        "StorageDescriptor": storage_descriptor(found.columns, found.location, parameters),
    }


def partition_input(partition: FoundPartition, inherited: Columns | None, crawler: str) -> dict[str, Any]:
    """Return a catalog partition, with the table's columns if it inherits them."""
    parameters = _parameters((partition,), crawler)
    columns = partition.columns if inherited is None else inherited
    return {
        "Values": list(partition.values),
        "Parameters": parameters,
        "StorageDescriptor": storage_descriptor(columns, partition.location, parameters),
    }


def storage_descriptor(columns: Columns, location: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the storage descriptor of Parquet files, with all members that Glue crawlers write."""
    return {
        "Columns": columns,
        "Location": location,
        "InputFormat": f"{_HIVE_PARQUET}.MapredParquetInputFormat",
        "OutputFormat": f"{_HIVE_PARQUET}.MapredParquetOutputFormat",
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": f"{_HIVE_PARQUET}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "BucketColumns": [],
        "SortColumns": [],
        "Parameters": parameters,
        "StoredAsSubDirectories": False,
    }


def _parameters(partitions: tuple[FoundPartition, ...], crawler: str) -> dict[str, str]:
    """Return the statistics of partitions, counted from every footer. Glue reads some footers and extrapolates."""
    size, rows = sum(part.size for part in partitions), sum(part.rows for part in partitions)
    return {
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": crawler,
        "classification": "parquet",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": str(sum(len(part.files) for part in partitions)),
        "recordCount": str(rows),
        "sizeKey": str(size),
        "averageRecordSize": str(size // rows if rows else 0),
    }

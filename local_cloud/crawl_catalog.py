"""Write what a crawl found into the Glue Data Catalog, as a Glue crawler writes it."""

from __future__ import annotations

from typing import Any

from local_cloud.crawl import FoundPartition, FoundTable
from local_cloud.parquet_schema import Columns

_HIVE_PARQUET = "org.apache.hadoop.hive.ql.io.parquet"
_MOST_PARTITIONS = 100
UPDATE, DELETE = "UPDATE_IN_DATABASE", "DELETE_FROM_DATABASE"


class CatalogWriter:
    """Creates and updates the table and partitions of one crawler.

    Parameters
    ----------
    client
        Glue client of the crawler's role.
    crawler
        The crawler's definition: name, database, schema change policy, configuration.
    """

    def __init__(self, client: Any, crawler: dict[str, Any]) -> None:
        self._client, self._database = client, crawler["DatabaseName"]
        self._crawler = crawler["Name"]
        policy = crawler.get("SchemaChangePolicy") or {}
        self._updates = policy.get("UpdateBehavior", UPDATE) == UPDATE
        self._deletes = policy.get("DeleteBehavior") == DELETE
        self._inherits = "InheritFromTable" in (crawler.get("Configuration") or "")

    def write(self, found: FoundTable) -> list[str]:
        """Bring the catalog up to what was found; return in words what was done."""
        current = self._current(found.name)
        done = []
        if current is None:
            self._client.create_table(DatabaseName=self._database, TableInput=self._table_input(found))
            done.append(f"created table {found.name}")
        elif self._differs(current, found):
            if self._updates:
                self._client.update_table(DatabaseName=self._database, TableInput=self._table_input(found))
                done.append(f"updated table {found.name}")
            else:
                done.append(f"table {found.name} differs and is left as it is: its update behaviour is LOG")
        if found.keys:
            done += self._write_partitions(found)
        return done

    def _write_partitions(self, found: FoundTable) -> list[str]:
        pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self._database, TableName=found.name)
        registered = {tuple(entry["Values"]): entry for page in pages for entry in page["Partitions"]}
        inputs = {part.values: self._partition_input(found, part) for part in found.partitions}
        new = [given for values, given in inputs.items() if values not in registered]
        known = {values: given for values, given in inputs.items() if values in registered}
        changed = [given for values, given in known.items() if _moved(registered[values], given)]
        gone = [values for values in registered if values not in inputs] if self._deletes else []
        where = {"DatabaseName": self._database, "TableName": found.name}
        for batch in _batches(new):
            _refuse_errors(self._client.batch_create_partition(**where, PartitionInputList=batch))
        for batch in _batches(changed):
            entries = [{"PartitionValueList": given["Values"], "PartitionInput": given} for given in batch]
            _refuse_errors(self._client.batch_update_partition(**where, Entries=entries))
        for values in gone:
            self._client.delete_partition(**where, PartitionValues=list(values))
        return [f"partitions of {found.name}: {len(new)} created, {len(changed)} updated, {len(gone)} deleted"]

    def _current(self, name: str) -> dict[str, Any] | None:
        try:
            table: dict[str, Any] = self._client.get_table(DatabaseName=self._database, Name=name)["Table"]
        except self._client.exceptions.EntityNotFoundException:
            return None
        return table

    def _differs(self, current: dict[str, Any], found: FoundTable) -> bool:
        storage = current["StorageDescriptor"]
        return bool(
            storage.get("Columns") != found.columns
            or storage.get("Location") != found.location
            or [key["Name"] for key in current.get("PartitionKeys", [])] != list(found.keys)
        )

    def _table_input(self, found: FoundTable) -> dict[str, Any]:
        objects = [stored for partition in found.partitions for stored in partition.objects]
        parameters = {
            "CrawlerSchemaDeserializerVersion": "1.0",
            "CrawlerSchemaSerializerVersion": "1.0",
            "UPDATED_BY_CRAWLER": self._crawler,
            "EXTERNAL": "TRUE",
            **_statistics(len(objects), sum(stored.size for stored in objects)),
        }
        return {
            "Name": found.name,
            "Owner": "owner",
            "Retention": 0,
            "TableType": "EXTERNAL_TABLE",
            "PartitionKeys": [{"Name": key, "Type": "string"} for key in found.keys],
            "Parameters": parameters,
            "StorageDescriptor": storage_descriptor(found.columns, found.location, parameters),
        }

    def _partition_input(self, found: FoundTable, partition: FoundPartition) -> dict[str, Any]:
        columns = found.columns if self._inherits else partition.columns
        parameters = _statistics(len(partition.objects), sum(stored.size for stored in partition.objects))
        return {
            "Values": list(partition.values),
            "Parameters": parameters,
            "StorageDescriptor": storage_descriptor(columns, partition.location, parameters),
        }


def storage_descriptor(columns: Columns, location: str, parameters: dict[str, str]) -> dict[str, Any]:
    """Return the storage descriptor of Parquet files, with every member that Glue crawlers write."""
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


def _statistics(objects: int, size: int) -> dict[str, str]:
    return {
        "classification": "parquet",
        "compressionType": "none",
        "typeOfData": "file",
        "objectCount": str(objects),
        "sizeKey": str(size),
    }


def _moved(registered: dict[str, Any], given: dict[str, Any]) -> bool:
    return any(
        registered["StorageDescriptor"].get(member) != given["StorageDescriptor"][member]
        for member in ("Columns", "Location", "Parameters")
    )


def _batches(inputs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    return [inputs[first : first + _MOST_PARTITIONS] for first in range(0, len(inputs), _MOST_PARTITIONS)]


def _refuse_errors(response: dict[str, Any]) -> None:
    if response.get("Errors"):
        msg = f"the catalog refused partitions: {response['Errors']}"
        raise RuntimeError(msg)

"""Write the result of a crawl to the Glue Data Catalog, as a Glue crawler does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from local_cloud.glue.crawlers.layout import FoundPartition, FoundTable, Target
from local_cloud.glue.crawlers.parquet_schema import Columns
from local_cloud.glue.crawlers.policy import CrawlPolicy
from local_cloud.glue.crawlers.table_inputs import DEPRECATED, partition_input, table_input

_MOST_PARTITIONS = 100
_WRITTEN_MEMBERS = (
    "Description", "Owner", "Retention", "TableType", "PartitionKeys", "Parameters", "StorageDescriptor",
)  # fmt: skip


class CatalogWriter:
    """Creates, updates and deletes the tables and partitions of one crawler.

    Parameters
    ----------
    client
        Glue client of the crawler's role.
    crawler
        The crawler's definition: name, database, policies, configuration.
    """

    def __init__(self, client: Any, crawler: dict[str, Any]) -> None:
        self._client, self._database, self._crawler = client, crawler["DatabaseName"], crawler["Name"]
        self._policy = CrawlPolicy.of(crawler)

    def known_locations(self, target: Target) -> set[str]:
        """Return the registered folders. A crawl of new folders only skips them."""
        if not self._policy.only_new_folders or self._current(target.table) is None:
            return set()
        return {entry["StorageDescriptor"]["Location"] for entry in self._registered(target.table).values()}

    def write(self, found: FoundTable) -> list[str]:
        """Update the catalog to what was found; return a description of the changes."""
        current = self._current(found.name)
        wanted = table_input(found, self._crawler)
        if current is None:
            self._client.create_table(DatabaseName=self._database, TableInput=wanted)
            done, columns = [f"created table {found.name}"], found.columns
            done += self._create_index(wanted)
        else:
            done, columns = self._update_table(current, wanted)
        if found.keys:
            done += self._write_partitions(found, columns)
        return done

    def write_nothing(self, target: Target) -> list[str]:
        """Apply the delete behaviour to a table without objects. Tables of other creators are not changed."""
        current = None if self._policy.only_new_folders else self._current(target.table)
        if current is None or current.get("Parameters", {}).get("UPDATED_BY_CRAWLER") != self._crawler:
            return [f"nothing to crawl in {target.location}"]
        if self._policy.deletes:
            self._client.delete_table(DatabaseName=self._database, Name=target.table)
            return [f"deleted table {target.table}: nothing is left in {target.location}"]
        if self._policy.deprecates:
            written = {member: current[member] for member in _WRITTEN_MEMBERS if member in current}
            parameters = {**written["Parameters"], DEPRECATED: str(int(time.time() * 1000))}
            deprecated = {**written, "Name": target.table, "Parameters": parameters}
            self._client.update_table(DatabaseName=self._database, TableInput=deprecated)
            return [f"deprecated table {target.table}: nothing is left in {target.location}"]
        return [f"table {target.table} has nothing left in {target.location}; its delete behaviour is LOG"]

    def _update_table(self, current: dict[str, Any], wanted: dict[str, Any]) -> tuple[list[str], Columns]:
        """Update the table if the policy allows it; return a description of the change and the resulting columns."""
        name, columns = wanted["Name"], current["StorageDescriptor"]["Columns"]
        if not _differs(current, wanted):
            return [], columns
        if not self._policy.updates:
            return [f"table {name} differs and is left as it is: its update behaviour is LOG"], columns
        self._client.update_table(DatabaseName=self._database, TableInput=wanted)
        return [f"updated table {name}"], wanted["StorageDescriptor"]["Columns"]

    def _create_index(self, created: dict[str, Any]) -> list[str]:
        """Index the partitions of a new table, unless the crawler's configuration says not to."""
        keys = [key["Name"] for key in created.get("PartitionKeys") or ()]
        if not keys or not self._policy.indexes:
            return []
        self._client.create_partition_index(
            DatabaseName=self._database,
            TableName=created["Name"],
            PartitionIndex={"Keys": keys, "IndexName": "crawler_partition_index"},
        )
        return [f"created a partition index of table {created['Name']}"]

    def _write_partitions(self, found: FoundTable, columns: Columns) -> list[str]:
        registered = self._registered(found.name)
        inherited = columns if self._policy.inherits else None
        suitable = [part for part in found.partitions if self._is_suitable(part, columns)]
        inputs = {part.values: partition_input(part, inherited, self._crawler) for part in suitable}
        new = [given for values, given in inputs.items() if values not in registered]
        changed = [given for values, given in inputs.items() if _differs(registered.get(values, given), given)]
        vanished = [] if self._policy.only_new_folders else [values for values in registered if values not in inputs]
        self._create(found.name, new)
        if self._policy.updates:
            self._update(found.name, changed)
        if self._policy.deletes:
            self._delete(found.name, vanished)
        return [
            f"partitions of {found.name}: {len(new)} created",
            f"{len(changed)} {'updated' if self._policy.updates else 'changed and left as they are'}",
            f"{len(vanished)} {'deleted' if self._policy.deletes else 'vanished and left as they are'}",
            f"{len(found.partitions) - len(suitable)} passed over for their columns",
        ]

    def _is_suitable(self, partition: FoundPartition, columns: Columns) -> bool:
        """Return whether to register a partition. A crawl of new folders only takes those that fit the table."""
        types = {column["Name"]: column["Type"] for column in columns}
        fits = all(types.get(column["Name"]) == column["Type"] for column in partition.columns)
        return fits or not self._policy.only_new_folders

    def _registered(self, table: str) -> dict[tuple[str, ...], dict[str, Any]]:
        pages = self._client.get_paginator("get_partitions").paginate(DatabaseName=self._database, TableName=table)
        return {tuple(entry["Values"]): entry for page in pages for entry in page["Partitions"]}

    def _create(self, table: str, inputs: list[dict[str, Any]]) -> None:
        for batch in _batches(inputs):
            _refuse_errors(
                self._client.batch_create_partition(
                    DatabaseName=self._database, TableName=table, PartitionInputList=batch
                )
            )

    def _update(self, table: str, inputs: list[dict[str, Any]]) -> None:
        for batch in _batches(inputs):
            entries = [{"PartitionValueList": given["Values"], "PartitionInput": given} for given in batch]
            _refuse_errors(
                self._client.batch_update_partition(DatabaseName=self._database, TableName=table, Entries=entries)
            )

    def _delete(self, table: str, vanished: list[tuple[str, ...]]) -> None:
        for values in vanished:
            self._client.delete_partition(DatabaseName=self._database, TableName=table, PartitionValues=list(values))

    def _current(self, name: str) -> dict[str, Any] | None:
        try:
            table: dict[str, Any] = self._client.get_table(DatabaseName=self._database, Name=name)["Table"]
        except self._client.exceptions.EntityNotFoundException:
            return None
        return table


def _differs(registered: dict[str, Any], wanted: dict[str, Any]) -> bool:
    storage, wanted_storage = registered["StorageDescriptor"], wanted["StorageDescriptor"]
    return (
        any(storage.get(member) != wanted_storage[member] for member in ("Columns", "Location"))
        or registered.get("Parameters") != wanted["Parameters"]
        or registered.get("PartitionKeys", []) != wanted.get("PartitionKeys", [])
    )


def _batches(inputs: Sequence[dict[str, Any]]) -> list[Sequence[dict[str, Any]]]:
    return [inputs[first : first + _MOST_PARTITIONS] for first in range(0, len(inputs), _MOST_PARTITIONS)]


def _refuse_errors(response: dict[str, Any]) -> None:
    if response.get("Errors"):
        msg = f"the catalog refused partitions: {response['Errors']}"
        raise RuntimeError(msg)

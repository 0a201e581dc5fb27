"""The tables of a dataset's database in the Glue Data Catalog."""

from __future__ import annotations

from dataclasses import dataclass

from _shared.contracts import naming
from lake.aws.connection import Connection
from lake.errors import NotDeployedError

BRONZE = "bronze"
CURRENT = "current"
VERSIONS = "versions"


@dataclass(frozen=True)
class CatalogTable:
    """One table of the catalog. ``rows`` is ``None`` if the catalog has no count."""

    database: str
    name: str
    kind: str
    columns: int
    partitions: int
    location: str
    rows: int | None = None


def table_kind(name: str) -> str:
    """Return the kind of a table from its name: bronze, current version or all versions."""
    if name.startswith(naming.BRONZE_TABLE_PREFIX):
        return BRONZE
    return VERSIONS if name.endswith(naming.VERSIONS_TABLE_SUFFIX) else CURRENT


def tables(connection: Connection, database: str) -> list[CatalogTable]:
    """Return the tables of a database, ordered by name.

    Raises
    ------
    NotDeployedError
        The database does not exist.
    """
    client = connection.glue
    try:
        pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
        found = [table for page in pages for table in page["TableList"]]
    except client.exceptions.EntityNotFoundException as error:
        what = f"there is no database {database} at {connection.target.description}"
        raise NotDeployedError(what, "deploy it with: lake deploy") from error
    result = []
    for table in sorted(found, key=lambda table: table["Name"]):
        keys, descriptor = table.get("PartitionKeys", []), table.get("StorageDescriptor", {})
        record_count = table.get("Parameters", {}).get("recordCount", "")
        result.append(
            CatalogTable(
                database=database,
                name=table["Name"],
                kind=table_kind(table["Name"]),
                columns=len(descriptor.get("Columns", [])) + len(keys),
                partitions=_partition_count(connection, database, table["Name"]) if keys else 0,
                location=descriptor.get("Location", ""),
                rows=int(record_count) if record_count.isdigit() else None,
            )
        )
    return result


def _partition_count(connection: Connection, database: str, table: str) -> int:
    pages = connection.glue.get_paginator("get_partitions").paginate(
        DatabaseName=database, TableName=table, ExcludeColumnSchema=True
    )
    return sum(len(page["Partitions"]) for page in pages)

"""A catalog without an emulator, for the tests of the local Athena."""

from __future__ import annotations

from typing import Any

from local_cloud.athena.tables.catalog import Column, Partition, Table, table_from_glue


class StaticCatalog:
    """A catalog that holds just the given tables."""

    def __init__(self, *tables: Table) -> None:
        self._tables = {(table.database, table.name): table for table in tables}

    def databases(self) -> list[str]:
        return sorted({database for database, _ in self._tables})

    def tables(self, database: str) -> list[str] | None:
        names = sorted(name for owner, name in self._tables if owner == database)
        return names or None

    def table(self, database: str, name: str) -> Table | None:
        return self._tables.get((database, name))

    def put_view(self, database: str, table_input: dict[str, Any], *, replace: bool) -> None:
        name = table_input["Name"]
        assert replace == ((database, name) in self._tables)
        self._tables[database, name] = table_from_glue({"DatabaseName": database, **table_input}, [])

    def drop_view(self, database: str, name: str) -> None:
        del self._tables[database, name]


def drugs(*versions: str) -> Table:
    """A table with a column of each kind, partitioned by version."""
    columns = (
        Column("code", "string"),
        Column("amount", "bigint"),
        Column("price", "decimal(10,2)"),
        Column("started", "date"),
        Column("names", "array<string>"),
        Column("origin", "struct<country:string,year:int>"),
    )
    partitions = tuple(Partition((version,), f"s3://lake/drugs/version={version}/") for version in versions)
    return Table("db", "drugs", columns, (Column("version", "string"),), "s3://lake/drugs/", "parquet", partitions)

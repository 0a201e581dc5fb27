"""Tables as the Glue catalog declares them, and where a query finds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.tables.hive_types import ColumnType, parse_type
from local_cloud.athena.tables.views import View, decode

CATALOG_NAME = "awsdatacatalog"


@dataclass(frozen=True)
class Column:
    """One declared column; ``declared`` is its type as the catalog writes it."""

    name: str
    declared: str
    comment: str = ""

    @property
    def type(self) -> ColumnType:
        """The parsed type."""
        return parse_type(self.declared)


@dataclass(frozen=True)
class Partition:
    """One registered partition: the values of the keys, in order, and its prefix."""

    values: tuple[str, ...]
    location: str


@dataclass(frozen=True)
class Table:
    """One table of the catalog.

    Attributes
    ----------
    location
        ``s3://bucket/prefix/`` of an unpartitioned table's objects.
    data_format
        ``parquet``, or what else the table's input format or classification says.
    view
        The definition, where the table is a view.
    """

    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    location: str
    data_format: str
    partitions: tuple[Partition, ...] = ()
    view: View | None = None

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Data columns, then partition keys: the order of ``SELECT *``."""
        return self.columns + self.partition_keys


class Catalog(Protocol):
    """What queries ask of the Glue catalog; names are matched without regard to case."""

    def databases(self) -> list[str]:
        """Names of all databases, sorted."""

    def tables(self, database: str) -> list[str] | None:
        """Names of a database's tables, sorted; None when there is no such database."""

    def table(self, database: str, name: str) -> Table | None:
        """One table with its partitions, or None."""

    def put_view(self, database: str, table_input: dict[str, Any], *, replace: bool) -> None:
        """Create a view, or replace the one of its name."""

    def drop_view(self, database: str, name: str) -> None:
        """Delete a view."""


def table_from_glue(glue_table: Mapping[str, Any], partitions: Sequence[Mapping[str, Any]]) -> Table:
    """Build a :class:`Table` from the documents of ``GetTable`` and ``GetPartitions``.

    Raises
    ------
    QueryError
        For a view that neither Athena nor Trino made.
    """
    name = str(glue_table["Name"]).lower()
    storage = glue_table.get("StorageDescriptor") or {}
    return Table(
        database=str(glue_table.get("DatabaseName", "")).lower(),
        name=name,
        columns=_columns(storage.get("Columns")),
        partition_keys=_columns(glue_table.get("PartitionKeys")),
        location=str(storage.get("Location") or ""),
        data_format=_data_format(glue_table),
        partitions=tuple(_partition(item) for item in partitions),
        view=decode(glue_table) if glue_table.get("TableType") == "VIRTUAL_VIEW" else None,
    )


def find_table(catalog: Catalog, database: str, name: str, where: str) -> Table:
    """Return a table, or fail as Athena does.

    Raises
    ------
    QueryError
        ``SCHEMA_NOT_FOUND`` or ``TABLE_NOT_FOUND``; ``where`` is the ``line L:C`` of the reference.
    """
    found = catalog.table(database.lower(), name.lower())
    if found is not None:
        return found
    if catalog.tables(database.lower()) is None:
        raise QueryError(ErrorName.SCHEMA_NOT_FOUND, f"{where}: Schema '{database.lower()}' does not exist")
    qualified = f"{CATALOG_NAME}.{database.lower()}.{name.lower()}"
    raise QueryError(ErrorName.TABLE_NOT_FOUND, f"{where}: Table '{qualified}' does not exist")


def _columns(items: Sequence[Mapping[str, Any]] | None) -> tuple[Column, ...]:
    return tuple(
        Column(str(item["Name"]).lower(), str(item.get("Type") or "string"), str(item.get("Comment") or ""))
        for item in items or ()
    )


def _partition(item: Mapping[str, Any]) -> Partition:
    storage = item.get("StorageDescriptor") or {}
    return Partition(tuple(str(value) for value in item.get("Values") or ()), str(storage.get("Location") or ""))


def _data_format(glue_table: Mapping[str, Any]) -> str:
    storage = glue_table.get("StorageDescriptor") or {}
    serde = (storage.get("SerdeInfo") or {}).get("SerializationLibrary") or ""
    named = f"{storage.get('InputFormat') or ''} {serde}".lower()
    for data_format in ("parquet", "orc", "avro", "json"):
        if data_format in named:
            return data_format
    # The input format is what Athena obeys; the classification speaks where the table has none.
    declared = str((glue_table.get("Parameters") or {}).get("classification") or "text")
    return "text" if "text" in named else declared

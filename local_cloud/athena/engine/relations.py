"""The view that stands for one table reference: registered partitions, declared columns, declared types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
from sqlglot import exp
from sqlglot.schema import MappingSchema

from local_cloud.athena.engine.connection import connect, identifier, literal
from local_cloud.athena.engine.object_cache import LakeObject, ObjectStore, objects_at
from local_cloud.athena.engine.parquet import ParquetFile, file_column
from local_cloud.athena.errors import NotSupportedError
from local_cloud.athena.sql.expression_types import annotate
from local_cloud.athena.sql.pruning import Usage
from local_cloud.athena.sql.rewrite import rewrite
from local_cloud.athena.sql.translate import PATH_COLUMN, Scan
from local_cloud.athena.tables.catalog import Partition, Table

_FILE = "_local_file"
"""Name of the column with the path of the local copy; no column of a table has it."""


@dataclass(frozen=True)
class Split:
    """One object to read, with the values of the partition it belongs to."""

    source: LakeObject
    values: tuple[str, ...] = ()


def splits_of(scan: Scan, store: ObjectStore) -> list[Split]:
    """List what a scan reads: all objects of an unpartitioned table, else those of the partitions the query needs.

    Raises
    ------
    QueryError
        For a table that is not Parquet.
    """
    table = scan.table
    if table.data_format != "parquet":
        what = f"table '{table.name}' holds {table.data_format}; only Parquet is read"
        raise NotSupportedError(what)
    if not table.partition_keys:
        return [Split(item) for item in objects_at(store, table.location)]
    return [
        Split(item, partition.values)
        for partition in needed_partitions(table, scan.usage)
        for item in objects_at(store, partition.location)
    ]


def needed_partitions(table: Table, usage: Usage) -> Sequence[Partition]:
    """Return the registered partitions that can hold rows of the query's answer."""
    if not usage.partition_predicates or not table.partitions:
        return table.partitions
    keys = ", ".join(identifier(key.name) for key in table.partition_keys)
    rows = ", ".join(
        f"({', '.join([str(index), *_partition_values(table, part.values)])})"
        for index, part in enumerate(table.partitions)
    )
    conditions = " AND ".join(f"({_predicate(table, predicate)})" for predicate in usage.partition_predicates)
    connection = connect([])
    try:
        # Every name and value is quoted, and the connection reaches no file.
        sql = f"SELECT n FROM (VALUES {rows}) AS p(n, {keys}) WHERE {conditions}"  # noqa: S608
        kept = {int(row[0]) for row in connection.execute(sql).fetchall()}
    except duckdb.Error:
        # A condition that fails on some value must fail in the query itself, where it may never be reached.
        return table.partitions
    finally:
        connection.close()
    return [partition for index, partition in enumerate(table.partitions) if index in kept]


def view_sql(scan: Scan, files: Sequence[tuple[Split, ParquetFile]]) -> str:
    """Return the statement that makes the scan's view.

    A declared column that a file lacks is NULL; a column of the file that is not declared does not exist.

    Raises
    ------
    QueryError
        ``HIVE_BAD_DATA`` where a file's type does not fit the declared one.
    """
    # One reader for all files with the same columns: a union of a thousand readers takes seconds to plan.
    alike: dict[str, list[tuple[Split, ParquetFile]]] = {}
    for split, file in files:
        alike.setdefault(str(file.schema.remove_metadata()), []).append((split, file))
    selects = [_select(scan, group) for group in alike.values()] or [_empty(scan.table)]
    return f"CREATE VIEW {identifier(scan.view)} AS {' UNION ALL '.join(selects)}"


def _select(scan: Scan, files: Sequence[tuple[Split, ParquetFile]]) -> str:
    columns = []
    _, first = files[0]
    for column in scan.table.columns:
        # Only what the query reads is checked: a bad column that nobody reads does no harm on Athena either.
        name = file_column(first, column) if column.name in scan.usage.columns else None
        source = f"f.{identifier(name)}" if name is not None else "NULL"
        columns.append(f"CAST({source} AS {column.type.duckdb}) AS {identifier(column.name)}")
    # What is told of the whole file: the values of its partition, and its address.
    told = [*(key.name for key in scan.table.partition_keys), PATH_COLUMN]
    columns += [f"p.{identifier(name)}" for name in told]
    rows = [
        (literal(str(file.path)), *_partition_values(scan.table, split.values), literal(split.source.url))
        for split, file in files
    ]
    places = ", ".join(f"({', '.join(row)})" for row in rows)
    paths = ", ".join(literal(str(file.path)) for _, file in files)
    names = ", ".join(map(identifier, (_FILE, *told)))
    reader = f"read_parquet([{paths}], hive_partitioning = false, filename = {literal(_FILE)})"
    return (
        f"SELECT {', '.join(columns)} FROM {reader} f "  # noqa: S608 - names and values are quoted
        f"JOIN (VALUES {places}) p({names}) ON f.{identifier(_FILE)} = p.{identifier(_FILE)}"
    )


def _partition_values(table: Table, values: Sequence[str]) -> list[str]:
    pairs = zip(table.partition_keys, values, strict=True)
    return [_value(value, key.type.duckdb) for key, value in pairs]


def _empty(table: Table) -> str:
    columns = [f"CAST(NULL AS {column.type.duckdb}) AS {identifier(column.name)}" for column in table.all_columns]
    return f"SELECT {', '.join(columns)}, '' AS {identifier(PATH_COLUMN)} WHERE false"


def _value(value: str, kind: str) -> str:
    text = "NULL" if value == "__HIVE_DEFAULT_PARTITION__" else literal(value)
    return f"CAST({text} AS {kind})"


def _predicate(table: Table, predicate: exp.Expr) -> str:
    typed = {key.name: key.type.sqlglot for key in table.partition_keys}
    query = exp.select(predicate.copy()).from_("p")
    annotated = annotate(query, MappingSchema({"p": typed}))
    return rewrite(annotated).selects[0].sql("duckdb", identify=True)

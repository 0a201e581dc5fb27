"""Parquet footers: what a file has of a table's columns, and what reading them costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from local_cloud.athena.engine.object_cache import LakeObject
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.tables.catalog import Column
from local_cloud.athena.tables.hive_types import ColumnType

_ENGINE = duckdb.connect()
_SIZES = """
    SELECT file_name, lower(split_part(path_in_schema, ', ', 1)), CAST(sum(total_compressed_size) AS BIGINT)
    FROM parquet_metadata(?) GROUP BY ALL
"""


@dataclass(frozen=True)
class ParquetFile:
    """A local copy of one object, with its top-level columns by lower-cased name."""

    source: LakeObject
    path: Path
    schema: pa.Schema
    bytes_by_column: dict[str, int]

    def scanned_bytes(self, columns: Collection[str]) -> int:
        """Compressed bytes of the chunks of the given columns."""
        return sum(size for name, size in self.bytes_by_column.items() if name in columns)


def open_files(paths: Mapping[LakeObject, Path]) -> dict[LakeObject, ParquetFile]:
    """Read the footers of local copies.

    Raises
    ------
    QueryError
        ``HIVE_BAD_DATA`` when one is no Parquet file, or its footer is damaged.
    """
    try:
        sizes = _sizes(list(paths.values()))
    except duckdb.Error:
        # Not known of which file.
        sizes = {}
    return {source: _opened(source, path, sizes.get(str(path))) for source, path in paths.items()}


def _opened(source: LakeObject, path: Path, sizes: dict[str, int] | None) -> ParquetFile:
    try:
        schema = pq.read_schema(path)
        sizes = _sizes([path]).get(str(path), {}) if sizes is None else sizes
        return ParquetFile(source, path, schema, sizes)
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError, duckdb.Error) as error:
        raise QueryError(ErrorName.HIVE_BAD_DATA, f"Not valid Parquet file: {source.url}") from error


def _sizes(paths: Sequence[Path]) -> dict[str, dict[str, int]]:
    """Compressed bytes of each column of each file; not read with Arrow, which dies of a damaged column chunk."""
    sizes: dict[str, dict[str, int]] = {}
    if not paths:
        return sizes
    with closing(_ENGINE.cursor()) as cursor:
        for path, column, size in cursor.execute(_SIZES, [[str(path) for path in paths]]).fetchall():
            sizes.setdefault(path, {})[column] = size
    return sizes


def file_column(file: ParquetFile, column: Column) -> str | None:
    """Return the name in the file of a declared column, or None where the file lacks it.

    Raises
    ------
    QueryError
        ``HIVE_BAD_DATA`` when the file's type cannot be read as the declared one.
    """
    for field in file.schema:
        if field.name.lower() == column.name:
            if not _readable(field.type, column.type):
                message = (
                    f"Field {column.name}'s type {field.type} in parquet file {file.source.url} is incompatible "
                    f"with type {column.declared} defined in table schema"
                )
                raise QueryError(ErrorName.HIVE_BAD_DATA, message)
            return str(field.name)
    return None


def _readable(found: pa.DataType, declared: ColumnType) -> bool:
    kind = declared.kind
    if kind in {"varchar", "char"}:
        return bool(pa.types.is_string(found) or pa.types.is_large_string(found) or pa.types.is_binary(found))
    if kind == "array":
        return bool(pa.types.is_list(found)) and _readable(found.value_type, declared.children[0])
    if kind == "map":
        children = (
            zip((found.key_type, found.item_type), declared.children, strict=True) if pa.types.is_map(found) else ()
        )
        return bool(pa.types.is_map(found)) and all(_readable(*pair) for pair in children)
    if kind == "row":
        return bool(pa.types.is_struct(found))
    return _scalar_readable(found, kind)


def _scalar_readable(found: pa.DataType, kind: str) -> bool:
    checks = {
        "tinyint": pa.types.is_integer,
        "smallint": pa.types.is_integer,
        "integer": pa.types.is_integer,
        "bigint": pa.types.is_integer,
        "real": pa.types.is_float32,
        "double": pa.types.is_floating,
        "boolean": pa.types.is_boolean,
        "date": pa.types.is_date,
        "timestamp": pa.types.is_timestamp,
        "varbinary": pa.types.is_binary,
        "decimal": lambda kind: pa.types.is_decimal(kind) or pa.types.is_integer(kind),
    }
    return bool(pa.types.is_null(found) or checks[kind](found))

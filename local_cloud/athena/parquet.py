"""Parquet footers: what a file has of a table's columns, and what reading them costs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from local_cloud.athena.catalog import Column
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.hive_types import ColumnType
from local_cloud.athena.object_cache import LakeObject


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


def open_parquet(source: LakeObject, path: Path) -> ParquetFile:
    """Read a file's footer.

    Raises
    ------
    QueryError
        ``HIVE_BAD_DATA`` when it is no Parquet file, or its footer is damaged.
    """
    try:
        metadata = pq.read_metadata(path)
        return ParquetFile(source, path, metadata.schema.to_arrow_schema(), _bytes_by_column(metadata))
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise QueryError(ErrorName.HIVE_BAD_DATA, f"Not valid Parquet file: {source.url}") from error


def _bytes_by_column(metadata: pq.FileMetaData) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for group in range(metadata.num_row_groups):
        row_group = metadata.row_group(group)
        for index in range(row_group.num_columns):
            chunk = row_group.column(index)
            name = chunk.path_in_schema.split(".")[0].lower()
            sizes[name] = sizes.get(name, 0) + int(chunk.total_compressed_size)
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

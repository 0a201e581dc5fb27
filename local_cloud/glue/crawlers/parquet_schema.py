"""Row count and columns of a Parquet file, with the type names of the Glue Data Catalog."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Columns = list[dict[str, str]]


@dataclass(frozen=True)
class Footer:
    """Content of a Parquet file's footer."""

    columns: Columns
    rows: int


class UnreadableFileError(Exception):
    """The file is not Parquet, or has a type without a catalog name."""


_PLAIN_TYPES = {
    pa.bool_(): "boolean",
    pa.int8(): "tinyint",
    pa.int16(): "smallint",
    pa.int32(): "int",
    pa.int64(): "bigint",
    pa.float32(): "float",
    pa.float64(): "double",
    pa.string(): "string",
    pa.large_string(): "string",
    pa.binary(): "binary",
    pa.date32(): "date",
}


class RangedObject(io.RawIOBase):
    """An S3 object as a file; only the bytes that are read are fetched.

    Parameters
    ----------
    client
        S3 client of the role that reads.
    size
        Length of the object in bytes, from the listing.
    """

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        self._client, self._bucket, self._key, self._size, self._position = client, bucket, key, size, 0

    def readable(self) -> bool:
        """Return true: the file can be read."""
        return True

    def seekable(self) -> bool:
        """Return true: the position can be changed."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1) -> bytes:
        """Fetch bytes from the current position."""
        end = self._size if size is None or size < 0 else min(self._position + size, self._size)
        if end <= self._position:
            return b""
        wanted = f"bytes={self._position}-{end - 1}"
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=wanted)["Body"].read()
        self._position += len(content)
        return content


def read_footer(file: RangedObject, name: str) -> Footer:
    """Return the row count of a Parquet file, and its columns with lower-case names and Hive types.

    Raises
    ------
    UnreadableFileError
        The file is not Parquet, or a column has a type without a catalog name. The message names file and column.
    """
    try:
        footer = pq.read_metadata(file)
    except pa.ArrowInvalid as error:
        msg = f"{name} is not a Parquet file: {error}"
        raise UnreadableFileError(msg) from error
    columns = [
        {"Name": field.name.lower(), "Type": _column_type(field, name)} for field in footer.schema.to_arrow_schema()
    ]
    return Footer(columns, footer.num_rows)


def merge_columns(newest_first: Iterable[Columns]) -> Columns:
    """Merge the columns of several files. The newest file's columns come first, and its types win."""
    merged: dict[str, dict[str, str]] = {}
    for columns in newest_first:
        for column in columns:
            merged.setdefault(column["Name"], column)
    return list(merged.values())


def catalog_type(kind: pa.DataType) -> str:
    """Return the catalog's name of an Arrow type.

    Raises
    ------
    KeyError
        The type has no catalog name.
    """
    if pa.types.is_timestamp(kind):
        return "timestamp"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    if pa.types.is_map(kind):
        return f"map<{catalog_type(kind.key_type)},{catalog_type(kind.item_type)}>"
    if any(matches(kind) for matches in (pa.types.is_list, pa.types.is_large_list)):
        return f"array<{catalog_type(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return f"struct<{','.join(f'{field.name.lower()}:{catalog_type(field.type)}' for field in kind)}>"
    return _PLAIN_TYPES[kind]


def _column_type(field: pa.Field, name: str) -> str:
    try:
        return catalog_type(field.type)
    except KeyError as error:
        msg = f"{name}: column {field.name} has type {field.type}, which the catalog has no name for"
        raise UnreadableFileError(msg) from error

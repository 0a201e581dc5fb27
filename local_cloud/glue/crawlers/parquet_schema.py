"""Columns and rows of a Parquet file, its columns by the names that the Glue Data Catalog uses for them."""

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
    """What the footer of a Parquet file says."""

    columns: Columns
    rows: int


class UnreadableFileError(Exception):
    """The file is no Parquet file, or has a type that the catalog has no name for."""


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
    """An S3 object as a file that fetches only the bytes that are read.

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
        """Tell that it can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that it can be sought."""
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
        """Fetch bytes from the position on."""
        end = self._size if size is None or size < 0 else min(self._position + size, self._size)
        if end <= self._position:
            return b""
        wanted = f"bytes={self._position}-{end - 1}"
        content: bytes = self._client.get_object(Bucket=self._bucket, Key=self._key, Range=wanted)["Body"].read()
        self._position += len(content)
        return content


def read_footer(file: RangedObject, name: str) -> Footer:
    """Return the rows of a Parquet file, and its columns as the catalog has them: names in lower case, Hive types.

    Raises
    ------
    UnreadableFileError
        The file is no Parquet file, or a column has a type without a name in the catalog; the message names both.
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
    """Return the columns of several files: the newest file's first, and where types differ the newest one's."""
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
        It has none.
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

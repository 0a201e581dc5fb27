"""What lies under a crawler's S3 target: one table, its columns, and its partitions."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlparse

from local_cloud.parquet_schema import Columns, RangedObject, read_columns

_HIDDEN = ("_", ".")


class UnsuitableLayoutError(Exception):
    """The folders of a target do not make one table; the message names what was found."""


@dataclass(frozen=True)
class StoredObject:
    """An object of the target that holds rows."""

    key: str
    size: int
    modified: float


@dataclass
class FoundPartition:
    """A folder of files with one value for each partition key.

    Parameters
    ----------
    values
        In the order of the keys; empty for a table without partitions.
    location
        Address of the folder, ending in ``/``.
    columns
        Of its newest file.
    """

    values: tuple[str, ...]
    location: str
    objects: list[StoredObject] = field(default_factory=list)
    columns: Columns = field(default_factory=list)

    @property
    def newest(self) -> StoredObject:
        """The file that was written last."""
        return max(self.objects, key=lambda stored: (stored.modified, stored.key))


@dataclass(frozen=True)
class FoundTable:
    """What a crawl found under one target."""

    name: str
    location: str
    keys: tuple[str, ...]
    partitions: tuple[FoundPartition, ...]

    @property
    def columns(self) -> Columns:
        """The columns of all partitions: those of the newest first, a column's type as the newest has it."""
        newest_first = sorted(self.partitions, key=lambda partition: partition.newest.modified, reverse=True)
        merged = {column["Name"]: column for partition in reversed(newest_first) for column in partition.columns}
        order = dict.fromkeys(column["Name"] for partition in newest_first for column in partition.columns)
        return [merged[name] for name in order]


def crawl_target(client: Any, path: str, table_prefix: str, go_on: Callable[[], None]) -> FoundTable | None:
    """Look at everything under a target; return ``None`` where nothing holds rows.

    Parameters
    ----------
    client
        S3 client of the crawler's role.
    path
        The target, ``s3://bucket/folder/``.
    go_on
        Called between steps; raises where the crawl was stopped.

    Raises
    ------
    UnsuitableLayoutError, UnreadableFileError
        The target is not one Parquet table.
    """
    address = urlparse(path)
    bucket, prefix = address.netloc, address.path.strip("/") + "/"
    found: dict[str, FoundPartition] = {}
    keys: dict[tuple[str, ...], str] = {}
    for stored in _stored_objects(client, bucket, prefix):
        go_on()
        folder = stored.key[: stored.key.rfind("/") + 1]
        names, values = partition_of(folder[len(prefix) :])
        keys.setdefault(names, folder)
        found.setdefault(folder, FoundPartition(values, f"s3://{bucket}/{folder}")).objects.append(stored)
    if not found:
        return None
    if len(keys) > 1:
        seen = "; ".join(f"{folder} has {list(names) or 'none'}" for names, folder in keys.items())
        msg = f"s3://{bucket}/{prefix} has files under different partition keys: {seen}"
        raise UnsuitableLayoutError(msg)
    for partition in found.values():
        go_on()
        newest = partition.newest
        partition.columns = read_columns(
            RangedObject(client, bucket, newest.key, newest.size), f"s3://{bucket}/{newest.key}"
        )
    name = table_prefix + re.sub(r"[^a-z0-9_]", "_", prefix.rstrip("/").rsplit("/", 1)[-1].lower())
    return FoundTable(name, f"s3://{bucket}/{prefix}", next(iter(keys)), tuple(found.values()))


def partition_of(folders: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return keys and values of a folder path: ``key=value/`` names its key, another folder is ``partition_<n>``."""
    pairs = []
    for position, folder in enumerate(name for name in folders.split("/") if name):
        key, separator, value = folder.partition("=")
        pairs.append((key.lower(), value) if separator and key else (f"partition_{position}", folder))
    return tuple(key for key, _ in pairs), tuple(value for _, value in pairs)


def _stored_objects(client: Any, bucket: str, prefix: str) -> list[StoredObject]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    listed = [entry for page in pages for entry in page.get("Contents", [])]
    return [
        StoredObject(entry["Key"], entry["Size"], entry["LastModified"].timestamp())
        for entry in listed
        if entry["Size"] > 0 and not _is_hidden(entry["Key"][len(prefix) :])
    ]


def _is_hidden(relative_key: str) -> bool:
    return any(name.startswith(_HIDDEN) for name in relative_key.split("/"))

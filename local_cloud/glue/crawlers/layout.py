"""Read the layout of a crawler's S3 target: one table, its columns and its partitions."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlparse

from _shared.contracts.messages import listed, listed_values
from local_cloud.glue.crawlers.parquet_schema import Columns, Footer, RangedObject, merge_columns, read_footer

_HIDDEN = ("_", ".")


class UnsuitableLayoutError(Exception):
    """The folders of a target do not form one table. The message names what was found."""


@dataclass(frozen=True)
class StoredObject:
    """An object of the target that contains rows."""

    key: str
    size: int
    modified: float


@dataclass(frozen=True)
class Target:
    """The S3 prefix that a crawler reads, and the name of the table that it creates from it.

    Parameters
    ----------
    prefix
        Ends in ``/``.
    """

    bucket: str
    prefix: str
    table: str

    @property
    def location(self) -> str:
        """Address of the target, ending in ``/``."""
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True)
class FoundPartition:
    """A folder of files, with one value for each partition key.

    Parameters
    ----------
    values
        In the order of the keys. Empty for a table without partitions.
    location
        Address of the folder, ending in ``/``.
    files
        The files with their footers, newest first.
    """

    values: tuple[str, ...]
    location: str
    files: tuple[tuple[StoredObject, Footer], ...]

    @cached_property
    def columns(self) -> Columns:
        """The columns of all its files."""
        return merge_columns(footer.columns for _, footer in self.files)

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(stored.size for stored, _ in self.files)

    @property
    def rows(self) -> int:
        """Rows of all its files."""
        return sum(footer.rows for _, footer in self.files)


@dataclass(frozen=True)
class FoundTable:
    """The table that a crawl found under one target. The partition with the newest file comes first."""

    name: str
    location: str
    keys: tuple[str, ...]
    partitions: tuple[FoundPartition, ...]

    @cached_property
    def columns(self) -> Columns:
        """The columns of all its partitions."""
        return merge_columns(partition.columns for partition in self.partitions)


def target_of(path: str, table_prefix: str) -> Target:
    """Return the target of a crawler's path, ``s3://bucket/folder/``."""
    address = urlparse(path)
    prefix = address.path.strip("/") + "/"
    name = re.sub(r"[^a-z0-9_]", "_", prefix.rstrip("/").rsplit("/", 1)[-1].lower())
    return Target(address.netloc, prefix, table_prefix + name)


def crawl_target(
    client: Any, target: Target, go_on: Callable[[], None], known_locations: Collection[str] = ()
) -> FoundTable | None:
    """Read everything under a target; return ``None`` if no object contains rows.

    Parameters
    ----------
    client
        S3 client of the crawler's role.
    go_on
        Called between steps; raises if the crawl was stopped.
    known_locations
        Folders to skip.

    Raises
    ------
    UnsuitableLayoutError, UnreadableFileError
        The target does not form one Parquet table.
    """
    folders: dict[str, list[StoredObject]] = {}
    for stored in _stored_objects(client, target):
        go_on()
        folder = stored.key[: stored.key.rfind("/") + 1]
        if f"s3://{target.bucket}/{folder}" not in known_locations:
            folders.setdefault(folder, []).append(stored)
    if not folders:
        return None
    keys = _keys(target, folders)
    found = [_read_folder(client, target, folder, objects, go_on) for folder, objects in folders.items()]
    found.sort(key=lambda partition: _age(partition.files[0][0]), reverse=True)
    return FoundTable(target.table, target.location, keys, tuple(found))


def partition_of(folders: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return keys and values of a folder path. A folder without ``key=`` has the key ``partition_<n>``."""
    pairs = []
    for position, folder in enumerate(name for name in folders.split("/") if name):
        key, separator, value = folder.partition("=")
        pairs.append((key.lower(), value) if separator and key else (f"partition_{position}", folder))
    return tuple(key for key, _ in pairs), tuple(value for _, value in pairs)


def _keys(target: Target, folders: Collection[str]) -> tuple[str, ...]:
    """Return the partition keys that all folders share."""
    keys: dict[tuple[str, ...], str] = {}
    for folder in folders:
        keys.setdefault(partition_of(folder[len(target.prefix) :])[0], folder)
    if len(keys) > 1:
        seen = listed(
            [f"{folder} has {listed_values(names) or 'none'}" for names, folder in keys.items()], separator="; "
        )
        msg = f"{target.location} has files under different partition keys: {seen}"
        raise UnsuitableLayoutError(msg)
    return next(iter(keys))


def _read_folder(
    client: Any, target: Target, folder: str, objects: list[StoredObject], go_on: Callable[[], None]
) -> FoundPartition:
    files = []
    for stored in sorted(objects, key=_age, reverse=True):
        go_on()
        file = RangedObject(client, target.bucket, stored.key, stored.size)
        files.append((stored, read_footer(file, f"s3://{target.bucket}/{stored.key}")))
    values = partition_of(folder[len(target.prefix) :])[1]
    return FoundPartition(values, f"s3://{target.bucket}/{folder}", tuple(files))


def _age(stored: StoredObject) -> tuple[float, str]:
    return stored.modified, stored.key


def _stored_objects(client: Any, target: Target) -> list[StoredObject]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=target.bucket, Prefix=target.prefix)
    listed = [entry for page in pages for entry in page.get("Contents", [])]
    return [
        StoredObject(entry["Key"], entry["Size"], entry["LastModified"].timestamp())
        for entry in listed
        if entry["Size"] > 0 and not _is_hidden(entry["Key"][len(target.prefix) :])
    ]


def _is_hidden(relative_key: str) -> bool:
    return any(name.startswith(_HIDDEN) for name in relative_key.split("/"))

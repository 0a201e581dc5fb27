"""Objects of the lake as private local files, fetched once for each content."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlparse

from local_cloud.athena.errors import ErrorName, QueryError

DEFAULT_LIMIT = 4 * 1024**3


@dataclass(frozen=True)
class LakeObject:
    """One object: where it lies, its version by ETag, and its size in bytes."""

    bucket: str
    key: str
    etag: str
    size: int

    @property
    def url(self) -> str:
        """``s3://bucket/key``."""
        return f"s3://{self.bucket}/{self.key}"


class ObjectStore(Protocol):
    """What queries ask of S3."""

    def list_objects(self, bucket: str, prefix: str) -> list[LakeObject]:
        """All objects below a prefix.

        Raises
        ------
        QueryError
            When the caller may not list, or the bucket does not exist.
        """

    def require_readable(self, item: LakeObject) -> None:
        """Check that the caller may read an object, whether or not a copy is at hand.

        Raises
        ------
        QueryError
            When it may not.
        """

    def read(self, item: LakeObject) -> bytes:
        """Content of an object.

        Raises
        ------
        QueryError
            When it is gone.
        """


def objects_at(store: ObjectStore, location: str) -> list[LakeObject]:
    """Return the objects that a table or partition at ``location`` has, as Athena sees them.

    Names that begin with ``_`` or ``.``, at any depth below the location, are hidden, and so are folder markers.
    """
    parsed = urlparse(location)
    bucket, prefix = parsed.netloc, parsed.path.lstrip("/")
    prefix = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    found = [item for item in store.list_objects(bucket, prefix) if item.key.startswith(prefix) and item.size]
    return sorted((item for item in found if not _hidden(item.key[len(prefix) :])), key=lambda item: item.key)


def _hidden(relative: str) -> bool:
    return relative.endswith("/") or any(part.startswith(("_", ".")) for part in relative.split("/"))


class ObjectCache:
    """Files of objects under one private directory, bounded by size; safe for concurrent queries.

    Parameters
    ----------
    directory
        Made with mode 0700 where it is missing.
    limit
        Bytes kept when no query needs them; the least recently used go first.
    """

    def __init__(self, directory: Path, limit: int = DEFAULT_LIMIT) -> None:
        self._directory = directory
        self._limit = limit
        self._lock = threading.Lock()
        self._in_use: dict[Path, int] = {}
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def files(self, store: ObjectStore, items: Iterable[LakeObject]) -> Iterator[dict[LakeObject, Path]]:
        """Hold local copies of objects for as long as the context lasts."""
        held: dict[LakeObject, Path] = {}
        try:
            for item in items:
                store.require_readable(item)
                path = self._path(item)
                with self._lock:
                    self._in_use[path] = self._in_use.get(path, 0) + 1
                held[item] = path
                self._fetch(store, item, path)
            yield held
        finally:
            self._release(held.values())

    def _path(self, item: LakeObject) -> Path:
        identity = f"{item.url}\0{item.etag}"
        return self._directory / f"{hashlib.sha256(identity.encode()).hexdigest()}.data"

    def _fetch(self, store: ObjectStore, item: LakeObject, path: Path) -> None:
        if path.exists():
            os.utime(path)
            return
        content = store.read(item)
        if len(content) != item.size:
            raise QueryError(
                ErrorName.HIVE_CANNOT_OPEN_SPLIT, f"{item.url} changed while the query read it; run it again"
            )
        partial = path.with_suffix(f".{threading.get_ident()}")
        partial.write_bytes(content)
        partial.replace(path)

    def _release(self, paths: Iterable[Path]) -> None:
        with self._lock:
            for path in paths:
                self._in_use[path] -= 1
                if not self._in_use[path]:
                    del self._in_use[path]
            self._evict()

    def _evict(self) -> None:
        kept = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in self._directory.glob("*.data"))
        excess = sum(size for _, size, _ in kept) - self._limit
        for _, size, path in kept:
            if excess <= 0:
                return
            if path not in self._in_use:
                path.unlink()
                excess -= size

"""A lake in a local folder, so that benchmarks measure the jobs without an object store."""

from __future__ import annotations

import fnmatch
import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import raw_prefix, release_key
from _shared.contracts.release import ABSENT, FETCHED, FetchedSource, RawMember, Release, SourceState


@dataclass(frozen=True)
class FolderLake:
    """A :class:`~_shared.glue_lib.lake.Lake` in a local folder."""

    root: Path

    def personal_key(self) -> bytes:
        """Return a key: no dataset that is measured has personal data."""
        return b"benchmark"

    def uri(self, key: str) -> str:
        """Return the address of a key for Spark."""
        return f"file://{self.root}/{key}"

    def read_text(self, key: str) -> str:
        """Return the whole file."""
        return (self.root / key).read_text("utf-8")

    def read_head(self, key: str, length: int) -> bytes:
        """Return the first bytes of a file."""
        with (self.root / key).open("rb") as file:
            return file.read(length)

    def read_tail(self, key: str, length: int) -> bytes:
        """Return the last bytes of a file."""
        path = self.path(key)
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - length, 0))
            return file.read(length)

    def write_text(self, key: str, text: str, content_type: str = "application/json") -> None:  # noqa: ARG002 - a file has none
        """Write a file, and create its folders."""
        self.path(key).write_text(text, "utf-8")

    def write_bytes(self, key: str, content: bytes) -> None:
        """Write a file, and create its folders."""
        self.path(key).write_bytes(content)

    def path(self, key: str) -> Path:
        """Return the path of a key, after creating its folders."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def put_release(lake: FolderLake, dataset: str, run_id: str, version: str, content: bytes) -> Path:
    """Write one file as a fetched release; return its path."""
    raw = put_member(lake, dataset, run_id, dataset, f"{dataset}.csv", io.BytesIO(content), ("utf-8",))
    _put_document(lake, dataset, run_id, version, [_source(dataset, run_id, (raw,))])
    return lake.path(raw.key)


def put_archives(
    lake: FolderLake, config: DatasetConfig, run_id: str, version: str, archives: Mapping[str, Path]
) -> None:
    """Write files, given by source, as a fetched release. Sources without a file are absent.

    A file is a zip archive, or the only member of its source.
    """
    sources = []
    for source in config.sources:
        there: list[RawMember] = []
        if source.name in archives:
            with _opened(archives[source.name]) as files:
                for member in source.members:
                    for name in fnmatch.filter(files, member.pattern):
                        with files[name]() as content:
                            accepted = member.parse.encodings
                            there.append(
                                put_member(lake, config.dataset, run_id, member.table, name, content, accepted)
                            )
        absent = {member.table for member in source.members} - {raw.table for raw in there}
        sources.append(_source(source.name, run_id, tuple(there), tuple(sorted(absent))))
    _put_document(lake, config.dataset, run_id, version, sources)


@contextmanager
def _opened(path: Path) -> Iterator[dict[str, Callable[[], IO[bytes]]]]:
    """Return, by name, a function that opens each file of an archive, or the file itself if it is not an archive."""
    if not zipfile.is_zipfile(path):
        yield {path.name: lambda: path.open("rb")}
        return
    with zipfile.ZipFile(path) as archive:
        yield {name: partial(archive.open, name) for name in archive.namelist()}


def put_member(  # noqa: PLR0913, PLR0917 - fields of a raw member
    lake: FolderLake, dataset: str, run_id: str, table: str, name: str, content: IO[bytes], encodings: Sequence[str]
) -> RawMember:
    """Write one file of an archive, and detect its encoding."""
    key = f"{raw_prefix(dataset, run_id)}{table}/{name}"
    path, digest = lake.path(key), hashlib.sha256()
    with path.open("wb") as file:
        while chunk := content.read(1 << 20):
            file.write(chunk)
            digest.update(chunk)
    encoding = next(name for name in encodings if _decodes(path, name))
    return RawMember(table, name, key, path.stat().st_size, digest.hexdigest(), encoding)


def _decodes(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(1 << 20):
                pass
    except UnicodeDecodeError:
        return False
    return True


def _source(name: str, run_id: str, members: tuple[RawMember, ...], absent: tuple[str, ...] = ()) -> FetchedSource:
    if not members:
        return FetchedSource(name, ABSENT, absent_tables=absent)
    state = SourceState(f"file:///{name}.zip", members[0].sha256, sum(raw.bytes for raw in members))
    return FetchedSource(name, FETCHED, state, f"{name}.zip", members, absent, fetched_by=run_id)


def _put_document(lake: FolderLake, dataset: str, run_id: str, version: str, sources: list[FetchedSource]) -> None:
    release = Release(dataset, run_id, version, f"{version}T00:00:00Z", tuple(sources))
    lake.write_text(release_key(dataset, run_id), encode_text(release))

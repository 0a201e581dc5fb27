"""A lake in a folder, so that a benchmark measures the jobs and no object store."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.codec import encode_text
from _shared.contracts.layout import raw_prefix, release_key
from _shared.contracts.release import FETCHED, FetchedSource, RawMember, Release, SourceState


@dataclass(frozen=True)
class FolderLake:
    """A :class:`~_shared.glue_lib.lake.Lake` in a folder."""

    root: Path

    def uri(self, key: str) -> str:
        """Address of a key, as Spark reads and writes it."""
        return f"file://{self.root}/{key}"

    def read_text(self, key: str) -> str:
        """Whole file."""
        return (self.root / key).read_text("utf-8")

    def read_head(self, key: str, length: int) -> bytes:
        """First bytes of a file."""
        with (self.root / key).open("rb") as file:
            return file.read(length)

    def write_text(self, key: str, text: str) -> None:
        """Write a file, making its folders."""
        self.path(key).write_text(text, "utf-8")

    def path(self, key: str) -> Path:
        """Path of a key whose folders are there."""
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def put_release(lake: FolderLake, dataset: str, run_id: str, version: str, content: bytes) -> Path:
    """Write one file as a fetched release; return where it lies."""
    key = f"{raw_prefix(dataset, run_id)}{dataset}.csv"
    path = lake.path(key)
    path.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    raw = RawMember(dataset, path.name, key, len(content), digest, "utf-8")
    source = SourceState(path.as_uri(), digest, len(content))
    fetched = FetchedSource(dataset, FETCHED, source, key, (raw,), fetched_by=run_id)
    release = Release(dataset, run_id, version, f"{version}T00:00:00Z", (fetched,))
    lake.write_text(release_key(dataset, run_id), encode_text(release))
    return path

"""A lake in a folder, and releases made of bytes that a test gives."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.codec import encode_text
from _shared.contracts.errors import ObjectMissingError
from _shared.contracts.layout import raw_prefix, release_key
from _shared.contracts.release import ABSENT, FETCHED, FetchedSource, PreviousVersion, RawMember, Release, SourceState

RUN_ID = "20190501T063000Z-0a1b2c3d"
STARTED_AT = "2019-05-01T06:30:00Z"


@dataclass(frozen=True)
class LocalLake:
    root: Path
    key: bytes = b"a key of this test"

    def personal_key(self) -> bytes:
        return self.key

    def uri(self, key: str) -> str:
        return f"file://{self.root}/{key}"

    def read_text(self, key: str) -> str:
        return self._existing(key).read_text("utf-8")

    def read_head(self, key: str, length: int) -> bytes:
        with self._existing(key).open("rb") as file:
            return file.read(length)

    def read_tail(self, key: str, length: int) -> bytes:
        return self._existing(key).read_bytes()[-length:]

    def write_text(self, key: str, text: str, content_type: str = "application/json") -> None:  # noqa: ARG002 - a file has none
        self._path(key).write_text(text, "utf-8")

    def write_bytes(self, key: str, content: bytes) -> None:
        self._path(key).write_bytes(content)

    def _existing(self, key: str) -> Path:
        path = self.root / key
        if not path.is_file():
            raise ObjectMissingError(self.uri(key))
        return path

    def _path(self, key: str) -> Path:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        return path


def put_release(
    lake: LocalLake,
    dataset: str,
    members: dict[str, bytes],
    *,
    version: str = "2019-04-29",
    encoding: str = "utf-8",
    previous: PreviousVersion | None = None,
    absent: tuple[str, ...] = (),
) -> Release:
    """Write what FetchAndHash would have left for these files, one per table; each comes from a source of its own."""
    sources = []
    for table, content in members.items():
        key = f"{raw_prefix(dataset, RUN_ID)}members/{table}.csv"
        lake.write_bytes(key, content)
        digest = hashlib.sha256(content).hexdigest()
        raw = RawMember(table, f"{table}.csv", key, len(content), digest, encoding)
        state = SourceState("https://download.open.fda.gov/source.zip", digest_of(table), 1)
        sources.append(FetchedSource(table, FETCHED, state, f"{key}.zip", (raw,), fetched_by=RUN_ID))
    if absent:
        sources.append(FetchedSource("absent", ABSENT, absent_tables=absent))
    release = Release(dataset, RUN_ID, version, STARTED_AT, tuple(sources), previous)
    lake.write_text(release_key(dataset, RUN_ID), encode_text(release))
    return release


def digest_of(table: str) -> str:
    """SHA-256 that the archive of a table is said to have."""
    return hashlib.sha256(table.encode()).hexdigest()

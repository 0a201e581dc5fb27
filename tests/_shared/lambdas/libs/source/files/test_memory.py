"""Memory does not grow with the source: a small and a large one peak alike."""

from __future__ import annotations

import hashlib
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import pytest

from _shared.contracts.source import ZIP, Member
from _shared.lambdas.libs.aws.s3_writer import MultipartWriter
from _shared.lambdas.libs.s3_io import LakeStorage, ObjectInfo
from _shared.lambdas.libs.source.files.packing import PackedFile
from _shared.lambdas.libs.source.files.raw_files import unpack
from _shared.lambdas.libs.source.http_file import store_body
from tests._shared.lambdas.support import BUCKET, CONFIG, NOW, Answer, client, open_source, serve

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

MEGABYTE = 1024 * 1024
SMALL, LARGE = 10 * MEGABYTE, 200 * MEGABYTE
LINE = b"0001-0002-03,Aspirin,TABLET,NDA,NDA012345,HUMAN OTC DRUG,20190429\r\n"

BOUND = 48 * MEGABYTE
"""Three blocks of 8 MiB being read, one part being filled and one being sent, and some chunks."""


class DiskStorage(LakeStorage):
    """The bucket on disk: what is written must not count as the function's memory."""

    def __init__(self, directory: Path) -> None:
        self.bucket = BUCKET
        self._directory = directory
        self._open: dict[str, BinaryIO] = {}

    def _path(self, key: str) -> Path:
        return self._directory / key.replace("/", "_")

    def head(self, key: str) -> ObjectInfo | None:
        return ObjectInfo(self._path(key).stat().st_size, "etag", NOW)

    def read_range(self, key: str, start: int, end: int, etag: str) -> bytes:
        assert etag == "etag"
        with self._path(key).open("rb") as file:
            file.seek(start)
            return file.read(end - start)

    def put(self, key: str, body: bytes) -> str:
        self._path(key).write_bytes(body)
        return "etag"

    def start_upload(self, key: str) -> str:
        self._open[key] = self._path(key).open("wb")
        return key

    def upload_part(self, key: str, upload_id: str, number: int, body: bytes) -> CompletedPartTypeDef:
        assert key == upload_id
        self._open[upload_id].write(body)
        return {"PartNumber": number}

    def complete_upload(self, key: str, upload_id: str, parts: object) -> None:
        assert parts
        assert key == upload_id
        self._open.pop(upload_id).close()


class Peak:
    """Largest traced memory of a block, in bytes."""

    value = 0

    def __enter__(self) -> Self:
        tracemalloc.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.value = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def generated(size: int) -> Iterator[bytes]:
    """Yield a body that begins as an archive does; the server holds one piece of it."""
    piece = b"PK\x03\x04" + hashlib.shake_256(b"piece").digest(64 * 1024 - 4)
    for _ in range(size // len(piece)):
        yield piece


@contextmanager
def download_peak(size: int, directory: Path) -> Iterator[int]:
    storage = DiskStorage(directory)
    with serve() as source, client() as http, Peak() as peak:
        source.say(Answer(declared=size, pieces=lambda: generated(size)))
        with MultipartWriter(storage, "source") as writer:
            state = store_body(open_source(http, f"{source.address}/x.zip"), writer)
        assert state.bytes == size
    expected = hashlib.sha256()
    for piece in generated(size):
        expected.update(piece)
    assert state.sha256 == expected.hexdigest()
    yield peak.value


def test_the_peak_of_a_download_does_not_grow_with_the_source(tmp_path: Path) -> None:
    with download_peak(SMALL, tmp_path) as small, download_peak(LARGE, tmp_path) as large:
        assert large < BOUND
        assert large < small + 8 * MEGABYTE


def unpack_peak(size: int, directory: Path, compression: int) -> int:
    storage = DiskStorage(directory)
    columns = CONFIG.members[0].columns
    noise = hashlib.shake_256(b"noise").hexdigest(MEGABYTE // 2).encode()
    with (
        zipfile.ZipFile(directory / "raw_x.zip", "w", compression, compresslevel=1) as made,
        made.open("x.csv", "w") as entry,
    ):
        for _ in range(size // MEGABYTE):
            entry.write(noise)
    with Peak() as peak:
        (member,) = unpack(storage, PackedFile("raw/x.zip", ZIP), (Member("pills", "*.csv", columns),), ()).files
    assert member.bytes == size
    return peak.value


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED], ids=["stored", "deflated"])
def test_the_peak_of_unpacking_does_not_grow_with_the_archive(tmp_path: Path, compression: int) -> None:
    small = unpack_peak(4 * MEGABYTE, tmp_path, compression)
    medium = unpack_peak(40 * MEGABYTE, tmp_path, compression)
    large = unpack_peak(120 * MEGABYTE, tmp_path, compression)
    assert large < BOUND
    assert large < medium + 8 * MEGABYTE
    assert small <= large

"""The parts of a fetch, each alone: the download, the digests, the unpacking and the uploads of the same bytes.

Usage: ``python -m benchmarks.fetch_alone <url> <bucket>``, in an environment whose S3 is the one to upload to.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from typing import IO

import requests

from _shared.lambdas.libs.s3_io import LakeStorage
from benchmarks.generated_archive import MEGABYTE

_PART = 8 * MEGABYTE


def download(url: str, target: IO[bytes] | None = None) -> int:
    """Read the source; return its length."""
    length = 0
    with requests.get(url, stream=True, timeout=60) as response:
        for chunk in response.iter_content(1 << 20):
            length += len(chunk)
            if target is not None:
                target.write(chunk)
    return length


def unpack(archive: IO[bytes]) -> int:
    """Unpack the files of the archive; return their length."""
    length = 0
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            with opened.open(name) as file:
                while data := file.read(MEGABYTE):
                    length += len(data)
    return length


def digest(length: int) -> None:
    """Hash as many bytes."""
    block, found = bytes(MEGABYTE), hashlib.sha256()
    for start in range(0, length, MEGABYTE):
        found.update(block[: length - start])


def upload(length: int, bucket: str) -> None:
    """Send as many bytes in parts."""
    storage, key, body = LakeStorage.connect(bucket), "alone.bin", bytes(_PART)
    name = storage.start_upload(key)
    sizes = [min(_PART, length - start) for start in range(0, length, _PART)]
    parts = [storage.upload_part(key, name, number, body[:size]) for number, size in enumerate(sizes, start=1)]
    storage.complete_upload(key, name, parts)


def main() -> None:
    """Print MB of the source per second of each as JSON."""
    url, bucket = sys.argv[1:]
    with tempfile.TemporaryFile() as archive:
        length = download(url, archive)  # once more below: the first time the archive is made
        whole = length + unpack(archive)
        works: dict[str, Callable[[], object]] = {
            "download": lambda: download(url),
            "SHA-256": lambda: digest(whole),
            "unpack": lambda: unpack(archive),
            "upload": lambda: upload(whole, bucket),
        }
        print(json.dumps({name: length / MEGABYTE / seconds(work) for name, work in works.items()}))


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest time of three."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


if __name__ == "__main__":
    main()

"""What a fetch cannot be quicker than: the download, the digest and the upload of the same bytes, each alone.

Usage: ``python -m benchmarks.fetch_alone <url> <bucket>``, in an environment whose S3 is the one to upload to.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable

import requests

from _shared.lambdas.libs.s3_io import LakeStorage
from benchmarks.generated_archive import MEGABYTE

_PART = 16 * MEGABYTE


def download(url: str) -> int:
    """Read the source and keep nothing; give its length."""
    length = 0
    with requests.get(url, stream=True, timeout=60) as response:
        for chunk in response.iter_content(1 << 20):
            length += len(chunk)
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
    """Print MB per second of each as JSON."""
    url, bucket = sys.argv[1:]
    length = download(url)  # once more below: the first time the archive is made
    works: dict[str, Callable[[], object]] = {
        "download": lambda: download(url),
        "SHA-256": lambda: digest(length),
        "upload": lambda: upload(length, bucket),
    }
    found = {}
    for name, work in works.items():
        start = time.perf_counter()
        work()
        found[name] = length / MEGABYTE / (time.perf_counter() - start)
    print(json.dumps(found))


if __name__ == "__main__":
    main()

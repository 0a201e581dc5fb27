"""The source server answers conditional and ranged requests as a release server does."""

from __future__ import annotations

import hashlib
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from samples.server import SourceServer, last_modified, release_date

BODY = bytes(range(256)) * 40
DATED = "/nsde/2019-04-29/release.zip"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "served" / "nsde" / "2019-04-29"
    folder.mkdir(parents=True)
    (folder / "release.zip").write_bytes(BODY)
    (tmp_path / "served" / "undated.zip").write_bytes(b"undated")
    (tmp_path / "outside.txt").write_text("secret")
    return tmp_path / "served"


@pytest.fixture
def client(root: Path) -> Client:
    return Client(SourceServer(root))


def test_get_sends_the_file_with_a_strong_etag_and_the_folders_date(client: Client) -> None:
    response = client.get(DATED)
    assert response.status_code == 200
    assert response.data == BODY
    assert response.headers["ETag"] == f'"{hashlib.sha256(BODY).hexdigest()}"'
    assert response.headers["Last-Modified"] == "Mon, 29 Apr 2019 00:00:00 GMT"
    assert response.headers["Accept-Ranges"] == "bytes"


def test_head_sends_the_same_headers_and_no_body(client: Client) -> None:
    response = client.head(DATED)
    assert response.status_code == 200
    assert response.data == b""
    assert response.headers["Content-Length"] == str(len(BODY))


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_matching_etag_is_answered_with_304_and_no_body(client: Client, method: str) -> None:
    etag = client.head(DATED).headers["ETag"]
    response = client.open(DATED, method=method, headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.data == b""


def test_if_modified_since_alone_is_answered_by_the_release_date(client: Client) -> None:
    def status(date: str) -> int:
        return client.get(DATED, headers={"If-Modified-Since": date}).status_code

    assert status("Mon, 29 Apr 2019 00:00:00 GMT") == 304
    assert status("Sun, 28 Apr 2019 23:59:59 GMT") == 200


def test_another_etag_outweighs_a_matching_date(client: Client) -> None:
    headers = {"If-None-Match": '"other"', "If-Modified-Since": "Mon, 29 Apr 2019 00:00:00 GMT"}
    assert client.get(DATED, headers=headers).status_code == 200


def test_the_etag_follows_the_content(client: Client, root: Path) -> None:
    file = root / DATED.lstrip("/")
    before = client.head(DATED).headers["ETag"]
    file.write_bytes(BODY[::-1])
    os.utime(file, ns=(0, file.stat().st_mtime_ns + 1))
    assert client.head(DATED).headers["ETag"] != before


@given(first=st.integers(0, len(BODY) - 1), length=st.integers(1, len(BODY)))
def test_a_range_is_that_part_of_the_file(tmp_path_factory: pytest.TempPathFactory, first: int, length: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "ranges"
    folder.mkdir(exist_ok=True)
    (folder / "file").write_bytes(BODY)
    last = min(first + length, len(BODY)) - 1
    response = Client(SourceServer(folder)).get("/file", headers={"Range": f"bytes={first}-{last}"})
    assert response.status_code == 206
    assert response.data == BODY[first : last + 1]
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{len(BODY)}"


def test_a_range_of_another_release_is_answered_with_the_whole_file(client: Client) -> None:
    response = client.get(DATED, headers={"Range": "bytes=0-9", "If-Range": '"an older release"'})
    assert response.status_code == 200
    assert response.data == BODY


def test_a_range_beyond_the_end_is_refused(client: Client) -> None:
    assert client.get(DATED, headers={"Range": f"bytes={len(BODY)}-"}).status_code == 416


@pytest.mark.parametrize(
    "path", ["/", "/nsde", "/missing.zip", "/../outside.txt", "/nsde/../../outside.txt", "//etc/passwd", "/link.txt"]
)
def test_nothing_but_files_beneath_the_folder_is_served(client: Client, root: Path, path: str) -> None:
    (root / "link.txt").symlink_to(root.parent / "outside.txt")
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    response = client.open(DATED, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD"}


def test_a_file_in_no_dated_folder_has_its_own_time(client: Client, root: Path) -> None:
    os.utime(root / "undated.zip", (1_556_668_800, 1_556_668_800))
    assert client.head("/undated.zip").headers["Last-Modified"] == "Wed, 01 May 2019 00:00:00 GMT"


def test_the_nearest_dated_folder_counts() -> None:
    path = Path("2018-01-01/2019-04-29/nsde/release.zip")
    assert last_modified(path, 0.0) == datetime(2019, 4, 29, tzinfo=UTC)


@pytest.mark.parametrize("name", ["2019-02-30", "20190429", "2019-4-29", "release", "2019-04-29.zip"])
def test_only_real_dates_name_a_release(name: str) -> None:
    assert release_date(name) is None

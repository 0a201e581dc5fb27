"""The release that the demo runs on."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path

import pytest
import requests

from lake.demo import source_server as source
from lake.demo.release import FILE_NAME, HOST, checked_archive, own_release
from lake.demo.source_server import free_port, served
from lake.errors import LakeError, UserMistakeError
from lake.project import STATE_VARIABLE
from samples import server


@pytest.fixture(autouse=True)
def state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state"


def archive(path: Path, text: str = "Item Code") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("file.csv", text)
    return path


def test_the_release_date_is_the_nearest_dated_folder(tmp_path: Path, state: Path) -> None:
    given = archive(tmp_path / "2019-05-19" / "nsde" / "some name.zip")
    release = own_release(given)
    assert release.file == state / "source" / "nsde" / "2019-05-19" / FILE_NAME
    assert release.file.read_bytes() == given.read_bytes()
    assert given.exists()


def test_elsewhere_the_release_date_is_the_files_own(tmp_path: Path) -> None:
    given = archive(tmp_path / "release.zip")
    os.utime(given, (1_556_668_800, 1_556_668_800))
    assert own_release(given).path == f"nsde/2019-05-01/{FILE_NAME}"


def test_another_release_of_the_same_day_takes_the_place_of_the_first(tmp_path: Path) -> None:
    own_release(archive(tmp_path / "a" / "2019-05-19" / "r.zip", "first"))
    second = archive(tmp_path / "b" / "2019-05-19" / "r.zip", "second")
    assert own_release(second).file.read_bytes() == second.read_bytes()
    assert own_release(own_release(second).file).file.read_bytes() == second.read_bytes()


def test_the_server_listens_where_the_address_says() -> None:
    assert server.HOST == HOST


def test_a_release_in_the_lake_that_is_to_be_deleted_is_refused(state: Path) -> None:
    given = archive(state / "source" / "nsde" / "2019-05-19" / "r.zip")
    assert checked_archive(given) == given
    with pytest.raises(UserMistakeError, match="copy it elsewhere"):
        checked_archive(given, fresh=True)


def test_a_missing_file_and_a_file_that_is_no_archive_are_users_mistakes(tmp_path: Path) -> None:
    with pytest.raises(UserMistakeError, match="no such file"):
        own_release(tmp_path / "missing.zip")
    (tmp_path / "page.zip").write_text("<html>")
    with pytest.raises(UserMistakeError, match="not a zip archive"):
        own_release(tmp_path / "page.zip")


def test_a_release_is_served_while_the_block_runs_and_not_after(tmp_path: Path) -> None:
    release = own_release(archive(tmp_path / "2019-05-19" / "r.zip"))
    with served(release) as url, requests.get(url, timeout=5) as response:
        assert response.content == release.file.read_bytes()
        assert response.headers["Last-Modified"] == "Sun, 19 May 2019 00:00:00 GMT"
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_release_that_cannot_be_served_is_told(tmp_path: Path, state: Path) -> None:
    release = own_release(archive(tmp_path / "2019-05-19" / "r.zip"))
    release.file.unlink()
    with pytest.raises(LakeError, match="404"), served(release):
        pytest.fail("the block ran although nothing is served")
    assert "404" in (state / "logs" / "source-server.log").read_text("utf-8")


def test_the_next_port_is_taken_where_the_preferred_one_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert free_port(port) > port
        monkeypatch.setattr(source, "PORTS_TRIED", 1)
        with pytest.raises(LakeError, match="is free"):
            free_port(port)

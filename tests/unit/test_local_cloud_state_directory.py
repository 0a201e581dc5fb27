"""The state directory is its owner's alone, and its keys are made once."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from local_cloud import state_directory
from local_cloud.errors import LocalCloudError


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_a_directory_that_others_could_read_is_closed(tmp_path: Path) -> None:
    open_to_all = tmp_path / "lake"
    open_to_all.mkdir(mode=0o755)
    for folder in (open_to_all, tmp_path / "new"):
        state_directory.prepare(folder)
        assert mode(folder) == 0o700


def test_a_directory_that_all_share_is_left_alone(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o1777)
    with pytest.raises(LocalCloudError, match=r"shared.*of your own"):
        state_directory.prepare(shared)
    assert mode(shared) == 0o1777


def test_keys_are_made_once_and_differ_between_directories(tmp_path: Path) -> None:
    keys = []
    for name in ("a", "a", "b"):
        state_directory.prepare(tmp_path / name)
        state_directory.make_keys(tmp_path / name)
        keys.append(state_directory.root_key(tmp_path / name))
    assert keys[0] == keys[1] != keys[2]
    assert re.fullmatch("AKIA[A-Z2-7]{16}", keys[0].access_key_id)
    assert len(keys[0].secret_access_key) == 40
    assert keys[0].secret_access_key not in repr(keys[0])
    text = state_directory.state_cipher(tmp_path / "a").encrypt(b"text")
    assert state_directory.state_cipher(tmp_path / "a").decrypt(text) == b"text"
    assert {mode(file) for file in (tmp_path / "a").iterdir()} == {0o600}


@pytest.mark.parametrize(
    ("name", "read"),
    [("root-key.json", state_directory.root_key), ("state.key", state_directory.state_cipher)],
)
@pytest.mark.parametrize("text", ["", "{}", "[1]", None])
def test_a_damaged_key_is_named(tmp_path: Path, name: str, read: Callable[[Path], object], text: str | None) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(LocalCloudError, match=rf"{name}.*put the file back"):
        read(tmp_path)

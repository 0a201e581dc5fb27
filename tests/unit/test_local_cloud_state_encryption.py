"""Saved state is ciphertext, comes back as it was, and is not given up for a wrong key."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.fernet import Fernet

from local_cloud import seams, state_encryption
from local_cloud.errors import LocalCloudError
from local_cloud.seams import Seam

STATE = {"name": "licence key", "bytes": b"\xff", "nested": {"a": [1, 2]}}


@pytest.fixture(autouse=True)
def persistence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """MiniStack's persistence, into a directory of the test's own."""

    def save_state(service: str, state: Any) -> None:
        (tmp_path / f"{service}.json").write_text(json.dumps(state))

    def load_state(service: str) -> Any:
        file = tmp_path / f"{service}.json"
        return json.loads(file.read_text(), object_hook=seams.DECODE_STATE.value) if file.exists() else None

    module: Any = ModuleType("persistence_under_test")
    module.save_state, module.load_state = save_state, load_state
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(seams, "SAVE_STATE", Seam(module.__name__, "save_state"))
    monkeypatch.setattr(seams, "LOAD_STATE", Seam(module.__name__, "load_state"))
    return module


def test_state_comes_back_as_it_was_and_lies_encrypted(persistence: Any, tmp_path: Path) -> None:
    state_encryption.install(Fernet(Fernet.generate_key()), tmp_path)
    persistence.save_state("secrets", STATE)
    assert "licence" not in (tmp_path / "secrets.json").read_text()
    assert persistence.load_state("secrets") == STATE
    assert persistence.load_state("none") is None


def test_state_saved_in_plain_text_is_read_and_saved_encrypted(persistence: Any, tmp_path: Path) -> None:
    persistence.save_state("secrets", {"name": "licence key"})
    state_encryption.install(Fernet(Fernet.generate_key()), tmp_path)
    persistence.save_state("secrets", persistence.load_state("secrets"))
    assert "licence" not in (tmp_path / "secrets.json").read_text()
    assert persistence.load_state("secrets") == {"name": "licence key"}


def test_state_that_cannot_be_written_leaves_what_was_saved(persistence: Any, tmp_path: Path) -> None:
    state_encryption.install(Fernet(Fernet.generate_key()), tmp_path)
    persistence.save_state("secrets", STATE)
    persistence.save_state("secrets", {"unknown": object()})
    assert persistence.load_state("secrets") == STATE


def test_another_key_is_refused_before_anything_is_saved_over(
    persistence: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain_save, plain_load = persistence.save_state, persistence.load_state
    state_encryption.install(Fernet(Fernet.generate_key()), tmp_path)
    persistence.save_state("secrets", STATE)
    monkeypatch.setattr(persistence, "save_state", plain_save)
    monkeypatch.setattr(persistence, "load_state", plain_load)
    with pytest.raises(LocalCloudError, match="state of secrets was encrypted with another key"):
        state_encryption.install(Fernet(Fernet.generate_key()), tmp_path)
    assert persistence.save_state is plain_save

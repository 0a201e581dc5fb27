"""What the local cloud has saved."""

from __future__ import annotations

import json
from pathlib import Path

from local_cloud.state.directory import state_cipher


def saved_state(state_directory: Path, service: str) -> str:
    """What is saved of a service, decrypted; nothing where nothing is."""
    file = state_directory / "state" / f"{service}.json"
    if not file.exists():
        return ""
    return state_cipher(state_directory).decrypt(json.loads(file.read_text())["payload"]["encrypted"]).decode()

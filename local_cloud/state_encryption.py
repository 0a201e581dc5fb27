"""Saved state as ciphertext: it holds secrets' values, access keys and functions' variables.

The key lies in a file of its own beside the state, so this does not keep anything from who can read the whole state
directory, which is the owner alone. It keeps secrets out of copies, backups and searches of ``state/``.
"""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from local_cloud import seams
from local_cloud.errors import LocalCloudError

_MEMBER = "encrypted"
_logger = logging.getLogger("local_cloud.state_encryption")


def install(cipher: Fernet, saved: Path) -> None:
    """Encrypt the state of every service when it is saved, decrypt it when it is loaded.

    Parameters
    ----------
    saved
        Directory of the saved state.

    Raises
    ------
    LocalCloudError
        Some of it was encrypted with another key.
    """
    save_state, load_state = seams.SAVE_STATE.value, seams.LOAD_STATE.value

    def save_encrypted(service: str, state: Any) -> None:
        try:
            text = json.dumps(state, default=seams.ENCODE_STATE.value)
        except (TypeError, ValueError, RuntimeError):  # as MiniStack does: the other services are saved
            _logger.exception("the state of %s was not saved", service)
            return
        save_state(service, {_MEMBER: cipher.encrypt(text.encode()).decode("ascii")})

    def load_decrypted(service: str) -> Any:
        saved = load_state(service)
        if not isinstance(saved, dict) or saved.keys() != {_MEMBER}:
            return saved  # none, or saved before state was encrypted: the next save encrypts it
        try:
            text = cipher.decrypt(saved[_MEMBER])
        except InvalidToken as error:
            what = f"the saved state of {service} was encrypted with another key than the one in state.key"
            raise LocalCloudError(
                what, "put that state.key back, or delete the data: lake down --delete-data"
            ) from error
        return json.loads(text, object_hook=seams.DECODE_STATE.value)

    # Now, because the web server would go on with an empty state, and save that.
    for file in saved.glob("*.json"):
        load_decrypted(file.stem)
    seams.SAVE_STATE.replace(save_encrypted)
    seams.LOAD_STATE.replace(load_decrypted)

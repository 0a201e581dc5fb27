"""Encrypt the saved state, which contains secret values, access keys and environment variables of functions.

The key is in a file beside the state. So encryption does not protect against a reader of the whole state directory,
who can only be its owner. It keeps secrets out of copies, backups and searches of ``state/``.
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
_logger = logging.getLogger("local_cloud.state.encryption")


def install(cipher: Fernet, saved: Path) -> None:
    """Encrypt the state of every service when it is saved, and decrypt it when it is loaded.

    Parameters
    ----------
    saved
        Directory of the saved state.

    Raises
    ------
    LocalCloudError
        A saved state was encrypted with another key.
    """
    save_state, load_state = seams.SAVE_STATE.value, seams.LOAD_STATE.value

    def save_encrypted(service: str, state: Any) -> None:
        try:
            text = json.dumps(state, default=seams.ENCODE_STATE.value)
        except (TypeError, ValueError, RuntimeError):  # as MiniStack does: the other services are still saved
            _logger.exception("the state of %s was not saved", service)
            return
        save_state(service, {_MEMBER: cipher.encrypt(text.encode()).decode("ascii")})

    def load_decrypted(service: str) -> Any:
        saved = load_state(service)
        if not isinstance(saved, dict) or saved.keys() != {_MEMBER}:
            return saved  # no state, or a state saved before encryption existed: the next save encrypts it
        try:
            text = cipher.decrypt(saved[_MEMBER])
        except InvalidToken as error:
            what = f"the saved state of {service} was encrypted with another key than the one in state.key"
            raise LocalCloudError(
                what, "put that state.key back, or delete the data: lake down --delete-data"
            ) from error
        return json.loads(text, object_hook=seams.DECODE_STATE.value)

    # Check at once: otherwise the emulator would start with an empty state and save it.
    for file in saved.glob("*.json"):
        load_decrypted(file.stem)
    seams.SAVE_STATE.replace(save_encrypted)
    seams.LOAD_STATE.replace(load_decrypted)

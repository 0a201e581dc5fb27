"""The state directory. Only its owner has access, and its keys are created once."""

from __future__ import annotations

import json
import os
import secrets
import stat
import string
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cryptography.fernet import Fernet

from local_cloud.errors import LocalCloudError

UMASK = 0o077
"""Only the owner can read what the local cloud writes."""
_DIRECTORY_MODE, _FILE_MODE = 0o700, 0o600
_KEY_ID_CHARACTERS = string.ascii_uppercase + "234567"


@dataclass(frozen=True)
class RootKey:
    """Access key of the account's root."""

    access_key_id: str
    secret_access_key: str = field(repr=False)


def prepare(state_directory: Path) -> None:
    """Create the state directory if it is missing, and deny access to other users.

    Raises
    ------
    LocalCloudError
        The directory belongs to another user, or all users share it, such as ``/tmp``.
    """
    state_directory.mkdir(mode=_DIRECTORY_MODE, parents=True, exist_ok=True)
    found = state_directory.stat()
    if found.st_uid != os.getuid() or found.st_mode & stat.S_ISVTX:
        what = f"{state_directory} cannot be closed to other users: it is shared, or another user's"
        raise LocalCloudError(what, "choose a directory of your own for the local cloud's state")
    state_directory.chmod(_DIRECTORY_MODE)


def make_keys(state_directory: Path) -> None:
    """Create missing keys. The caller must hold the directory's lock."""
    _make_once(_root_key_file(state_directory), _new_root_key)
    _make_once(_state_key_file(state_directory), lambda: Fernet.generate_key().decode("ascii"))


def root_key(state_directory: Path) -> RootKey:
    """Return the root's access key.

    Raises
    ------
    LocalCloudError
        The file that holds it is missing or damaged.
    """
    file = _root_key_file(state_directory)
    try:
        return RootKey(**json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise _unreadable(file, error) from error


def state_cipher(state_directory: Path) -> Fernet:
    """Return the cipher for the saved state.

    Raises
    ------
    LocalCloudError
        The file that holds its key is missing or damaged.
    """
    file = _state_key_file(state_directory)
    try:
        return Fernet(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable(file, error) from error


def _unreadable(file: Path, error: Exception) -> LocalCloudError:
    what = f"the key in {file} cannot be read: {error}"
    return LocalCloudError(what, "put the file back, or delete the local cloud's data with: lake down --delete-data")


def _new_root_key() -> str:
    key_id = "AKIA" + "".join(secrets.choice(_KEY_ID_CHARACTERS) for _ in range(16))
    return json.dumps(asdict(RootKey(key_id, secrets.token_urlsafe(30))))


def _make_once(file: Path, new: Callable[[], str]) -> None:
    if file.exists():
        return
    unfinished = file.with_name(f"{file.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE), "w") as out:
        out.write(new())
    unfinished.replace(file)


def _root_key_file(state_directory: Path) -> Path:
    return state_directory / "root-key.json"


def _state_key_file(state_directory: Path) -> Path:
    return state_directory / "state.key"

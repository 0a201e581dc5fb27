"""Install locked third-party packages for deployment: pure-Python wheels only."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from stacks.packaging.errors import PackagingError
from stacks.packaging.staging import existing, staged

PIP_TIMEOUT_SECONDS = 300

_ALWAYS = ("--disable-pip-version-check", "--no-input", "--require-hashes", "--no-deps")
_INSTALL_OPTIONS = (
    "--quiet",
    "--no-compile",
    # A pure-Python wheel runs on every architecture, on AWS and on a laptop. A compiled one does not.
    "--only-binary=:all:",
    "--platform=any",
    "--implementation=py",
    "--abi=none",
    "--python-version=3.11",
)


def install(lock: Path, output: Path) -> Path:
    """Return a folder with the packages of ``lock``. They are installed only if the lock has changed.

    Raises
    ------
    PackagingError
        The lock is missing, or pip could not install it.
    """
    digest = hashlib.sha256(existing(lock).read_bytes()).hexdigest()
    return staged(output / f"third-party-{digest[:16]}", lambda folder: _pip_install(lock, folder))


def run_pip(lock: Path, action: str, *options: str) -> None:
    """Run pip on a lock file, without dependencies and only for files whose hashes are in it.

    Raises
    ------
    PackagingError
        pip failed, or took too long.
    """
    command = [sys.executable, "-m", "pip", action, *_ALWAYS, *options, "-r", str(lock)]
    remedy = "check that pip reaches its package index, then run again"
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=PIP_TIMEOUT_SECONDS)
    except subprocess.CalledProcessError as error:
        msg = f"pip could not {action} {lock.name}: {error.stderr.strip()[-2000:]}"
        raise PackagingError(msg, remedy) from error
    except subprocess.TimeoutExpired as error:
        msg = f"pip did not {action} {lock.name} within {PIP_TIMEOUT_SECONDS} s"
        raise PackagingError(msg, remedy) from error


def _pip_install(lock: Path, folder: Path) -> None:
    run_pip(lock, "install", *_INSTALL_OPTIONS, "--target", str(folder))
    # Console scripts contain this interpreter's path, and RECORD contains their hashes. Imports need neither.
    shutil.rmtree(folder / "bin", ignore_errors=True)
    for record in folder.glob("*.dist-info/RECORD"):
        record.unlink()

"""The release that the demo runs on, and the server that hands it out."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lake.errors import LakeError, UserMistakeError
from lake.project import log_file, project_root, shown, state_directory
from samples.server import HOST, release_date

PREFERRED_PORT = 8417
"""Where the source server listens if it can: a repeated demo is then a repeated request for the same address."""

PORTS_TRIED = 50
START_SECONDS = 20.0
SAMPLE_RELEASE = "2019-04-29"
FILE_NAME = "Comprehensive_NDC_SPL_Data_Elements_File.zip"


@dataclass(frozen=True)
class Source:
    """One release file beneath a folder that is to be served.

    Parameters
    ----------
    root
        The folder to serve.
    path
        The file's path beneath it, as it appears in the address.
    derived
        Whether the rows are made from another release and no source of facts.
    """

    root: Path
    path: str
    derived: bool = False

    @property
    def file(self) -> Path:
        """The file itself."""
        return self.root / self.path

    def sha256(self) -> str:
        """Return the SHA-256 of the file, lower-case hex."""
        with self.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def url(self, port: int) -> str:
        """Return the address under which the server hands the file out."""
        return f"http://{HOST}:{port}/{self.path}"


def sample() -> Source:
    """Return the small NSDE release in ``samples/``.

    Raises
    ------
    UserMistakeError
        The file is missing.
    """
    source = Source(project_root() / "samples", f"nsde/{SAMPLE_RELEASE}/{FILE_NAME}", derived=True)
    if not source.file.is_file():
        msg = f"the sample {shown(source.file)} is missing"
        raise UserMistakeError(msg, "restore it from version control, or give a release with --full PATH")
    return source


def own_release(path: Path) -> Source:
    """Put a release of the user's into the folder that is served, under its release date, and return it.

    The date is the name of the nearest parent folder called ``YYYY-MM-DD``, else the file's own time.

    Raises
    ------
    UserMistakeError
        There is no such file, or it is no zip archive.
    """
    file = path.expanduser().resolve()
    if not file.is_file():
        msg = f"--full {path}: no such file"
        raise UserMistakeError(msg, "give the path of an NSDE zip archive")
    if not zipfile.is_zipfile(file):
        msg = f"--full {path}: not a zip archive"
        raise UserMistakeError(msg, "give the path of an NSDE zip archive as FDA publishes it")
    root = state_directory() / "source"
    source = Source(root, f"nsde/{_release_day(file)}/{FILE_NAME}")
    _place(file, source.file)
    return source


def _release_day(file: Path) -> str:
    dates = (release_date(folder) for folder in reversed(file.parts[:-1]))
    date = next((date for date in dates if date), None) or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return f"{date:%Y-%m-%d}"


def _place(file: Path, destination: Path) -> None:
    destination.parent.mkdir(parents=True, exist_ok=True)
    if destination.exists() and destination.samefile(file):
        return
    destination.unlink(missing_ok=True)
    try:
        os.link(file, destination)
    except OSError:  # another file system, or one without links
        shutil.copy2(file, destination)


@contextmanager
def served(source: Source) -> Iterator[str]:
    """Serve a release while the block runs; give its address.

    Raises
    ------
    LakeError
        The server does not start.
    """
    port = free_port(PREFERRED_PORT)
    log = log_file("source-server.log")
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "samples.server", str(source.root), "--port", str(port)],
            cwd=project_root(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_served(process, source.url(port), log)
        yield source.url(port)
    finally:
        process.terminate()
        process.wait()


def free_port(preferred: int) -> int:
    """Return the first free port on loopback, from the preferred one on.

    Raises
    ------
    LakeError
        None of those tried is free.
    """
    for port in range(preferred, preferred + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    msg = f"none of the ports {preferred} to {preferred + PORTS_TRIED - 1} on {HOST} is free"
    raise LakeError(msg, "end what listens there")


def _wait_until_served(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - always http on loopback
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS):  # noqa: S310 - as above
                return
        except urllib.error.HTTPError as error:
            msg = f"the source server answers {url} with {error.code} {error.reason}"
            raise LakeError(msg, f"its log is {shown(log)}") from error
        except OSError:
            time.sleep(0.1)
    msg = "the source server does not start"
    raise LakeError(msg, f"its log is {shown(log)}")

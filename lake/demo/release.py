"""The release of the demo: the sample, or a release that the user provides."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lake.errors import UserMistakeError
from lake.project import project_root, shown, state_directory

HOST = "127.0.0.1"
"""Where :mod:`samples.server` listens: loopback only."""

SAMPLE_RELEASE = "2019-04-29"
FILE_NAME = "Comprehensive_NDC_SPL_Data_Elements_File.zip"


@dataclass(frozen=True)
class Source:
    """One release file in a folder that is served.

    Parameters
    ----------
    root
        The folder to serve.
    path
        Path of the file relative to the folder, as in the address.
    derived
        Whether the rows are derived from another release, and must not be used as facts.
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
        """Return the file's address on the server."""
        return f"http://{HOST}:{port}/{self.path}"


def sample() -> Source:
    """Return the NSDE sample.

    Raises
    ------
    UserMistakeError
        The file is missing.
    """
    source = Source(project_root() / "domains", f"nsde/samples/{SAMPLE_RELEASE}/{FILE_NAME}", derived=True)
    if not source.file.is_file():
        msg = f"the sample {shown(source.file)} is missing"
        raise UserMistakeError(msg, "restore it from version control, or give a release with --full PATH")
    return source


def checked_archive(path: Path, *, fresh: bool = False) -> Path:
    """Check the release that the user provides, and return its absolute path.

    Parameters
    ----------
    fresh
        Whether the local lake will be deleted.

    Raises
    ------
    UserMistakeError
        The file does not exist, is not a zip archive, or would be deleted with the lake.
    """
    file = path.expanduser().resolve()
    if not file.is_file():
        msg = f"--full {path}: no such file"
        raise UserMistakeError(msg, "give the path of an NSDE zip archive")
    if not zipfile.is_zipfile(file):
        msg = f"--full {path}: not a zip archive"
        raise UserMistakeError(msg, "give the path of an NSDE zip archive as FDA publishes it")
    if fresh and file.is_relative_to(state_directory()):
        msg = f"--full {path}: lies in the local lake, which --fresh deletes"
        raise UserMistakeError(msg, "copy it elsewhere first")
    return file


def own_release(path: Path) -> Source:
    """Put the user's release into the served folder, under its release date, and return it.

    The date is the name of the nearest parent folder named ``YYYY-MM-DD``, else the file's modification time.

    Raises
    ------
    UserMistakeError
        The file does not exist, or is not a zip archive.
    """
    file = checked_archive(path)
    root = state_directory() / "source"
    source = Source(root, f"nsde/{_release_day(file)}/{FILE_NAME}")
    _place(file, source.file)
    return source


def _release_day(file: Path) -> str:
    from samples.server import release_date  # noqa: PLC0415 - the web server is slow to import, which would delay shell completion

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
    except OSError:  # another file system, or a file system without hard links
        shutil.copy2(file, destination)

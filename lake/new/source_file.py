"""The example file of a new dataset: on this machine, or at a URL."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from lake.errors import LakeError, UserMistakeError

HEAD_BYTES = 1 << 20
"""Number of bytes that are read to detect the format."""
LARGEST_DOWNLOAD = 1 << 30
DELIMITED = (".csv", ".txt", ".tsv", ".tab", ".psv", ".rrf", ".dat")
"""Suffixes of archive members that may be delimited text."""

_SECONDS = 60.0


@dataclass(frozen=True)
class SourceFile:
    """A release, and the first bytes of the file that becomes a table.

    Parameters
    ----------
    name
        Name of the release's file, such as ``names.zip``.
    member
        Path of the table's file in the archive; the release's name if it is not an archive.
    pattern
        Shell pattern that matches only this member.
    head
        First bytes of the member.
    whole
        Whether ``head`` is the whole member.
    day
        Date of the release's last modification, ``YYYY-MM-DD``.
    is_archive
        Whether the release is a zip archive.
    """

    name: str
    member: str
    pattern: str
    head: bytes
    whole: bool
    day: str
    is_archive: bool


def is_address(text: str) -> bool:
    """Return whether a text is a URL, not a path."""
    return text.startswith(("https://", "http://"))


def read_source(text: str, member: str | None) -> SourceFile:
    """Read the first bytes of a file.

    Parameters
    ----------
    text
        A path or a URL.
    member
        Path of the file in the archive; ``None`` if the archive has only one.

    Raises
    ------
    UserMistakeError
        The file does not exist, has no delimited text, or has several members of which none is chosen.
    LakeError
        The file could not be downloaded.
    """
    if is_address(text):
        with _downloaded(text) as (path, day):
            return _opened(path, PurePosixPath(unquote(urlsplit(text).path)).name, day, member)
    path = Path(text).expanduser()
    if not path.is_file():
        msg = f"--from {text}: no such file"
        raise UserMistakeError(msg, "give the path of a file, or an address that begins with https://")
    modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return _opened(path, path.name, f"{modified:%Y-%m-%d}", member)


def _opened(path: Path, name: str, day: str, member: str | None) -> SourceFile:
    if not zipfile.is_zipfile(path):
        if member is not None:
            msg = f"--member {member}: {name} is no zip archive"
            raise UserMistakeError(msg, "leave --member out")
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        whole = path.stat().st_size <= len(head)
        return SourceFile(name, name, _pattern(name, [name]), head, whole, day, is_archive=False)
    with zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
        chosen = _chosen(name, names, member)
        try:
            with archive.open(chosen) as file:
                head = file.read(HEAD_BYTES)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
            msg = f"{name}: {chosen} cannot be read: {error}"
            raise UserMistakeError(msg, "give an archive that is whole and not encrypted") from error
        whole = archive.getinfo(chosen).file_size <= len(head)
        return SourceFile(name, chosen, _pattern(chosen, names), head, whole, day, is_archive=True)


def _chosen(archive: str, names: list[str], member: str | None) -> str:
    listed = ", ".join(names) or "nothing"
    if member is not None:
        if member not in names:
            msg = f"--member {member}: {archive} has no such file"
            raise UserMistakeError(msg, f"it has {listed}")
        return member
    found = [name for name in names if name.lower().endswith(DELIMITED)]
    if len(found) == 1:
        return found[0]
    if not found:
        msg = f"{archive} has no file that ends with {', '.join(DELIMITED)}"
        raise UserMistakeError(msg, f"name the file with --member; it has {listed}")
    msg = f"{archive} has several files that a table can be made of: {', '.join(found)}"
    raise UserMistakeError(msg, "name one with --member; others can be added to the folder by hand")


def _pattern(name: str, names: list[str]) -> str:
    """Return ``*`` with the suffix, so that a date in the name may change, or the name if the suffix is not unique."""
    general = f"*{PurePosixPath(name).suffix}"
    return general if sum(fnmatchcase(other, general) for other in names) == 1 else name


@contextmanager
def _downloaded(address: str) -> Iterator[tuple[Path, str]]:
    """Download a file to a temporary folder; yield its path and date."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "source"
        try:
            with urllib.request.urlopen(address, timeout=_SECONDS) as answer, path.open("wb") as file:  # noqa: S310 - https or http, as checked
                _check_size(address, int(answer.headers.get("Content-Length") or 0))
                shutil.copyfileobj(answer, file, HEAD_BYTES)
                written = answer.headers.get("Last-Modified")
        except (OSError, urllib.error.URLError) as error:
            msg = f"{address} cannot be downloaded: {error}"
            raise LakeError(msg, "look at the address; or download it yourself: --from FILE --url ADDRESS") from error
        modified = parsedate_to_datetime(written) if written else datetime.now(UTC)
        yield path, f"{modified:%Y-%m-%d}"


def _check_size(address: str, size: int) -> None:
    if size > LARGEST_DOWNLOAD:
        msg = f"{address} has {size:,} bytes, more than the {LARGEST_DOWNLOAD:,} that are downloaded for a sample"
        raise UserMistakeError(msg, "cut a smaller file of the same columns: --from FILE --url ADDRESS")

"""Check an untrusted zip archive, and read its entries."""

from __future__ import annotations

import errno
import lzma
import re
import stat
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from _shared.contracts.errors import CorruptArchiveError, HostileArchiveError
from _shared.contracts.messages import LONGEST_VALUE, shortened, shown

CHUNK_SIZE = 1024 * 1024

_ENCRYPTED = 0x1
_UNIX = 3
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Python decompresses bzip2 and LZMA input without an output limit: a few hundred bytes can exhaust memory.
_BOUNDED_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_PLAIN_KINDS = frozenset({0, stat.S_IFREG, stat.S_IFDIR})

# Errors that zipfile and its decompressors raise for damaged input.
_DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class ArchiveLimits:
    """Limits beyond which an archive is treated as a decompression bomb.

    Parameters
    ----------
    members
        Number of entries.
    total_bytes
        Unpacked size of all entries together.
    ratio
        Ratio of unpacked to packed size of one entry; tables of text stay below 50.
    ratio_applies_from_bytes
        Minimum unpacked size for the ratio check.
    """

    members: int = 1_000
    total_bytes: int = 20 * 1024**3
    ratio: int = 200
    ratio_applies_from_bytes: int = 8 * 1024**2


@contextmanager
def open_archive(file: IO[bytes], where: str, limits: ArchiveLimits) -> Iterator[zipfile.ZipFile]:
    """Open a zip archive and check its directory before anything is unpacked.

    Raises
    ------
    CorruptArchiveError
        The file is not a readable zip archive.
    HostileArchiveError
        The archive's directory fails a check, see :func:`check_directory`.
    """
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGE as error:
        raise corrupt(where, error) from error
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise
        raise hostile(where, "the archive's directory is too large to read") from error
    with archive:
        # zipfile reads a damaged directory size as a directory without entries.
        if not archive.infolist():
            raise corrupt(where, ValueError("its directory has no entries"))
        check_directory(archive.infolist(), where, limits)
        yield archive


def check_directory(entries: Sequence[zipfile.ZipInfo], where: str, limits: ArchiveLimits) -> None:
    """Check names, types, compression methods and sizes of all entries; raise :class:`HostileArchiveError`."""
    if len(entries) > limits.members:
        raise hostile(where, f"{len(entries)} entries, more than the {limits.members} allowed")
    seen: set[str] = set()
    for entry in entries:
        fault = _fault(entry, limits) or ("appears twice" if entry.filename in seen else None)
        if fault:
            raise hostile(where, f"entry {shown(entry.orig_filename)} {fault}")
        seen.add(entry.filename)
    total = sum(entry.file_size for entry in entries)
    if total > limits.total_bytes:
        raise hostile(where, f"{total} bytes unpacked, more than the {limits.total_bytes} allowed")


def _fault(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> str | None:
    if fault := name_fault(entry.orig_filename):
        return fault
    if entry.flag_bits & _ENCRYPTED:
        return "is encrypted"
    if entry.create_system == _UNIX and stat.S_IFMT(entry.external_attr >> 16) not in _PLAIN_KINDS:
        return "is a link or a device"
    if entry.compress_type not in _BOUNDED_METHODS:
        return f"is packed by a method other than deflate ({entry.compress_type})"
    large = entry.file_size >= limits.ratio_applies_from_bytes
    if large and entry.file_size > entry.compress_size * limits.ratio:
        return f"unpacks {entry.compress_size} to {entry.file_size} bytes, more than {limits.ratio}:1"
    return None


def name_fault(name: str) -> str | None:
    """Return what is wrong with an entry's name, ``None`` if nothing is."""
    if not name or _CONTROL.search(name):
        return "has an empty name or control characters in it"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or _DRIVE.match(name):
        return "has an absolute name"
    if any(part in {".", ".."} for part in name.split("/")):
        return "has a name that leaves its folder"
    return None


def read_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, where: str) -> Iterator[bytes]:
    """Yield the unpacked content of one entry in chunks. Size and CRC are checked at the end.

    Raises
    ------
    CorruptArchiveError
        The packed content is damaged, or its unpacked size differs from the declared one.
    """
    unpacked = 0
    member = f"{where}: {shortened(entry.filename, LONGEST_VALUE)}"
    try:
        with archive.open(entry) as stream:
            while data := stream.read(CHUNK_SIZE):
                unpacked += len(data)
                yield data
    except (*_DAMAGE, OSError) as error:
        raise corrupt(member, error) from error
    if unpacked != entry.file_size:
        raise corrupt(member, ValueError(f"it unpacks to {unpacked} bytes, but declares {entry.file_size}"))


def hostile(where: str, fault: str) -> HostileArchiveError:
    """Return the error for an unsafe archive."""
    return HostileArchiveError(f"{where}: {fault}", "do not unpack it; ask the publisher for a correct archive")


def corrupt(where: str, error: Exception) -> CorruptArchiveError:
    """Return the error for a damaged archive."""
    return CorruptArchiveError(
        f"{where}: the archive is damaged: {error}", "run again; if it stays so, the publisher's file is broken"
    )

"""Open a fetched file and list the files in it, for each packing: zip, gzip or plain."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, cast

from _shared.contracts.errors import UnsupportedSourceError
from _shared.contracts.source import GZIP, PLAIN, ZIP
from _shared.lambdas.libs.aws.s3_reader import LakeReader
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.files.archive import CHUNK_SIZE, ArchiveLimits, open_archive, read_member
from _shared.lambdas.libs.source.files.gzip_file import gunzip

GZIP_ENDING = ".gz"


@dataclass(frozen=True)
class PackedFile:
    """A fetched file in raw.

    Parameters
    ----------
    key
        S3 key of the file.
    packing
        ``zip``, ``gzip`` or ``plain``.
    length_declared
        Whether the server declared the length, and the downloaded file has this length.
    """

    key: str
    packing: str
    length_declared: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the file is not packed."""
        return self.packing == PLAIN

    @property
    def verified(self) -> bool:
        """Whether the files in it are verified to be complete, by the declared length and a checksum."""
        return self.length_declared and not self.is_plain


@dataclass(frozen=True)
class Entry:
    """One file in a packed file: its path, and a function that reads its content."""

    name: str
    read: Callable[[], Iterator[bytes]]


@contextmanager
def open_packed(storage: LakeStorage, packed: PackedFile, limits: ArchiveLimits) -> Iterator[tuple[Entry, ...]]:
    """Open a fetched file. Its entries can be read, in bounded memory, until the context exits.

    Raises
    ------
    CorruptArchiveError, HostileArchiveError
        The file is damaged or unsafe to unpack.
    UnsupportedSourceError
        The packing is not implemented.
    """
    opener = _OPENERS.get(packed.packing)
    where = storage.address(packed.key)
    if opener is None:
        msg = f"{where}: files packed as {packed.packing!r} cannot be opened"
        raise UnsupportedSourceError(msg, f"use one of {', '.join(sorted(_OPENERS))}")
    with opener(LakeReader(storage, packed.key), where, limits) as entries:
        yield entries


@contextmanager
def _zip(reader: LakeReader, where: str, limits: ArchiveLimits) -> Iterator[tuple[Entry, ...]]:
    # LakeReader has all methods that zipfile needs.
    with open_archive(cast("IO[bytes]", reader), where, limits) as archive:
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
        yield tuple(Entry(entry.filename, partial(read_member, archive, entry, where)) for entry in files)


@contextmanager
def _gzip(reader: LakeReader, where: str, limits: ArchiveLimits) -> Iterator[tuple[Entry, ...]]:
    name = where.rsplit("/", 1)[-1].removesuffix(GZIP_ENDING)
    yield (Entry(name, lambda: gunzip(_chunks(reader), where, reader.size, limits)),)


@contextmanager
def _plain(reader: LakeReader, where: str, _: ArchiveLimits) -> Iterator[tuple[Entry, ...]]:
    yield (Entry(where.rsplit("/", 1)[-1], lambda: _chunks(reader)),)


_OPENERS = {ZIP: _zip, GZIP: _gzip, PLAIN: _plain}


def _chunks(reader: LakeReader) -> Iterator[bytes]:
    while data := reader.read(CHUNK_SIZE):
        yield data

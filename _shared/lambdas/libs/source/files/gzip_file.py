"""Unpack an untrusted gzip file in bounded memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from _shared.lambdas.libs.source.files.archive import CHUNK_SIZE, ArchiveLimits, corrupt, hostile

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""Makes zlib read the gzip header and check the trailer with checksum and length."""


def gunzip(packed: Iterable[bytes], where: str, size: int, limits: ArchiveLimits) -> Iterator[bytes]:
    """Yield the unpacked content in chunks. A file may consist of several concatenated gzip members (RFC 1952, 2.2).

    Parameters
    ----------
    packed
        Chunks of the gzip file.
    size
        Size of the gzip file in bytes.

    Raises
    ------
    CorruptArchiveError
        The file is truncated or damaged, or its checksum does not match.
    HostileArchiveError
        The unpacked content exceeds the limits.
    """
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    unpacked, parts, complete = 0, 1, False
    for data in packed:
        rest = data
        while rest:
            if complete:
                # Zero bytes after the last member are padding.
                rest = rest.lstrip(b"\0")
                if not rest:
                    break
                inflater, parts, complete = zlib.decompressobj(_GZIP_WINDOW), parts + 1, False
                if parts > limits.members:
                    raise hostile(where, f"more than {limits.members} gzip files in a row")
            for piece in _inflated(inflater, rest, where):
                unpacked += len(piece)
                _check(unpacked, size, where, limits)
                yield piece
            complete = inflater.eof
            rest = inflater.unused_data if complete else b""
    if not complete:
        raise corrupt(where, EOFError("it ends before its end is marked"))


def _inflated(inflater: zlib._Decompress, data: bytes, where: str) -> Iterator[bytes]:
    """Yield the unpacked content of a chunk, in pieces of at most one chunk size."""
    rest = data
    while True:
        try:
            piece = inflater.decompress(rest, CHUNK_SIZE)
        except zlib.error as error:
            raise corrupt(where, error) from error
        if piece:
            yield piece
        rest = inflater.unconsumed_tail
        if inflater.eof or (not rest and len(piece) < CHUNK_SIZE):
            return


def _check(unpacked: int, size: int, where: str, limits: ArchiveLimits) -> None:
    if unpacked > limits.total_bytes:
        raise hostile(where, f"more than the {limits.total_bytes} bytes allowed when it is unpacked")
    if unpacked >= limits.ratio_applies_from_bytes and unpacked > size * limits.ratio:
        raise hostile(where, f"unpacks {size} to at least {unpacked} bytes, more than {limits.ratio}:1")

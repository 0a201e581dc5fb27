"""Unpack a gzip file in bounded memory, whatever it holds."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from _shared.lambdas.libs.source.files.archive import CHUNK_SIZE, ArchiveLimits, corrupt, hostile

_GZIP_WINDOW = 16 + zlib.MAX_WBITS
"""Makes zlib read gzip's header, and check its trailer: the checksum and length of what was packed."""


def gunzip(packed: Iterable[bytes], where: str, size: int, limits: ArchiveLimits) -> Iterator[bytes]:
    """Yield what a gzip file holds, in pieces; several gzip files in a row are one (RFC 1952, 2.2).

    Parameters
    ----------
    packed
        Its bytes, in pieces.
    size
        Their number.

    Raises
    ------
    CorruptArchiveError
        It is cut off or damaged, or its checksum does not match.
    HostileArchiveError
        It unpacks to more than the limits allow.
    """
    inflater = zlib.decompressobj(_GZIP_WINDOW)
    unpacked, parts, complete = 0, 1, False
    for data in packed:
        rest = data
        while rest:
            if complete:
                # Zeros after the end are padding, as of tapes.
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
    """Yield what some bytes unpack to, no more than one chunk at a time."""
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

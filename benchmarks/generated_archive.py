"""A zip archive of any size, generated while it is sent. Memory holds only one block.

``/200.zip`` has one CSV member that compresses to three quarters; ``/1200.zip?members=9&noise=8`` has nine that
compress to about a fifth, like the full RxNorm release.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

MEGABYTE = 1_000_000
MOST_MEGABYTES = 3_000
"""A larger member would need Zip64 headers, which are not written here."""

_NOISE_BYTES = 600_000
_CELL = 40
_CELLS_IN_LINE = 8
_LAST_MODIFIED = "Mon, 02 Mar 2026 05:00:00 GMT"
_DEFLATED, _VERSION, _DATE = 8, 20, (2026 - 1980) << 9 | 3 << 5 | 2
_FINAL_BLOCK = b"\x03\x00"
"""An empty last block of a deflate stream."""


def csv_block(noise: int = _CELL) -> bytes:
    """Return CSV lines of 40-character cells.

    Parameters
    ----------
    noise
        Characters of each cell that do not repeat within deflate's window; the others are equal in all cells. All 40
        compress to about three quarters, eight of them to about a fifth.
    """
    text = base64.urlsafe_b64encode(hashlib.shake_256(b"PP-RAWS").digest(_NOISE_BYTES)).decode()
    cells = [text[start : start + noise].ljust(_CELL, "x") for start in range(0, len(text), noise)]
    lines = (",".join(cells[start : start + _CELLS_IN_LINE]) for start in range(0, len(cells), _CELLS_IN_LINE))
    return "".join(f"{line}\r\n" for line in lines).encode()


@dataclass(frozen=True)
class GeneratedArchive:
    """A zip archive with deflated CSV members: in each, one block of lines, repeated.

    A block that ends in a full flush does not refer to earlier data. So its compressed bytes can be repeated, and the
    archive's length is known in advance.

    Parameters
    ----------
    megabytes
        Length of the archive in units of 10^6 bytes, accurate to one block for each member.
    members
        Number of members, all of the same size.
    noise
        See :func:`csv_block`.
    """

    megabytes: int
    members: int = 1
    noise: int = _CELL

    @cached_property
    def length(self) -> int:
        """Length of the archive in bytes."""
        return self.members * self._stride + len(self._directory)

    def pieces(self) -> Iterator[bytes]:
        """Yield the archive in pieces."""
        for member in range(self.members):
            yield self._header(member)
            for _ in range(self._repeats):
                yield self._packed
            yield _FINAL_BLOCK
        yield self._directory

    @cached_property
    def _block(self) -> bytes:
        return csv_block(self.noise)

    @cached_property
    def _packed(self) -> bytes:
        packer = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
        return packer.compress(self._block) + packer.flush(zlib.Z_FULL_FLUSH)

    @cached_property
    def _repeats(self) -> int:
        return max(round(self.megabytes * MEGABYTE / len(self._packed) / self.members), 1)

    @cached_property
    def _stride(self) -> int:
        """Bytes from one member's header to the next."""
        return len(self._header(0)) + self._repeats * len(self._packed) + len(_FINAL_BLOCK)

    @cached_property
    def _sizes(self) -> tuple[int, ...]:
        """The fields that a member's two headers share (APPNOTE.TXT 4.3)."""
        crc = 0
        for _ in range(self._repeats):
            crc = zlib.crc32(self._block, crc)
        packed = self._repeats * len(self._packed) + len(_FINAL_BLOCK)
        return 0, _DATE, crc, packed, self._repeats * len(self._block), len(member_name(0)), 0

    def _header(self, member: int) -> bytes:
        return struct.pack("<IHHHHHIIIHH", 0x04034B50, _VERSION, 0, _DEFLATED, *self._sizes) + member_name(member)

    @cached_property
    def _directory(self) -> bytes:
        """The bytes after the last member: the central directory and its end (APPNOTE.TXT 4.3)."""
        places = ((member, member * self._stride) for member in range(self.members))
        entries = b"".join(
            struct.pack(
                "<IHHHHHHIIIHHHHHII", 0x02014B50, _VERSION, _VERSION, 0, _DEFLATED, *self._sizes, 0, 0, 0, 0, place
            )
            + member_name(member)
            for member, place in places
        )
        counts = (self.members, self.members)
        return entries + struct.pack(
            "<IHHHHIIH", 0x06054B50, 0, 0, *counts, len(entries), self.members * self._stride, 0
        )


def member_name(member: int) -> bytes:
    """Return the name of a member by its number, from 0 to 99."""
    return b"generated-%02d.csv" % member


def archive_of(path: str) -> GeneratedArchive:
    """Return the archive that a request's path describes."""
    split = urlsplit(path)
    settings = {name: int(value) for name, value in parse_qsl(split.query)}
    return GeneratedArchive(int(split.path.strip("/").removesuffix(".zip")), **settings)


@contextmanager
def serve_archives() -> Iterator[str]:
    """Serve ``/<megabytes>.zip`` on a free loopback port; yield the address without a trailing slash."""
    archives: dict[str, GeneratedArchive] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send the archive of the path."""
            archive = archives.setdefault(self.path, archive_of(self.path))
            self.send_response(200)
            self.send_header("Content-Length", str(archive.length))
            self.send_header("Last-Modified", _LAST_MODIFIED)
            self.end_headers()
            for piece in archive.pieces():
                self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

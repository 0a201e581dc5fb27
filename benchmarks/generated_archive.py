"""A zip archive of any size, generated while it is sent. Memory holds only one block."""

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

MEGABYTE = 1_000_000
MOST_MEGABYTES = 3_000
"""A larger member would need Zip64 headers, which are not written here."""

_NAME = b"generated.csv"
_NOISE_BYTES = 600_000
_CELL = 40
_CELLS_IN_LINE = 8
_LAST_MODIFIED = "Mon, 02 Mar 2026 05:00:00 GMT"
_DEFLATED, _VERSION, _DATE = 8, 20, (2026 - 1980) << 9 | 3 << 5 | 2
_FINAL_BLOCK = b"\x03\x00"
"""An empty last block of a deflate stream."""


def csv_block() -> bytes:
    """Return CSV lines that do not repeat within deflate's window, so that they compress to about three quarters."""
    text = base64.urlsafe_b64encode(hashlib.shake_256(b"PP-RAWS").digest(_NOISE_BYTES)).decode()
    cells = [text[start : start + _CELL] for start in range(0, len(text), _CELL)]
    lines = (",".join(cells[start : start + _CELLS_IN_LINE]) for start in range(0, len(cells), _CELLS_IN_LINE))
    return "".join(f"{line}\r\n" for line in lines).encode()


@dataclass(frozen=True)
class GeneratedArchive:
    """A zip archive with one deflated CSV member: one block of lines, repeated.

    A block that ends in a full flush does not refer to earlier data. So its compressed bytes can be repeated, and the
    archive's length is known in advance.

    Parameters
    ----------
    megabytes
        Length of the archive in units of 10^6 bytes, accurate to one block.
    """

    megabytes: int

    @cached_property
    def length(self) -> int:
        """Length of the archive in bytes."""
        return sum(map(len, self._edges)) + self._repeats * len(self._packed)

    def pieces(self) -> Iterator[bytes]:
        """Yield the archive in pieces."""
        head, tail = self._edges
        yield head
        for _ in range(self._repeats):
            yield self._packed
        yield tail

    @cached_property
    def _block(self) -> bytes:
        return csv_block()

    @cached_property
    def _packed(self) -> bytes:
        packer = zlib.compressobj(level=6, wbits=-zlib.MAX_WBITS)
        return packer.compress(self._block) + packer.flush(zlib.Z_FULL_FLUSH)

    @cached_property
    def _repeats(self) -> int:
        return max(round(self.megabytes * MEGABYTE / len(self._packed)), 1)

    @cached_property
    def _edges(self) -> tuple[bytes, bytes]:
        """Return the bytes before and after the compressed blocks: the zip headers (APPNOTE.TXT 4.3)."""
        crc = 0
        for _ in range(self._repeats):
            crc = zlib.crc32(self._block, crc)
        packed = self._repeats * len(self._packed) + len(_FINAL_BLOCK)
        sizes = (0, _DATE, crc, packed, self._repeats * len(self._block), len(_NAME), 0)
        local = struct.pack("<IHHHHHIIIHH", 0x04034B50, _VERSION, 0, _DEFLATED, *sizes) + _NAME
        entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, _VERSION, _VERSION, 0, _DEFLATED, *sizes, 0, 0, 0, 0, 0)
        directory = entry + _NAME
        start = len(local) + packed
        end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(directory), start, 0)
        return local, _FINAL_BLOCK + directory + end


@contextmanager
def serve_archives() -> Iterator[str]:
    """Serve ``/<megabytes>.zip`` on a free loopback port; yield the address without a trailing slash."""
    archives: dict[int, GeneratedArchive] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            """Send the archive of the size in the path."""
            megabytes = int(self.path.strip("/").removesuffix(".zip"))
            archive = archives.setdefault(megabytes, GeneratedArchive(megabytes))
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

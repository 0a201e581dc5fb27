"""A minimal S3 server for FetchAndHash. It keeps only the objects that are read again, and discards the others.

With an emulator that keeps objects in memory, or copies a whole object for each range, a benchmark of large objects
would measure the emulator. This server checks no signatures and no conditions; tests cover those.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, urlsplit

_ETAG = '"benchmark"'
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_COPY_SIZE = 1024 * 1024
_ABSENT = b"<Error><Code>NoSuchKey</Code></Error>"
_STARTED = b"<InitiateMultipartUploadResult><UploadId>upload</UploadId></InitiateMultipartUploadResult>"
_COMPLETED = b"<CompleteMultipartUploadResult><ETag>&quot;benchmark&quot;</ETag></CompleteMultipartUploadResult>"


class _Handler(BaseHTTPRequestHandler):
    """Serves one bucket in path style, from files in a folder."""

    protocol_version = "HTTP/1.1"
    folder: Path

    def do_HEAD(self) -> None:
        """HeadObject."""
        path = self._path()
        self._answer(HTTPStatus.OK if path.is_file() else HTTPStatus.NOT_FOUND, length=_size(path))

    def do_GET(self) -> None:
        """GetObject, whole object or range."""
        path = self._path()
        if not path.is_file():
            self._answer(HTTPStatus.NOT_FOUND, _ABSENT)
            return
        asked = _RANGE.fullmatch(self.headers.get("Range", ""))
        start, end = (int(asked[1]), int(asked[2]) + 1) if asked else (0, _size(path))
        self._answer(HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK, length=end - start)
        with path.open("rb") as file:
            file.seek(start)
            _copy(file, self.wfile, end - start)

    def do_PUT(self) -> None:
        """PutObject or UploadPart; parts must arrive in order."""
        part = "partNumber" in self._query()
        path = self._path()
        kept = path if path.suffix == ".zip" or not part else Path("/dev/null")
        with kept.open("ab" if part else "wb") as file:
            _copy(self.rfile, file, int(self.headers["Content-Length"]))
        self._answer(HTTPStatus.OK)

    def do_POST(self) -> None:
        """CreateMultipartUpload or CompleteMultipartUpload."""
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        starts = "uploads" in self._query()
        if starts:
            self._path().write_bytes(b"")
        self._answer(HTTPStatus.OK, _STARTED if starts else _COMPLETED)

    def log_message(self, *_: object) -> None:
        """Log nothing."""

    def _path(self) -> Path:
        return self.folder / urlsplit(self.path).path.strip("/").replace("/", "_")

    def _query(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.path).query, keep_blank_values=True)

    def _answer(self, status: HTTPStatus, body: bytes = b"", length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("ETag", _ETAG)
        self.send_header("Last-Modified", self.date_time_string())
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _copy(source: IO[bytes] | BufferedIOBase, target: IO[bytes] | BufferedIOBase, length: int) -> None:
    while length:
        data = source.read(min(length, _COPY_SIZE))
        if not data:
            msg = f"{length} bytes are missing"
            raise EOFError(msg)
        target.write(data)
        length -= len(data)


@contextmanager
def serve_bucket(folder: Path) -> Iterator[str]:
    """Serve an empty bucket, with any name, on a free loopback port; yield the endpoint.

    Parameters
    ----------
    folder
        Folder for archives and small objects.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"folder": folder}))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

"""A server of raw bytes on loopback: what it sends need not be HTTP, and need not end."""

from __future__ import annotations

import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from _shared.lambdas.libs.source.http.bounded import Deadline
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.limits import Limits
from tests._shared.lambdas.support import open_source

MEGABYTE = 1_000_000
FILE = b"PK\x03\x04" + bytes(5_000)
"""What begins as an archive does."""
OK = b"HTTP/1.1 200 OK\r\n"
WHOLE = OK + f"Content-Length: {len(FILE)}\r\n\r\n".encode() + FILE
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FIRST_CHUNK = f"{len(FILE):x}\r\n".encode() + FILE + b"\r\n"
DRIP_SECONDS = 0.02

Talk = Callable[[str], Iterable[bytes]]
"""From the path that is asked for to what is sent, piece by piece, until the client has gone."""


@dataclass
class RawServer:
    """The server.

    Parameters
    ----------
    address
        Of its root, without a slash at the end.
    talk
        What it answers.
    asked
        The requests that came in: the header of each.
    sent
        Bytes that it could send.
    """

    address: str
    talk: Talk
    asked: list[str] = field(default_factory=list)
    sent: int = 0

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [head.split(" ", 2)[1] for head in self.asked]

    def answer(self, connection: socket.socket) -> None:
        """Read one request, and send the answer; the client may hang up at any moment."""
        with suppress(OSError), connection:
            head = b""
            while b"\r\n\r\n" not in head:
                received = connection.recv(65_536)
                if not received:
                    return
                head += received
            self.asked.append(head.decode("latin-1"))
            for piece in self.talk(self.paths[-1]):
                connection.sendall(piece)
                self.sent += len(piece)


@contextmanager
def serve_raw(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    """Run the server, one connection after the other; with TLS where there is a context."""
    listener = socket.create_server(("127.0.0.1", 0))
    # Small, lest the kernel takes much that nobody reads.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65_536)
    scheme = "https" if context else "http"
    server = RawServer(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", talk)

    def work() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with suppress(OSError):
                    server.answer(context.wrap_socket(connection, server_side=True) if context else connection)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)
        assert not thread.is_alive()


def limits(seconds: float = 30, size: int = 10 * MEGABYTE) -> Limits:
    return Limits(size, Deadline(seconds))


def fetch(http: SourceClient, server: RawServer, allowed: Limits | None = None) -> bytes:
    download = open_source(http, f"{server.address}/x.zip", None, allowed or limits())
    return b"".join(chunk.data for chunk in download.chunks())


def always(*pieces: bytes) -> Callable[[str], Iterator[bytes]]:
    return lambda _: iter(pieces)


def endless(head: bytes, piece: bytes) -> Callable[[str], Iterator[bytes]]:
    return lambda _: itertools.chain([head], itertools.repeat(piece))


def dripping(head: bytes, piece: bytes) -> Callable[[str], Iterator[bytes]]:
    def talk(_: str) -> Iterator[bytes]:
        yield head
        while True:
            time.sleep(DRIP_SECONDS)
            yield piece

    return talk

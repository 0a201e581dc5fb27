"""HTTP connections with limits for time and memory that hold against any server.

A socket time-out applies to a single read, so a server that sends one byte per minute never exceeds it. In addition,
urllib3 does not limit the length of lines and chunks in a chunked body.
"""

from __future__ import annotations

import http.client
import io
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    import socket

    from _typeshed import WriteableBuffer

READ_SECONDS = 60
LONGEST_LINE = 65_536
"""Maximum bytes of a line; http.client has the same limit for header lines."""


class Deadline:
    """The time by which a download must be complete.

    Parameters
    ----------
    seconds
        Duration from now.
    clock
        Monotonic clock in seconds.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Remaining seconds, 0 after the deadline."""
        return max(self._end - self._clock(), 0.0)


class BoundedAdapter(HTTPAdapter):
    """Sends requests. Reading a response fails with a time-out after the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._pool_classes = _pool_classes(deadline)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the parent
        """Create the pools for direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - those of the parent
        """Create the pools for connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


class _Wire(io.RawIOBase):
    """Raw stream of a socket. Each read ends at the deadline at the latest."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        left = self._deadline.left
        if not left:
            msg = "the time for the download is over"
            raise TimeoutError(msg)
        self._sock.settimeout(min(left, READ_SECONDS))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _BoundedReader(io.BufferedReader):
    """Rejects reads without a limit: long lines, and reads up to the end of the stream."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            what = "line of a chunked body"
            raise http.client.LineTooLong(what)
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        # A negative size comes from a chunk header with a negative length.
        if size is None or size < 0:
            msg = f"a chunk of {size} bytes"
            raise http.client.HTTPException(msg)
        return super().read(size)


class _Answer(http.client.HTTPResponse):
    def __init__(self, deadline: Deadline, sock: socket.socket, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the parent
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = _BoundedReader(_Wire(sock, deadline))


def _pool_classes(deadline: Deadline) -> dict[str, type[HTTPConnectionPool]]:
    """Return pool classes by scheme whose connections use the bounded reader."""
    answer = staticmethod(partial(_Answer, deadline))
    plain = type("BoundedConnection", (HTTPConnection,), {"response_class": answer})
    secure = type("BoundedSecureConnection", (HTTPSConnection,), {"response_class": answer})
    return {
        "http": type("BoundedPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("BoundedSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }

"""HTTP connections that no server can hold open, or fill, beyond a limit.

A time-out of the socket is of one read: a server that sends a byte a minute never meets it, neither in the body nor in
the header. And the lines and chunks of a chunked body are read by urllib3 as long as they come.
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
"""Bytes: what http.client allows a line of the header."""


class Deadline:
    """The moment by which a download must be whole.

    Parameters
    ----------
    seconds
        From now on.
    clock
        Seconds that never go back.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._clock = clock
        self._end = clock() + seconds

    @property
    def left(self) -> float:
        """Seconds that are left, 0 where none are."""
        return max(self._end - self._clock(), 0.0)


class BoundedAdapter(HTTPAdapter):
    """Sends requests; reading their answers fails with a time-out once the deadline has passed."""

    def __init__(self, deadline: Deadline) -> None:
        self._pool_classes = _pool_classes(deadline)
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - those of the parent
        """Make the pools of direct connections."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - those of the parent
        """Make the pools of connections through a proxy."""
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = self._pool_classes
        return manager


class _Wire(io.RawIOBase):
    """The bytes of a socket, of which each read ends at the deadline at the latest."""

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
    """Reads no line and no chunk without a bound, whatever it is asked for."""

    def readline(self, size: int | None = -1, /) -> bytes:
        if size is not None and size >= 0:
            return super().readline(size)
        line = super().readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            what = "line of a chunked body"
            raise http.client.LineTooLong(what)
        return line

    def read(self, size: int | None = -1, /) -> bytes:
        # What asks for all there is has been told a negative size of a chunk.
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
    """Return the pools whose connections read their answers so, by scheme."""
    answer = staticmethod(partial(_Answer, deadline))
    plain = type("BoundedConnection", (HTTPConnection,), {"response_class": answer})
    secure = type("BoundedSecureConnection", (HTTPSConnection,), {"response_class": answer})
    return {
        "http": type("BoundedPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
        "https": type("BoundedSecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
    }

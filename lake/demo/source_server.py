"""The server of the demo's release."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lake.demo.release import HOST, Source
from lake.errors import LakeError
from lake.project import log_file, project_root, shown

PREFERRED_PORT = 8417
"""Preferred port of the source server, so that a repeated demo requests the same address again."""

PORTS_TRIED = 50
START_SECONDS = 20.0


@contextmanager
def served(source: Source) -> Iterator[str]:
    """Serve a release within the ``with`` block; yield its address.

    Raises
    ------
    LakeError
        The server does not start.
    """
    port = free_port(PREFERRED_PORT)
    log = log_file("source-server.log")
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "samples.server", str(source.root), "--port", str(port)],
            cwd=project_root(),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_served(process, source.url(port), log)
        yield source.url(port)
    finally:
        process.terminate()
        process.wait()


def free_port(preferred: int) -> int:
    """Return the first free port on loopback, starting at the preferred one.

    Raises
    ------
    LakeError
        No free port was found.
    """
    for port in range(preferred, preferred + PORTS_TRIED):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    msg = f"none of the ports {preferred} to {preferred + PORTS_TRIED - 1} on {HOST} is free"
    raise LakeError(msg, "end what listens there")


def _wait_until_served(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - always http on loopback
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=START_SECONDS):  # noqa: S310 - as above
                return
        except urllib.error.HTTPError as error:
            msg = f"the source server answers {url} with {error.code} {error.reason}"
            raise LakeError(msg, f"its log is {shown(log)}") from error
        except OSError:
            time.sleep(0.1)
    msg = "the source server does not start"
    raise LakeError(msg, f"its log is {shown(log)}")

"""A page in a real browser tries to use the local cloud: it can read no answer, and nothing has changed afterwards."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CloudUnderTest
from tests.outcomes import record_outcome
from tests.workflow.guessed_role import MAKE_ROLE, QUERY

pytestmark = pytest.mark.browser
BUCKET, KEY = "not-for-a-browser", "kept"
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SECONDS = 120.0


class _Server(BaseHTTPRequestHandler):
    """The page's own server, and a witness that takes what the cloud must refuse."""

    server: Any

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PUT(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def do_OPTIONS(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.seen.put((self.command, self.path.partition("?")[0], body))
        answer = self.server.files.get(self.path, b"")
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/" else "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(files: dict[str, bytes]) -> Iterator[tuple[str, queue.Queue[tuple[str, str, bytes]]]]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    server.files, server.seen = files, queue.Queue()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", server.seen
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def browser(address: str, profile: Path) -> Iterator[None]:
    """Chromium, which visits the address."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.fail("no chromium on this machine; Debian: apt-get install chromium")
    process = subprocess.Popen(
        [program, *FLAGS, f"--user-data-dir={profile}", address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def content(cloud: CloudUnderTest) -> Any:
    roles = sorted(role["RoleName"] for role in cloud.client("iam").list_roles()["Roles"])
    objects = cloud.client("s3").list_objects_v2(Bucket=BUCKET)["Contents"]
    body = cloud.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    return roles, [found["Key"] for found in objects], body


def told_by_the_page(seen: queue.Queue[tuple[str, str, bytes]]) -> dict[str, str]:
    while True:
        method, path, body = seen.get(timeout=SECONDS)
        if (method, path) == ("POST", "/told"):
            told: dict[str, str] = json.loads(body)
            return told


def test_a_page_can_neither_use_the_local_cloud_nor_read_from_it(cloud: CloudUnderTest, tmp_path: Path) -> None:
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    cloud.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"kept")
    before = content(cloud)
    page = (Path(__file__).parent / "page.html").read_bytes()
    with served({}) as (witness, witnessed):
        settings = {
            "targets": {"witness": witness, "cloud": cloud.endpoint},
            "role": MAKE_ROLE, "query": QUERY, "object": f"/{BUCKET}/{KEY}",
        }  # fmt: skip
        files = {"/": page, "/settings.json": json.dumps(settings).encode()}
        with served(files) as (address, seen), browser(address, tmp_path / "profile"):
            told = told_by_the_page(seen)
    arrived = [witnessed.get_nowait()[:2] for _ in range(witnessed.qsize())]
    for attempt, outcome in told.items():
        record_outcome("a page in a browser", attempt, outcome)
    # The browser does send these to who takes them: what the cloud refused was no empty threat.
    resets = [("POST", "/_ministack/reset")] * 2
    assert [found for found in arrived if found[1] == "/_ministack/reset"] == resets
    assert arrived.count(("POST", "/")) == 3
    assert {("OPTIONS", f"/{BUCKET}/{KEY}"), ("GET", f"/{BUCKET}/{KEY}"), ("GET", "/")} <= set(arrived)
    assert len(told) == 20
    assert set(told.values()) == {"not readable"}
    assert content(cloud) == before

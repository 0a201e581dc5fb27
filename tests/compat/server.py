"""A Trino server on loopback, over the Glue catalog and the S3 of a local cloud."""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.compat.release import Tell

_START_SECONDS = 180
_HOST = "127.0.0.1"


class ServerError(Exception):
    """Trino did not start; the message holds the end of its log."""


@contextmanager
def trino(home: Path, java: Path, cloud: Mapping[str, str], tell: Tell) -> Iterator[str]:
    """Run Trino for as long as the context lasts, and give its address.

    Parameters
    ----------
    home, java
        An unpacked Trino, and the ``java`` that runs it.
    cloud
        The variables that point AWS clients at the local cloud.
    """
    with tempfile.TemporaryDirectory(prefix="compat-trino-") as temporary, socket.socket() as probe:
        probe.bind((_HOST, 0))
        port = int(probe.getsockname()[1])
        probe.close()
        work, log = Path(temporary), Path(temporary) / "server.log"
        _configure(work, port, cloud)
        with log.open("wb") as output:
            process = subprocess.Popen(
                _command(home, java, work), cwd=work, env={**os.environ, **cloud}, stdout=output, stderr=output
            )
        try:
            address = f"http://{_HOST}:{port}"
            _wait(process, address, log, tell)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def _configure(work: Path, port: int, cloud: Mapping[str, str]) -> None:
    endpoint, region = cloud["AWS_ENDPOINT_URL"], cloud["AWS_REGION"]
    key, secret = cloud["AWS_ACCESS_KEY_ID"], cloud["AWS_SECRET_ACCESS_KEY"]
    _properties(work / "config.properties", {
        "coordinator": "true", "node-scheduler.include-coordinator": "true", "http-server.http.port": str(port),
        "discovery.uri": f"http://{_HOST}:{port}", "query.max-memory-per-node": "400MB",
    })  # fmt: skip
    # The catalog has Athena's name for it, so that queries that spell it run on both. The Glue client is told its
    # endpoint by the environment: given as a property, Trino signs its requests without the operation's name.
    _properties(work / "catalog" / "awsdatacatalog.properties", {
        "connector.name": "hive", "hive.metastore": "glue", "hive.metastore.glue.region": region,
        "fs.native-s3.enabled": "true", "s3.endpoint": endpoint, "s3.region": region, "s3.path-style-access": "true",
        "s3.aws-access-key": key, "s3.aws-secret-key": secret,
    })  # fmt: skip


def _properties(path: Path, values: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{name}={value}\n" for name, value in values.items()), "utf-8")


def _command(home: Path, java: Path, work: Path) -> list[str]:
    settings = {
        "config": work / "config.properties", "catalog.config-dir": work / "catalog", "plugin.dir": home / "plugin",
        "node.data-dir": work / "data", "node.environment": "compat", "node.id": "compat", "node.bind-ip": _HOST,
        "node.internal-address": _HOST, "jdk.attach.allowAttachSelf": "true", "user.timezone": "UTC",
    }  # fmt: skip
    options = [
        "-Xmx1G", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
    ]  # fmt: skip
    defined = [f"-D{name}={value}" for name, value in settings.items()]
    return [str(java), "-cp", f"{home}/lib/*", *options, *defined, "io.trino.server.TrinoServer"]


def _wait(process: subprocess.Popen[bytes], address: str, log: Path, tell: Tell) -> None:
    begun = time.monotonic()
    while not _ready(address):
        waited = time.monotonic() - begun
        tell(f"starting Trino: {waited:.0f} s")
        if process.poll() is not None or waited > _START_SECONDS:
            end = "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-20:])
            message = f"Trino did not start:\n{end}"
            raise ServerError(message)
        time.sleep(0.5)


def _ready(address: str) -> bool:
    try:
        return requests.get(f"{address}/v1/info", timeout=5).json()["starting"] is False
    except (requests.RequestException, KeyError):
        return False

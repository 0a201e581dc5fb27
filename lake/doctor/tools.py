"""Checks of installed programs and packages: Python, its packages, Node.js, the CDK, Java, Spark's jars."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from lake import cdk, local
from lake.doctor.finding import Finding, missing, note, ok
from lake.errors import LakeError
from lake.project import project_root

INSTALL = "make install"
_ANSWER_SECONDS = 10
_LISTED = 3
_LEAST_NODE = 20
"""The oldest Node.js that the CDK supports."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)(?:\s*;.*)?", re.MULTILINE)


def python() -> Finding:
    """Check the Python interpreter."""
    found = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info[:2] == (3, 11):
        return ok("Python 3.11", found)
    return missing("Python 3.11", found, f"install Python 3.11, then: {INSTALL}")


def packages(lock: Path | None = None) -> Finding:
    """Compare the installed Python packages with the pinned ones."""
    pins = dict(_PIN.findall((lock or project_root() / "requirements" / "dev.lock").read_text("utf-8")))
    others = [_difference(name, pinned) for name, pinned in pins.items() if _installed(name) != pinned]
    if not others:
        return ok("Python packages", f"all {len(pins)} as pinned in requirements/dev.lock")
    return missing("Python packages", f"{len(others)} of {len(pins)} differ: {_shortened(others)}", INSTALL)


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _difference(name: str, pinned: str) -> str:
    found = _installed(name)
    return f"{name} {found}, not {pinned}" if found else f"no {name} {pinned}"


def _shortened(names: Iterable[str]) -> str:
    listed = list(names)
    rest = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return ", ".join(listed[:_LISTED]) + rest


def node() -> Finding:
    """Check the Node.js for the CDK."""
    path = cdk.process_environment(dict(os.environ))["PATH"]
    executable = shutil.which("node", path=path)
    answer = answer_of([executable, "--version"]) if executable else None
    if answer is None:
        return missing("Node.js", "none", INSTALL)
    major = re.match(r"v(\d+)\.", answer)
    found = f"{answer} at {executable}"
    if major and int(major.group(1)) >= _LEAST_NODE:
        return ok("Node.js", found)
    return missing("Node.js", found, f"the CDK needs {_LEAST_NODE} or newer; {INSTALL}")


def cdk_command_line(root: Path | None = None) -> Finding:
    """Compare the CDK command line with the pinned one."""
    folder = root or project_root()
    pinned = json.loads((folder / "package.json").read_text("utf-8"))["devDependencies"]["aws-cdk"]
    installed = folder / "node_modules" / "aws-cdk" / "package.json"
    if not installed.is_file():
        return missing("AWS CDK", f"none; {pinned} is pinned", INSTALL)
    found = json.loads(installed.read_text("utf-8"))["version"]
    if found == pinned:
        return ok("AWS CDK", f"{found}, as pinned")
    return missing("AWS CDK", f"{found}; {pinned} is pinned", INSTALL)


def java() -> Finding:
    """Check the Java 17 for Spark."""
    try:
        home = local.java_home()
    except LakeError as error:
        return missing("Java 17", error.what, error.remedy)
    answer = answer_of([str(home / "bin" / "java"), "-version"]) or ""
    if 'version "17' in answer:
        return ok("Java 17", f"{answer.splitlines()[0]} at {home}")
    return missing("Java 17", f"none that runs at {home}", f"{INSTALL}, or set JAVA_HOME to a Java 17")


def spark_jars() -> Finding:
    """Check the jars with which Spark reads and writes S3."""
    try:
        folder, wanted, absent = local.spark_jars()
    except LakeError as error:
        return missing("Spark's S3 jars", error.what, error.remedy)
    if not absent:
        return ok("Spark's S3 jars", f"all {wanted} in {folder}")
    remedy = "the first job fetches them (8 MB) from Maven Central, which needs the network"
    return note("Spark's S3 jars", f"{wanted - len(absent)} of {wanted} in {folder}", remedy)


def answer_of(command: list[str], seconds: float = _ANSWER_SECONDS) -> str | None:
    """Return a program's output, or ``None`` if it does not start, fails or takes too long."""
    try:
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds,
            check=True, text=True, errors="replace", cwd=project_root(),
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip()

"""Interpreters that see a deployed artefact and what its runtime provides, and nothing else of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

LAMBDA_PROVIDES = ("boto3", "botocore", "s3transfer", "dateutil", "six", "jmespath", "urllib3")
"""Top-level packages of the SDK in Lambda's Python runtimes, the only ones beside the standard library."""


def lambda_runtime(folder: Path) -> Path:
    """Link to what Lambda brings along."""
    folder.mkdir(parents=True)
    for name in LAMBDA_PROVIDES:
        spec = find_spec(name)
        assert spec is not None, name
        assert spec.origin is not None, name
        file = Path(spec.origin)
        source = file.parent if file.name == "__init__.py" else file
        (folder / source.name).symlink_to(source)
    return folder


def start_isolated(code: str, *paths: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run code in an interpreter that sees the standard library and the given paths only."""
    start = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}\n"
    return run_python(Path(sys.executable), "-I", "-S", "-B", "-c", start + code, **variables)


def run_isolated(code: str, *paths: Path, **variables: str) -> str:
    """Run code as :func:`start_isolated` does, which must end well, and return what it printed."""
    finished = start_isolated(code, *paths, **variables)
    if finished.returncode != 0:
        pytest.fail(finished.stderr)
    return finished.stdout


def run_python(python: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run an interpreter with no variable of this process but ``PATH``."""
    return subprocess.run(
        [str(python), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": "us-east-1", **variables},
    )

"""Pack the wheels that the Silver job adds to Glue's packages, pinned by hash: a "zip of wheels".

Source: AWS Glue Developer Guide, "Using Python libraries with AWS Glue", appendix A: the archive's name ends in
``.gluewheels.zip``, and its folder ``wheels`` has a ``requirements.txt`` beside the wheels.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from stacks.packaging.staging import existing, staged, write_zip
from stacks.packaging.third_party import run_pip

WHEELS_ARCHIVE = "wheels.zip"
_LOCK = Path("requirements/quality.lock")
_PLATFORMS = ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
"""Glue 5 runs on Amazon Linux 2023, whose glibc is 2.34, on x86-64."""
_OPTIONS = (
    "--only-binary=:all:",
    *(f"--platform={name}" for name in _PLATFORMS),
    "--implementation=cp",
    *(f"--abi={name}" for name in ("cp311", "abi3", "none")),
    "--python-version=3.11",
)


def wheels_archive(root: Path, output: Path) -> Path:
    """Build the archive. It is built only if the lock has changed.

    Raises
    ------
    PackagingError
        The lock is missing, or pip could not download the wheels.
    """
    lock = existing(root / _LOCK)
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    return staged(output / f"wheels-{digest[:16]}", lambda folder: _build(lock, folder)) / WHEELS_ARCHIVE


def _build(lock: Path, folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        run_pip(lock, "download", "--quiet", *_OPTIONS, "--dest", scratch)
        files = {f"wheels/{path.name}": path.read_bytes() for path in sorted(Path(scratch).iterdir())}
    # Without hashes: every wheel in the archive has been checked against the lock.
    pins = [line.partition(" ")[0] for line in lock.read_text("utf-8").splitlines() if "==" in line]
    files["wheels/requirements.txt"] = "".join(f"{pin}\n" for pin in pins).encode()
    write_zip(folder / WHEELS_ARCHIVE, files)

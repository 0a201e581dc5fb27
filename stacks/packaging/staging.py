"""Build folders atomically, so that concurrent syntheses never see an incomplete one."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from stacks.packaging.errors import PackagingError

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READABLE_FILE = 0o644 << 16
_NOT_SHIPPED = frozenset({"__pycache__", "config", "expectations", "samples", "tests"})
"""Folders that are not shipped. In place of configuration and expectations, the resolved document is shipped."""
_NOT_SHIPPED_SUFFIXES = frozenset({".pyc", ".md"})


def staged(target: Path, fill: Callable[[Path], None]) -> Path:
    """Return ``target``; create and fill it if it does not exist.

    ``target`` is named by its content, so an existing folder needs no change.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".staging-") as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        fill(folder)
        try:
            folder.rename(target)
        except OSError:
            # Another process has finished the same content first.
            if not target.is_dir():
                raise
    return target


def shipped_files(package: Path, root: Path) -> dict[str, bytes]:
    """Return path and content of a package's files, without caches, samples, tests and documentation."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(package.rglob("*"))
        if path.is_file()
        and path.suffix not in _NOT_SHIPPED_SUFFIXES
        and not path.name.startswith(".")
        and _NOT_SHIPPED.isdisjoint(path.relative_to(package).parts)
    }


def package_marker(package: Path, root: Path) -> dict[str, bytes]:
    """Return path and content of a package's ``__init__.py``."""
    marker = existing(package / "__init__.py")
    return {marker.relative_to(root).as_posix(): marker.read_bytes()}


def existing(path: Path) -> Path:
    """Return the path of a file, after checking that it exists.

    Raises
    ------
    PackagingError
        The file does not exist.
    """
    if not path.is_file():
        msg = f"{path} is missing"
        raise PackagingError(msg, "restore it from version control")
    return path


def content_digest(files: Mapping[str, bytes], *names: str) -> str:
    """Return a short digest over names and contents of files, and over further names."""
    total = hashlib.sha256(" ".join(names).encode())
    for name in sorted(files):
        total.update(f"\0{name}\0{len(files[name])}\0".encode())
        total.update(files[name])
    return total.hexdigest()[:16]


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder into an existing one."""
    shutil.copytree(source, target, dirs_exist_ok=True)


def write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    """Write a reproducible zip archive: its bytes depend only on names and contents.

    Files are stored without compression, because compressed bytes differ between zlib builds.
    """
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _READABLE_FILE
            entry.create_system = 3
            archive.writestr(entry, files[name])

"""The Python environment of a Glue job: Spark, Glue's library and the packages that Glue provides, and nothing else.

With other packages of this machine on its path, a job could succeed here and fail on AWS.
"""

from __future__ import annotations

import sysconfig
import venv
from collections.abc import Collection
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

GLUE_VERSIONS = ("5.0", "5.1")
"""Versions with Spark 3.5 whose packages are listed here."""

_GLUE_ITSELF = ("pyspark", "py4j", "awsglue-dev")


@cache
def provided_packages(glue_version: str) -> dict[str, str]:
    """Return name and version of the Python packages that a Glue version provides besides Spark and its library."""
    text = Path(__file__).with_name("packages").joinpath(f"{glue_version}.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("==") for line in lines)


def make_python(directory: Path, glue_version: str, added: Collection[str] = ()) -> Path:
    """Create a Python environment with Glue's packages, as far as they are installed here; return its interpreter.

    The packages have the versions that are installed on this machine.

    Parameters
    ----------
    added
        Names of further packages.
    directory
        Directory of the environment. It must not exist yet.
    glue_version
        For example ``5.1``. There must be a list of packages for it.
    """
    venv.create(directory, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(directory)}))
    for path in _installed((*_GLUE_ITSELF, *provided_packages(glue_version), *added)):
        (packages / path.name).symlink_to(path)
    return directory / "bin" / "python"


@cache
def _installed(names: tuple[str, ...]) -> list[Path]:
    """Return the top-level files and folders of the named distributions that are installed here."""
    paths: set[Path] = set()
    for name in names:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
        paths |= {Path(str(found.locate_file(top))) for top in tops}
    return sorted(paths)

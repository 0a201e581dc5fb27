"""The Python that a Glue job runs on: Spark, Glue's library and the packages that Glue brings along, and no other.

A package that is installed on this machine and not in Glue would let a job run here that fails on AWS.
"""

from __future__ import annotations

import sysconfig
import venv
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_GLUE_ITSELF = ("pyspark", "py4j", "awsglue-dev")


@cache
def provided_packages(glue_version: str) -> dict[str, str]:
    """Return name and version of every Python package that a version of Glue provides beside Spark and its library."""
    text = Path(__file__).with_name("packages").joinpath(f"{glue_version}.txt").read_text("utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return dict(line.split("==") for line in lines)


def make_python(directory: Path, glue_version: str) -> Path:
    """Make a Python environment of what Glue provides, as far as it is installed here, and return its interpreter.

    Versions are those of this machine.

    Parameters
    ----------
    directory
        Where the environment goes; it must not exist.
    glue_version
        For example ``5.1``; it must have a list of packages.
    """
    venv.create(directory, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(directory)}))
    for path in _installed((*_GLUE_ITSELF, *provided_packages(glue_version))):
        (packages / path.name).symlink_to(path)
    return directory / "bin" / "python"


@cache
def _installed(names: tuple[str, ...]) -> list[Path]:
    """Return the top-level files and folders of those distributions that this interpreter has."""
    paths: set[Path] = set()
    for name in names:
        try:
            found = distribution(name)
        except PackageNotFoundError:
            continue
        tops = {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}
        paths |= {Path(str(found.locate_file(top))) for top in tops}
    return sorted(paths)

"""Packages that a job adds to Glue's: ``--additional-python-modules`` with a zip of wheels.

The wheels are compiled for Glue's Linux, so a job here uses the same versions as they are installed on this machine.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePosixPath
from typing import Any

from local_cloud.glue.jobs.files import LaunchError, download
from local_cloud.glue.jobs.python import GLUE_VERSIONS, provided_packages

ARGUMENT = "--additional-python-modules"
OPTION = "--python-modules-installer-option"
SUFFIX = ".gluewheels.zip"
_REQUIREMENTS = "wheels/requirements.txt"


def added_packages(client: Any, arguments: Mapping[str, str], directory: Path) -> list[str]:
    """Download the archives that a job names, as its role; return the names of the packages in them.

    Raises
    ------
    LaunchError
        An address is no zip of wheels, pip could use an index, a required wheel is missing from the archive, or this
        machine has another version of a package that no Glue version provides.
    """
    locations = [text.strip() for text in arguments.get(ARGUMENT, "").split(",") if text.strip()]
    if locations and "--no-index" not in arguments.get(OPTION, "").split():
        msg = f"The local cloud installs nothing from a package index: add {OPTION} --no-index"
        raise LaunchError(msg)
    # The archive has what any Glue version lacks, in the version that another provides.
    provided = {_name(name) for version in GLUE_VERSIONS for name in provided_packages(version)}
    names: list[str] = []
    for location in locations:
        if not location.endswith(SUFFIX):
            msg = f"The local cloud adds packages from *{SUFFIX} only; {ARGUMENT} names {location}"
            raise LaunchError(msg)
        for name, wanted in pins(download(client, location, directory)).items():
            found = _installed(name)
            if found != wanted and name not in provided:
                msg = f"The job adds {name} {wanted}, and this machine has {found or 'none'}: run make install"
                raise LaunchError(msg)
            names.append(name)
    return names


def pins(archive: Path) -> dict[str, str]:
    """Return name and version of the packages of an archive, each of which must have its wheel there."""
    with zipfile.ZipFile(archive) as opened:
        files = [PurePosixPath(name).name for name in opened.namelist()]
        lines = opened.read(_REQUIREMENTS).decode("utf-8").split()
    pins = {_name(name): wanted for name, _, wanted in (line.partition("==") for line in lines)}
    there = {tuple(_name(part) for part in file.split("-")[:2]) for file in files if file.endswith(".whl")}
    missing = [f"{name}=={wanted}" for name, wanted in pins.items() if (name, wanted) not in there]
    if missing:
        msg = f"LAUNCH ERROR | {archive.name} has no wheel of {', '.join(missing)}, and pip may not look elsewhere"
        raise LaunchError(msg)
    return pins


def _name(text: str) -> str:
    """Return a package's normalised name."""
    return text.lower().replace("_", "-")


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""

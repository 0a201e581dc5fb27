"""Adapter to the local cloud: the only module of the command line that starts and stops it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from lake.errors import UnreachableError
from lake.project import make_state_directory, state_directory
from lake.targets import RunningCloud

if TYPE_CHECKING:
    from types import ModuleType

    from local_cloud.cloud import Cloud


def exists() -> bool:
    """Return whether this project's local cloud has been started before."""
    return (state_directory() / "cloud.json").is_file()


def running_cloud() -> RunningCloud | None:
    """Return this project's local cloud, or ``None`` if it is not running."""
    if not exists():
        return None
    cloud = _module().status(state_directory())
    return None if cloud is None else _as_running(cloud)


def start_cloud(port: int | None = None) -> RunningCloud:
    """Start the local cloud, or return the running one."""
    return _as_running(_module().start(make_state_directory(), port))


def stop_cloud() -> None:
    """Stop the local cloud; its data stays."""
    _module().stop(state_directory())


def wipe() -> None:
    """Delete all data of the local cloud, and the logs. It must not be running."""
    # Delete only a folder that a local cloud has used, because LAKE_STATE_DIRECTORY may name any folder.
    doomed = state_directory().with_name(f"{state_directory().name}.lake-deleted")
    if exists():
        # Rename first: if the deletion is interrupted, the next start does not find half of a lake.
        shutil.rmtree(doomed, ignore_errors=True)
        state_directory().rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def java_home() -> Path:
    """Return the home directory of Spark's Java 17.

    Raises
    ------
    UnreachableError
        Java 17 is not installed, and neither is the package that contains it.
    """
    with _installed():
        from local_cloud import java  # noqa: PLC0415 - not installed where only AWS is used

        return java.java_home()


def spark_jars() -> tuple[Path, int, list[str]]:
    """Return the directory of Spark's jars for S3, their number, and the names of the missing ones.

    Raises
    ------
    UnreachableError
        The local cloud is not installed.
    """
    with _installed():
        from local_cloud.glue.jobs import jars  # noqa: PLC0415 - not installed where only AWS is used

        folder = jars.default_directory()
        names = [jar.file_name for jar in jars.JARS]
        return folder, len(names), [name for name in names if not (folder / name).is_file()]


def _module() -> ModuleType:
    with _installed():
        from local_cloud import cloud  # noqa: PLC0415 - not installed where only AWS is used

        return cloud


@contextmanager
def _installed() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        msg = f"the local cloud cannot be loaded: {error}"
        raise UnreachableError(msg, "install the development requirements with: make install") from error


def _as_running(cloud: Cloud) -> RunningCloud:
    return RunningCloud(endpoint=cloud.endpoint, pid=cloud.pid, variables=cloud.environment())

"""The local cloud, as the command line sees it: the only module here that knows how it is started."""

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
    """Tell whether this project's local cloud has been started before."""
    return (state_directory() / "cloud.json").is_file()


def running_cloud() -> RunningCloud | None:
    """Return this project's local cloud, ``None`` where it is not up."""
    if not exists():
        return None
    cloud = _module().status(state_directory())
    return None if cloud is None else _as_running(cloud)


def start_cloud(port: int | None = None) -> RunningCloud:
    """Start the local cloud, or return the one that is up."""
    return _as_running(_module().start(make_state_directory(), port))


def stop_cloud() -> None:
    """Stop the local cloud; its data stays."""
    _module().stop(state_directory())


def wipe() -> None:
    """Delete everything that the local cloud holds, and the logs. It must be down."""
    # Only a folder that a local cloud has used: the variable that chooses it may name any folder.
    doomed = state_directory().with_name(f"{state_directory().name}.lake-deleted")
    if exists():
        # Out of the way at once: were the deletion interrupted, no half of a lake would be started next.
        shutil.rmtree(doomed, ignore_errors=True)
        state_directory().rename(doomed)
    shutil.rmtree(doomed, ignore_errors=True)


def java_home() -> Path:
    """Return the home of the Java 17 that Spark runs on.

    Raises
    ------
    UnreachableError
        The machine has none, and the package that carries one is not installed.
    """
    with _installed():
        from local_cloud import java  # noqa: PLC0415 - not installed where only AWS is used

        return java.java_home()


def spark_jars() -> tuple[Path, int, list[str]]:
    """Return where the jars that Spark needs for S3 are kept, how many they are, and which are not there.

    Raises
    ------
    UnreachableError
        The local cloud is not installed.
    """
    with _installed():
        from local_cloud import jars  # noqa: PLC0415 - not installed where only AWS is used

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

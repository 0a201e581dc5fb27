"""The local cloud, as the command line sees it: the only module here that knows how it is started."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from lake.errors import UnreachableError
from lake.project import state_directory
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
    state_directory().mkdir(parents=True, exist_ok=True)
    return _as_running(_module().start(state_directory(), port))


def stop_cloud() -> None:
    """Stop the local cloud; its data stays."""
    _module().stop(state_directory())


def wipe() -> None:
    """Delete everything that the local cloud holds, and the logs. It must be down."""
    # Only a folder that a local cloud has used: the variable that chooses it may name any folder.
    if exists():
        shutil.rmtree(state_directory())


def _module() -> ModuleType:
    try:
        from local_cloud import cloud  # noqa: PLC0415 - not installed where only AWS is used
    except ImportError as error:
        msg = f"the local cloud cannot be loaded: {error}"
        raise UnreachableError(msg, "install the development requirements with: make install") from error
    return cloud


def _as_running(cloud: Cloud) -> RunningCloud:
    return RunningCloud(endpoint=cloud.endpoint, pid=cloud.pid, variables=cloud.environment())

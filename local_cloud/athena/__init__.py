"""Athena that answers as Athena does: Trino SQL over the registered partitions of the emulated Glue catalog.

``tables`` is what the catalog declares. ``sql`` reads a query, resolves it against the catalog and translates it to
DuckDB's. ``engine`` turns each table reference into a view over local copies of its objects, runs the query in a DuckDB
that can reach nothing else, and gives names, types and texts as Athena does. ``statements`` answers what is no query,
``query`` takes one from its text to its result. Only ``service`` knows the emulator.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any


def install(cache_directory: Path) -> None:
    """Put the local Athena in the place of MiniStack's; call before the emulator serves.

    Parameters
    ----------
    cache_directory
        Where local copies of objects are kept; made with mode 0700 where it is missing.
    """
    from ministack.services import athena  # noqa: PLC0415 - only the emulator's process imports MiniStack

    from local_cloud.athena.service.operations import AthenaService  # noqa: PLC0415

    service = AthenaService(cache_directory)
    athena.handle_request = service.with_caller(athena.handle_request)
    athena._start_query_execution = service.start_query_execution
    athena._get_query_execution = service.get_query_execution
    athena._stop_query_execution = service.stop_query_execution
    athena._get_query_results = service.get_query_results
    athena._ensure_default_workgroup = _with_settings(athena._ensure_default_workgroup, athena._workgroups)


def _with_settings(ensure: Callable[[], None], work_groups: Any) -> Callable[[], None]:
    """Give the primary work group the settings that AWS always tells of one, and that readers look up."""

    def ensure_with_settings() -> None:
        ensure()
        configuration = work_groups["primary"]["Configuration"]
        for name in ("EnforceWorkGroupConfiguration", "PublishCloudWatchMetricsEnabled", "RequesterPaysEnabled"):
            configuration.setdefault(name, False)

    return ensure_with_settings

"""Athena that answers as Athena does: Trino SQL over the registered partitions of the emulated Glue catalog.

``translate`` reads the query and resolves it against the catalog, ``relations`` turns each table reference into a view
over local copies of its objects, ``engine`` runs it in a DuckDB that can reach nothing else, ``results`` gives names,
types and texts as Athena does. Only ``emulated``, ``access`` and ``service`` know the emulator.
"""

from __future__ import annotations

from pathlib import Path


def install(cache_directory: Path) -> None:
    """Put the local Athena in the place of MiniStack's; call before the emulator serves.

    Parameters
    ----------
    cache_directory
        Where local copies of objects are kept; made with mode 0700 where it is missing.
    """
    from ministack.services import athena  # noqa: PLC0415 - only the emulator's process imports MiniStack

    from local_cloud.athena.service import AthenaService  # noqa: PLC0415

    service = AthenaService(cache_directory)
    athena.handle_request = service.with_caller(athena.handle_request)
    athena._start_query_execution = service.start_query_execution
    athena._get_query_execution = service.get_query_execution
    athena._stop_query_execution = service.stop_query_execution
    athena._get_query_results = service.get_query_results

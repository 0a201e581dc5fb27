"""One query from its text to its result, with what it cost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from local_cloud.athena.engine.connection import connect, create_view, run
from local_cloud.athena.engine.object_cache import LakeObject, ObjectCache, ObjectStore
from local_cloud.athena.engine.parquet import ParquetFile, open_files
from local_cloud.athena.engine.relations import Split, splits_of, view_sql
from local_cloud.athena.engine.results import Result, ResultColumn, result_from_arrow
from local_cloud.athena.errors import TOO_DEEP, ErrorName, QueryError, ScanLimitExceededError
from local_cloud.athena.sql.translate import Scan, translate
from local_cloud.athena.statements import Request, answer_statement, executed, explained
from local_cloud.athena.tables.catalog import Catalog


@dataclass
class Cancellation:
    """Lets another thread stop a query, before it runs or while it does."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _connection: duckdb.DuckDBPyConnection | None = None
    requested: bool = False

    def cancel(self) -> None:
        """Stop the query as soon as may be."""
        with self._lock:
            self.requested = True
            if self._connection is not None:
                self._connection.interrupt()

    def watch(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Say which connection runs the query.

        Raises
        ------
        QueryError
            When the query has been cancelled already.
        """
        with self._lock:
            if self.requested:
                raise QueryError(ErrorName.USER_CANCELED, "Query was cancelled by user")
            self._connection = connection

    def release(self) -> None:
        """Say that the connection is about to close."""
        with self._lock:
            self._connection = None


@dataclass(frozen=True)
class Answer:
    """A result, the bytes it took, and how long planning and running were, in milliseconds."""

    result: Result
    utility: bool
    scanned_bytes: int = 0
    planning_millis: int = 0
    engine_millis: int = 0


def answer(
    request: Request, catalog: Catalog, store: ObjectStore, cache: ObjectCache, cancellation: Cancellation | None = None
) -> Answer:
    """Answer one statement.

    Raises
    ------
    QueryError
        With Athena's name for what is wrong; :class:`ScanLimitExceededError` before anything is run.
    """
    try:
        return _answer(request, catalog, store, cache, cancellation)
    except RecursionError as error:
        raise QueryError(ErrorName.STACK_OVERFLOW, TOO_DEEP) from error


def _answer(
    request: Request, catalog: Catalog, store: ObjectStore, cache: ObjectCache, cancellation: Cancellation | None
) -> Answer:
    clock = _Clock()
    request = executed(request)
    told = answer_statement(request, catalog)
    if told is not None:
        return Answer(told, utility=True, engine_millis=clock.millis())
    explain, sql = explained(request.sql)
    translation = translate(sql, request.database, catalog, request.parameters)
    if explain == "VALIDATE":
        return Answer(Result((ResultColumn("Valid", "boolean"),), (("true",),)), utility=True)
    splits = {scan.view: splits_of(scan, store) for scan in translation.scans}
    sources = {split.source for group in splits.values() for split in group}
    with ExitStack() as stack:
        paths = stack.enter_context(cache.files(store, sorted(sources, key=lambda source: source.url)))
        opened = open_files(paths)
        scanned = _scanned_bytes(translation.scans, splits, opened)
        if request.scan_limit is not None and scanned > request.scan_limit:
            raise ScanLimitExceededError(scanned, request.scan_limit)
        planning = clock.millis()
        connection = connect(list(paths.values()))
        stack.callback(connection.close)
        if cancellation is not None:
            cancellation.watch(connection)
            stack.callback(cancellation.release)
        for scan in translation.scans:
            create_view(connection, view_sql(scan, [(split, opened[split.source]) for split in splits[scan.view]]))
        if explain:
            plan = _without_paths(run(connection, f"{explain} {translation.sql}").column(1)[0].as_py(), paths)
            result = Result((ResultColumn("Query Plan", "varchar"),), tuple((line,) for line in plan.splitlines()))
            scanned = scanned if "ANALYZE" in explain else 0
        else:
            result = result_from_arrow(run(connection, translation.sql), translation.names)
    return Answer(
        result, utility=bool(explain), scanned_bytes=scanned, planning_millis=planning, engine_millis=clock.millis()
    )


def _without_paths(plan: str, paths: Mapping[LakeObject, Path]) -> str:
    for source, path in paths.items():
        plan = plan.replace(str(path), source.url)
    return plan


def _scanned_bytes(
    scans: tuple[Scan, ...], splits: dict[str, list[Split]], opened: dict[LakeObject, ParquetFile]
) -> int:
    return sum(opened[split.source].scanned_bytes(scan.usage.columns) for scan in scans for split in splits[scan.view])


class _Clock:
    """Milliseconds since it was made."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._start = now()

    def millis(self) -> int:
        return int((self._now() - self._start) * 1000)

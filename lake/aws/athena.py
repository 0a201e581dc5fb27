"""Queries through Amazon Athena."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lake.aws.connection import Connection, error_message
from lake.errors import NotDeployedError, QueryFailedError

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

_WORKING = {"QUEUED", "RUNNING"}
_SUCCEEDED = "SUCCEEDED"
_INTEGERS = {"tinyint", "smallint", "integer", "int", "bigint"}
_FLOATS = {"float", "real", "double"}
_REMEDIES = {
    "SCHEMA_NOT_FOUND": "see which databases and tables there are with: lake tables",
    "TABLE_NOT_FOUND": "see which tables there are with: lake tables",
    "COLUMN_NOT_FOUND": 'see the columns of a table with: lake query "DESCRIBE TABLE_NAME"',
}


@dataclass(frozen=True)
class Column:
    """Name and Athena type of a result column."""

    name: str
    type: str


@dataclass(frozen=True)
class QueryStatistics:
    """Statistics of a finished query: bytes read, and seconds from submission to end."""

    query_id: str
    bytes_scanned: int
    seconds: float


def start(connection: Connection, sql: str, database: str, workgroup: str) -> str:
    """Submit a query and return its id.

    Raises
    ------
    NotDeployedError
        The workgroup does not exist.
    QueryFailedError
        Athena rejected the query before running it.
    """
    client = connection.athena
    try:
        answer = client.start_query_execution(
            QueryString=sql, WorkGroup=workgroup, QueryExecutionContext={"Database": database}
        )
    except client.exceptions.InvalidRequestException as error:
        reason = error_message(error)
        if "workgroup" in reason.lower():
            what = f"there is no Athena workgroup {workgroup!r} at {connection.target.description}"
            raise NotDeployedError(what, "deploy it with: lake deploy") from error
        raise QueryFailedError(reason, _remedy(reason)) from error
    return answer["QueryExecutionId"]


def wait(connection: Connection, query_id: str, sleep: Callable[[float], None] = time.sleep) -> QueryStatistics:
    """Wait until a query ends.

    Raises
    ------
    QueryFailedError
        The query failed or was cancelled. The message is Athena's reason.
    """
    pause = 0.05
    while True:
        execution = connection.athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
        state = execution.get("Status", {}).get("State", "")
        if state not in _WORKING:
            break
        sleep(pause)
        pause = min(pause * 1.6, 2.0)
    if state != _SUCCEEDED:
        reason = execution.get("Status", {}).get("StateChangeReason") or f"the query ended as {state}"
        raise QueryFailedError(reason, _remedy(reason))
    return _statistics(query_id, execution)


def _remedy(reason: str) -> str:
    return next((remedy for name, remedy in _REMEDIES.items() if name in reason), "")


def _statistics(query_id: str, execution: QueryExecutionTypeDef) -> QueryStatistics:
    statistics = execution.get("Statistics", {})
    milliseconds = statistics.get("TotalExecutionTimeInMillis") or statistics.get("EngineExecutionTimeInMillis") or 0
    return QueryStatistics(query_id, statistics.get("DataScannedInBytes", 0), milliseconds / 1000)


def stop(connection: Connection, query_id: str) -> None:
    """Cancel a query."""
    connection.athena.stop_query_execution(QueryExecutionId=query_id)


def results(connection: Connection, query_id: str) -> tuple[list[Column], Iterator[list[str | None]]]:
    """Return the columns of a finished query, and an iterator over its rows. A null is ``None``."""
    pages = iter(connection.athena.get_paginator("get_query_results").paginate(QueryExecutionId=query_id))
    first = next(pages)
    info = first["ResultSet"].get("ResultSetMetadata", {}).get("ColumnInfo", [])
    columns = [Column(column["Name"], column["Type"]) for column in info]
    return columns, _rows(first, pages, columns)


def _rows(first: Any, rest: Iterator[Any], columns: list[Column]) -> Iterator[list[str | None]]:  # noqa: ANN401 - a page
    rows = _page_rows(first)
    header: list[str | None] = [column.name for column in columns]
    # The first row of a SELECT repeats the column names. The result of SHOW or DESCRIBE has no such row.
    yield from rows[1:] if rows and rows[0] == header else rows
    for page in rest:
        yield from _page_rows(page)


def _page_rows(page: Any) -> list[list[str | None]]:  # noqa: ANN401 - a page of get_query_results
    return [[datum.get("VarCharValue") for datum in row.get("Data", [])] for row in page["ResultSet"]["Rows"]]


def is_number(athena_type: str) -> bool:
    """Return whether values of a type are numbers."""
    return athena_type in _INTEGERS | _FLOATS or athena_type.startswith("decimal")


def typed(value: str | None, athena_type: str) -> str | int | float | bool | None:
    """Convert a value for JSON: numbers and booleans keep their type, all others are text."""
    if value is None:
        return None
    if athena_type in _INTEGERS:
        return int(value)
    if athena_type in _FLOATS:
        number = float(value)
        return number if math.isfinite(number) else value  # JSON has no NaN and no infinity
    if athena_type == "boolean":
        return value == "true"
    return value

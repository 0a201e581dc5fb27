"""Athena's query operations in the emulator: start, stop, and the pages of a result."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from ministack.core.responses import json_response
from ministack.core.router import extract_access_key_id
from ministack.services import athena

from local_cloud.athena.engine.object_cache import ObjectCache
from local_cloud.athena.engine.results import to_csv, to_text
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.query import Answer, Cancellation, answer
from local_cloud.athena.service import access, executions, saved
from local_cloud.athena.service.emulated import EmulatedCatalog, EmulatedStore, write_object
from local_cloud.athena.service.executions import InvalidRequestError, Settings
from local_cloud.athena.service.saved import PreparedStatements, invalid
from local_cloud.athena.statements import Request

_LOG = logging.getLogger("athena")
_MAX_PAGE = 1000
_LONGEST_QUERY = 262_144
_Response = tuple[int, dict[str, str], bytes]
_Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[_Response]]


class AthenaService:
    """The operations that take the place of MiniStack's; one for the process.

    Parameters
    ----------
    cache_directory
        Private directory of the local copies of objects.
    """

    def __init__(self, cache_directory: Path) -> None:
        self._cache = ObjectCache(cache_directory)
        self._catalog = EmulatedCatalog()
        self._store = EmulatedStore()
        self._further = saved.install()
        self._running: dict[str, Cancellation] = {}
        self._tokens: dict[tuple[str, str], str] = {}
        # The loop keeps no strong reference to its tasks.
        self._tasks: set[asyncio.Task[None]] = set()

    def with_caller(self, handler: _Handler) -> _Handler:
        """Wrap the request handler, so that each query knows which key signed its request."""

        async def handle(
            method: str, path: str, headers: dict[str, str], body: bytes, query_params: dict[str, Any]
        ) -> _Response:
            access.CALLER_KEY.set(extract_access_key_id(headers, query_params))
            further = self._further.get(headers.get("x-amz-target", "").rpartition(".")[2])
            if further is not None:
                return further(json.loads(body))
            return await handler(method, path, headers, body, query_params)

        return handle

    def start_query_execution(self, data: dict[str, Any]) -> _Response:
        """StartQueryExecution: take the query and answer at once; it runs in a thread of its own."""
        if not str(data.get("QueryString") or "").strip():
            return invalid("QueryString must not be empty")
        if len(str(data["QueryString"]).encode("utf-8", "replace")) > _LONGEST_QUERY:
            return invalid(f"Your query has exceeded the maximum query length of {_LONGEST_QUERY} bytes")
        token = (access.CALLER_KEY.get(), str(data.get("ClientRequestToken") or ""))
        known = self._tokens.get(token) if token[1] else None
        if known in athena._executions:
            return _ok({"QueryExecutionId": known})
        try:
            chosen = executions.settings(data, athena._workgroups)
        except InvalidRequestError as error:
            return invalid(str(error))
        execution = executions.new_execution(data, chosen)
        query_id = execution["QueryExecutionId"]
        athena._executions[query_id] = execution
        self._tokens[token] = query_id
        self._running[query_id] = Cancellation()
        parameters = tuple(str(item) for item in data.get("ExecutionParameters") or ())
        task = asyncio.create_task(self._run(execution, chosen, parameters))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return _ok({"QueryExecutionId": query_id})

    async def _run(self, execution: dict[str, Any], chosen: Settings, parameters: tuple[str, ...]) -> None:
        cancellation = self._running[execution["QueryExecutionId"]]
        database, prepared = execution["QueryExecutionContext"]["Database"], PreparedStatements(chosen.work_group)
        request = Request(execution["Query"], database, parameters, chosen.scan_limit, prepared)
        executions.start(execution)
        try:
            found = await asyncio.to_thread(answer, request, self._catalog, self._store, self._cache, cancellation)
            if not cancellation.requested:
                content, described = await asyncio.to_thread(_files, found)
                _write_result(execution, chosen, content, described)
                if not cancellation.requested:
                    executions.succeed(execution, found)
        except QueryError as error:
            executions.fail(execution, error)
        except Exception as error:  # noqa: BLE001 - a defect here must end the query, not leave it running for ever
            _LOG.exception("query %s failed in the local Athena", execution["QueryExecutionId"])
            executions.fail(execution, QueryError(ErrorName.GENERIC_INTERNAL_ERROR, f"{type(error).__name__}: {error}"))
        finally:
            del self._running[execution["QueryExecutionId"]]

    def get_query_execution(self, data: dict[str, Any]) -> _Response:
        """GetQueryExecution: a query that an earlier process left running has failed."""
        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return _not_found(data)
        ended = execution["Status"]["State"] not in {"QUEUED", "RUNNING"}
        if not ended and execution["QueryExecutionId"] not in self._running:
            message = "the local cloud was stopped while the query ran; run it again"
            executions.fail(execution, QueryError(ErrorName.GENERIC_INTERNAL_ERROR, message))
        shown = {name: value for name, value in execution.items() if not name.startswith("_")}
        return _ok({"QueryExecution": shown})

    def stop_query_execution(self, data: dict[str, Any]) -> _Response:
        """StopQueryExecution: interrupt a query that has not ended; one that has is left as it is."""
        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return _not_found(data)
        cancellation = self._running.get(execution["QueryExecutionId"])
        if cancellation is not None and execution["Status"]["State"] in {"QUEUED", "RUNNING"}:
            executions.cancel(execution, "Query was cancelled by user")
            cancellation.cancel()
        return _ok({})

    def get_query_results(self, data: dict[str, Any]) -> _Response:
        """GetQueryResults: one page; as on AWS, the caller must be able to read the result in S3."""
        execution = athena._executions.get(data.get("QueryExecutionId"))
        if execution is None:
            return _not_found(data)
        state = execution["Status"]["State"]
        if state != "SUCCEEDED":
            reason = execution["Status"].get("StateChangeReason")
            ended = f"Query did not finish successfully. Final query state: {state}. {reason or ''}".rstrip(" .")
            return invalid(
                ended if state in {"FAILED", "CANCELLED"} else f"Query has not yet finished. Current state: {state}"
            )
        bucket, key = executions.result_place(execution)
        refused = access.denial("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}")
        if refused:
            return invalid(refused.message, "AccessDeniedException")
        start, size = str(data.get("NextToken") or "0"), int(data.get("MaxResults") or _MAX_PAGE)
        if not start.isdecimal() or not 1 <= size <= _MAX_PAGE:
            return invalid("Invalid NextToken or MaxResults")
        return _ok(_page(execution, int(start), size))


def _files(found: Answer) -> tuple[bytes, bytes]:
    result = found.result
    described = "".join(f"{column.name}\t{column.type}\n" for column in result.columns).encode()
    return (to_text(result) if found.utility else to_csv(result)), described


def _write_result(execution: dict[str, Any], chosen: Settings, content: bytes, described: bytes) -> None:
    bucket, key = executions.result_place(execution)
    headers = chosen.encryption_headers()
    write_object(bucket, key, content, "application/octet-stream", headers)
    write_object(bucket, f"{key}.metadata", described, "application/octet-stream", headers)


def _page(execution: dict[str, Any], start: int, size: int) -> dict[str, Any]:
    results = execution.get("_results") or {"columns": [], "rows": []}
    # The first row of a SELECT's first page is its header; it counts toward the page.
    header = [results["columns"]] if execution["StatementType"] == "DML" else []
    rows = [*header, *results["rows"]]
    page = [
        {"Data": [{} if value is None else {"VarCharValue": value} for value in row]}
        for row in rows[start : start + size]
    ]
    metadata = {"ColumnInfo": execution.get("_column_info") or []}
    response: dict[str, Any] = {"UpdateCount": 0, "ResultSet": {"Rows": page, "ResultSetMetadata": metadata}}
    if start + size < len(rows):
        response["NextToken"] = str(start + size)
    return response


def _ok(document: dict[str, Any]) -> _Response:
    response: _Response = json_response(document)
    return response


def _not_found(data: dict[str, Any]) -> _Response:
    return invalid(f"QueryExecution {data.get('QueryExecutionId')} was not found")

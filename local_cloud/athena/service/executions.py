"""Query executions: the records that ``GetQueryExecution`` shows, and the settings of their work group."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlparse

from local_cloud.athena.errors import QueryError, ScanLimitExceededError
from local_cloud.athena.query import Answer
from local_cloud.athena.statements import kind_of

ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
_USER_ERROR = 2
_SYSTEM_ERRORS = frozenset({"GENERIC_INTERNAL_ERROR", "EXCEEDED_LOCAL_MEMORY_LIMIT"})


class InvalidRequestError(Exception):
    """A request that Athena answers with ``InvalidRequestException``."""


@dataclass(frozen=True)
class Settings:
    """Where a query's result goes and how much it may scan, after the work group has had its say."""

    work_group: str
    result: dict[str, Any]
    scan_limit: int | None

    def encryption_headers(self) -> dict[str, str]:
        """S3 headers for the encryption that the result configuration asks for."""
        encryption = self.result.get("EncryptionConfiguration") or {}
        option = encryption.get("EncryptionOption")
        if option == "SSE_S3":
            return {"x-amz-server-side-encryption": "AES256"}
        if option != "SSE_KMS":
            return {}
        headers = {"x-amz-server-side-encryption": "aws:kms"}
        if encryption.get("KmsKey"):
            headers["x-amz-server-side-encryption-aws-kms-key-id"] = str(encryption["KmsKey"])
        return headers


def settings(request: Mapping[str, Any], work_groups: Any) -> Settings:
    """Combine a request with its work group; an enforced configuration overrides the request's.

    Raises
    ------
    InvalidRequestError
        For an unknown or disabled work group, or when nothing says where results go.
    """
    name = str(request.get("WorkGroup") or "primary")
    group = work_groups.get(name)
    if group is None:
        message = f"WorkGroup {name} is not found."
        raise InvalidRequestError(message)
    if group.get("State") == "DISABLED":
        message = f"WorkGroup {name} is disabled."
        raise InvalidRequestError(message)
    configuration = group.get("Configuration") or {}
    ours = configuration.get("ResultConfiguration") or {}
    asked = request.get("ResultConfiguration") or {}
    # A work group enforces its settings unless it says otherwise.
    enforced = str(configuration.get("EnforceWorkGroupConfiguration", name != "primary")).lower() == "true"
    result = dict(ours) if enforced and ours.get("OutputLocation") else {**ours, **asked}
    if not str(result.get("OutputLocation") or "").startswith("s3://"):
        message = (
            "No output location provided. An output location is required either through the Workgroup result "
            "configuration setting or as an API input."
        )
        raise InvalidRequestError(message)
    limit = configuration.get("BytesScannedCutoffPerQuery")
    return Settings(name, result, int(limit) if limit else None)


def new_execution(request: Mapping[str, Any], chosen: Settings) -> dict[str, Any]:
    """Return the record of a query that has just been submitted."""
    query_id = str(uuid.uuid4())
    context = request.get("QueryExecutionContext") or {}
    base = str(chosen.result["OutputLocation"]).rstrip("/")
    statement, kind = kind_of(str(request.get("QueryString") or ""))
    location = f"{base}/{query_id}.{'csv' if statement == 'DML' else 'txt'}"
    return {
        "QueryExecutionId": query_id,
        "Query": str(request.get("QueryString") or ""),
        "StatementType": statement,
        "SubstatementType": kind,
        "ResultConfiguration": {**chosen.result, "OutputLocation": location},
        "QueryExecutionContext": {
            "Database": str(context.get("Database") or "default"),
            "Catalog": str(context.get("Catalog") or "AwsDataCatalog").lower(),
        },
        "Status": {"State": "QUEUED", "SubmissionDateTime": time.time()},
        "Statistics": {"EngineExecutionTimeInMillis": 0, "DataScannedInBytes": 0, "TotalExecutionTimeInMillis": 0},
        "WorkGroup": chosen.work_group,
        "EngineVersion": dict(ENGINE),
        "_results": None,
        "_column_info": [],
    }


def result_place(execution: Mapping[str, Any]) -> tuple[str, str]:
    """Bucket and key of an execution's result."""
    parsed = urlparse(execution["ResultConfiguration"]["OutputLocation"])
    return parsed.netloc, parsed.path.lstrip("/")


def start(execution: dict[str, Any]) -> None:
    """Note that a query runs."""
    execution["Status"]["State"] = "RUNNING"
    waited = int((time.time() - execution["Status"]["SubmissionDateTime"]) * 1000)
    execution["Statistics"]["QueryQueueTimeInMillis"] = waited


def succeed(execution: dict[str, Any], answer: Answer) -> None:
    """Keep an answer, unless the query was cancelled meanwhile."""
    execution["_results"] = {
        "columns": [column.name for column in answer.result.columns],
        "rows": [list(row) for row in answer.result.rows],
    }
    execution["_column_info"] = [column.metadata() for column in answer.result.columns]
    execution["Statistics"].update(
        EngineExecutionTimeInMillis=answer.engine_millis,
        QueryPlanningTimeInMillis=answer.planning_millis,
        DataScannedInBytes=answer.scanned_bytes,
    )
    _finish(execution, "SUCCEEDED")


def fail(execution: dict[str, Any], error: QueryError) -> None:
    """Note why a query failed, or that it was cancelled."""
    if execution["Status"]["State"] == "CANCELLED":
        return
    if isinstance(error, ScanLimitExceededError):
        cancel(execution, error.message)
        return
    reason = str(error)
    category = 1 if error.name in _SYSTEM_ERRORS else _USER_ERROR
    execution["Status"]["StateChangeReason"] = reason
    execution["Status"]["AthenaError"] = {
        "ErrorCategory": category,
        "ErrorType": 0,
        "Retryable": False,
        "ErrorMessage": reason,
    }
    _finish(execution, "FAILED")


def cancel(execution: dict[str, Any], reason: str) -> None:
    """Note that a query was cancelled."""
    execution["Status"]["StateChangeReason"] = reason
    _finish(execution, "CANCELLED")


def _finish(execution: dict[str, Any], state: str) -> None:
    now = time.time()
    execution["Status"]["State"] = state
    execution["Status"]["CompletionDateTime"] = now
    total = int((now - execution["Status"]["SubmissionDateTime"]) * 1000)
    spent = execution["Statistics"]
    spent["TotalExecutionTimeInMillis"] = total
    spent["ServiceProcessingTimeInMillis"] = max(
        total - spent["EngineExecutionTimeInMillis"] - spent.get("QueryQueueTimeInMillis", 0), 0
    )

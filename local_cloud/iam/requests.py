"""Authorize requests on the same resource ARNs as AWS, where MiniStack uses others.

MiniStack checks ``glue:StartCrawler`` on ``table/<name>`` and ``glue:GetTable`` on the database only. So it refuses
policies that are correct on AWS, and accepts policies that are too narrow on AWS. AWS checks a crawler on its own ARN,
and a catalog call on the resource and each of its ancestors. ``aws:SecureTransport`` is true for every request: on AWS
requests use TLS, and here they do not leave the machine.
"""

from __future__ import annotations

import json
from typing import Any

from local_cloud import seams

_LOG_STREAM_CALLS = ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "GetLogEvents")


def install() -> None:
    """Replace the resource ARNs of calls of Athena, Glue and Logs, and set ``aws:SecureTransport`` for every call."""
    pin_request_origin = seams.PIN_REQUEST_ORIGIN.value
    original_resource, original_enforce = seams.EXTRACT_RESOURCE_ARN.value, seams.ENFORCE.value

    def extract_resource_arn(service: str, *request: Any) -> str:
        _method, _path, headers, body, _query, region, account = request
        action = headers.get("x-amz-target", "").rsplit(".", 1)[-1]
        resource = _resource(service, action, body)
        if resource is not None:
            return f"arn:aws:{service}:{region}:{account}:{resource}"
        return str(original_resource(service, *request))

    def enforce(access_key: str, iam_action: str, service: str, *request: Any, **named: Any) -> object:
        resource_arn = named.pop("resource_arn", "*")
        for arn in with_ancestors(resource_arn) if service == "glue" else [resource_arn]:
            denied = original_enforce(access_key, iam_action, service, *request, resource_arn=arn, **named)
            if denied:
                return denied
        return None

    seams.PIN_REQUEST_ORIGIN.replace(lambda source_ip, _secure: pin_request_origin(source_ip, True))
    seams.EXTRACT_RESOURCE_ARN.replace(extract_resource_arn)
    seams.ENFORCE.replace(enforce)


def with_ancestors(resource_arn: str) -> list[str]:
    """Return the ARNs that AWS checks for a catalog resource: the catalog, the database and the table.

    Source: AWS Glue, "Specifying AWS Glue resource ARNs": a call needs permission on the resource and its ancestors.
    """
    prefix, _, resource = resource_arn.rpartition(":")
    kind, _, name = resource.partition("/")
    if kind == "database":
        return [f"{prefix}:catalog", resource_arn]
    if kind == "table" and "/" in name:
        return [f"{prefix}:catalog", f"{prefix}:database/{name.split('/')[0]}", resource_arn]
    return [resource_arn]


def glue_resource(action: str, request: dict[str, Any]) -> str | None:
    """Return the resource part of the ARN on which AWS authorizes a Glue call, ``None`` if MiniStack's is correct."""
    if action.endswith("Crawler"):
        return f"crawler/{request.get('Name', '')}"
    if action.endswith(("Database", "Databases")):
        name = request.get("Name") or request.get("DatabaseInput", {}).get("Name")
        return f"database/{name}" if name else "catalog"
    if request.get("DatabaseName"):
        table = request.get("TableName") or request.get("TableInput", {}).get("Name") or request.get("Name") or "*"
        return f"table/{request['DatabaseName']}/{table}"
    if action in {"CreateJob", "CreateTrigger", "CreateWorkflow"}:
        return f"{action.removeprefix('Create').lower()}/{request.get('Name', '')}"
    return None


def athena_resource(request: dict[str, Any]) -> str | None:
    """Return the work group on which AWS authorizes a call of Athena; a query's own, if the call names a query."""
    query = request.get("QueryExecutionId") or next(iter(request.get("QueryExecutionIds") or ()), None)
    group = request.get("WorkGroup") or (seams.ATHENA_QUERIES.value.get(query) or {}).get("WorkGroup")
    return f"workgroup/{group}" if group else None


def logs_resource(action: str, request: dict[str, Any]) -> str | None:
    """Return the log stream on which AWS authorizes a write to a log group, as its error messages name it."""
    if action not in _LOG_STREAM_CALLS:
        return None
    return f"log-group:{request.get('logGroupName', '')}:log-stream:{request.get('logStreamName', '')}"


def _resource(service: str, action: str, body: bytes) -> str | None:
    if service not in {"athena", "glue", "logs"}:
        return None
    try:
        request = json.loads(body or b"{}")
    except ValueError:
        return None
    if not isinstance(request, dict):
        return None
    if service == "athena":
        return athena_resource(request)
    return glue_resource(action, request) if service == "glue" else logs_resource(action, request)

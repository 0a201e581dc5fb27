"""Check further permissions that an allowed call needs on AWS, and that MiniStack does not check.

To read or write encrypted data, the caller also needs permission to use the key. For a missing object, S3 answers
404 only to a caller that may list the bucket, and 403 to others.

Sources: Amazon S3 API Reference, "Permissions" of each operation; Amazon SNS Developer Guide, "Key management"; Amazon
SQS Developer Guide, "Configuring KMS permissions".
"""

from __future__ import annotations

import contextvars
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud import seams

DECRYPT, GENERATE, LIST = "kms:Decrypt", "kms:GenerateDataKey", "s3:ListBucket"
_ALGORITHM = "x-amz-server-side-encryption"
_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_CHECKSUM_MODE = "x-amz-checksum-mode"
_SERVICES = ("s3", "sns", "sqs")


@dataclass(frozen=True)
class Request:
    """The parts of a request that determine which further permissions it needs.

    Parameters
    ----------
    method
        HTTP method.
    headers
        Names in lower case.
    query
        Query parameters.
    """

    method: str
    headers: Mapping[str, str]
    query: Mapping[str, Any]


_request: contextvars.ContextVar[Request] = contextvars.ContextVar("request")
_refused: contextvars.ContextVar[tuple[str, str] | None] = contextvars.ContextVar("refused", default=None)


def install() -> None:
    """Refuse an allowed call that lacks a further permission, with AWS's error message."""
    name_resource, enforce, refuse = (
        seam.value for seam in (seams.EXTRACT_RESOURCE_ARN, seams.ENFORCE, seams.ACCESS_DENIED_RESPONSE)
    )

    def extract_resource_arn(service: str, *request: Any) -> str:
        method, _path, headers, _body, query, *_ = request
        _request.set(Request(method, headers, query))
        return str(name_resource(service, *request))

    def enforce_all(access_key: str, iam_action: str, service: str, region: str, **named: Any) -> object:
        denied: object = enforce(access_key, iam_action, service, region, **named)
        if denied or service not in _SERVICES:
            return denied
        for action, resource in implied(iam_action, named["resource_arn"], _request.get()):
            denied = enforce(access_key, action, action.split(":")[0], region, resource_arn=resource)
            if denied:
                _refused.set((action, resource))
                return denied
        return None

    def access_denied_response(service: str, action: str, principal: str, *more: Any, **named: Any) -> object:
        if refused := _refused.get():
            named["message"] = _told(principal, *refused)
        return refuse(service, action, principal, *more, **named)

    seams.EXTRACT_RESOURCE_ARN.replace(extract_resource_arn)
    seams.ENFORCE.replace(enforce_all)
    seams.ACCESS_DENIED_RESPONSE.replace(access_denied_response)


def _told(principal: str, action: str, resource: str) -> str:
    reason = f"because no identity-based policy allows the {action} action"
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {reason}"


def implied(iam_action: str, resource_arn: str, request: Request) -> list[tuple[str, str]]:
    """Return the further actions that a call needs, each with the ARN of its resource."""
    key, actions = "", tuple[str, ...]()
    match iam_action:
        case "s3:GetObject":
            bucket, name = _address(resource_arn)
            found = seams.BUCKETS.value.get(bucket, {}).get("objects", {}).get(name)
            if found is None:
                return [(LIST, f"arn:aws:s3:::{bucket}")]
            key, actions = _kms_key(seams.OBJECT_ENCRYPTION.value(found)), _reading(request)
        case "s3:PutObject":
            key, actions = _bucket_key(_address(resource_arn)[0], request), _writing(request)
        case "sns:Publish":
            key, actions = _topic_key(resource_arn), (GENERATE, DECRYPT)
        case "sqs:SendMessage":
            key, actions = _queue_key(resource_arn), (GENERATE, DECRYPT)
        case "sqs:ReceiveMessage":
            key, actions = _queue_key(resource_arn), (DECRYPT,)
    # AWS managed keys have no ARN here, and every caller may use them.
    return [(action, key) for action in actions] if key.startswith("arn:") else []


def _address(resource_arn: str) -> tuple[str, str]:
    bucket, _, key = resource_arn.removeprefix("arn:aws:s3:::").partition("/")
    return bucket, key


def _reading(request: Request) -> tuple[str, ...]:
    # An object's metadata is not encrypted, but its checksum is.
    return () if request.method == "HEAD" and _CHECKSUM_MODE not in request.headers else (DECRYPT,)


def _writing(request: Request) -> tuple[str, ...]:
    # The parts of an upload are encrypted with the data key that CreateMultipartUpload generated.
    return (GENERATE, DECRYPT) if "uploadId" in request.query else (GENERATE,)


def _bucket_key(bucket: str, request: Request) -> str:
    return _kms_key(request.headers if _ALGORITHM in request.headers else seams.BUCKET_ENCRYPTION.value(bucket))


def _kms_key(headers: Mapping[str, str]) -> str:
    return headers.get(_KEY, "") if headers.get(_ALGORITHM) == "aws:kms" else ""


def _topic_key(resource_arn: str) -> str:
    topic = seams.TOPIC_BY_ARN.value(resource_arn)
    return str(topic["attributes"].get("KmsMasterKeyId") or "") if topic else ""


def _queue_key(resource_arn: str) -> str:
    queue = seams.QUEUE_BY_ARN.value(resource_arn)
    return str(queue["attributes"].get("KmsMasterKeyId") or "") if queue else ""

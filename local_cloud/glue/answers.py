"""Responses of the emulated Glue API, and the account and region of a request."""

from __future__ import annotations

from typing import Any

from local_cloud import seams

Response = tuple[int, dict[str, str], bytes]
HTTP_OK = 200


def answer(document: dict[str, Any]) -> Response:
    """Return a successful response."""
    response: Response = seams.JSON_RESPONSE.value(document)
    return response


def refusal(code: str, message: str) -> Response:
    """Return an error response."""
    response: Response = seams.ERROR_RESPONSE.value(code, message, 400)
    return response


def account() -> str:
    """Return the account of the request."""
    return str(seams.ACCOUNT_ID.value())


def region() -> str:
    """Return the region of the request."""
    return str(seams.CURRENT_REGION.value())


def glue_arn(resource: str) -> str:
    """Return the ARN of a Glue resource such as ``job/name``."""
    return f"arn:aws:glue:{region()}:{account()}:{resource}"

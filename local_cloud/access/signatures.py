"""Check that a request is signed, with Signature Version 4, by a key of the account.

MiniStack checks only the signatures of IAM users and sessions, and only for calls that it authorizes through IAM. This
module checks every request before MiniStack sees it. It uses MiniStack's canonical form and error codes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from local_cloud import seams
from local_cloud.access.sent_request import SentRequest

_ALGORITHM = "AWS4-HMAC-SHA256"
_CREDENTIAL = r"\w{1,128}/\d{8}/[a-z0-9-]+/[a-z0-9-]+/aws4_request"
_SIGNED_HEADERS, _SIGNATURE = r"[a-z0-9_.-]+(;[a-z0-9_.-]+)*", r"[0-9a-f]{64}"
_HEADER_PARTS = {"Credential": _CREDENTIAL, "SignedHeaders": _SIGNED_HEADERS, "Signature": _SIGNATURE}
_QUERY_PARTS = {
    "X-Amz-Algorithm": _ALGORITHM,
    "X-Amz-Credential": _CREDENTIAL,
    "X-Amz-Date": r"\d{8}T\d{6}Z",
    "X-Amz-Expires": r"\d{1,6}",
    "X-Amz-SignedHeaders": _SIGNED_HEADERS,
    "X-Amz-Signature": _SIGNATURE,
}
_QUERY_TOKEN = "X-Amz-Security-Token"  # noqa: S105 - a parameter's name
_QUERY_NAMES = {name.lower() for name in (*_QUERY_PARTS, _QUERY_TOKEN, "AWSAccessKeyId")}
_LONGEST_EXPIRY_SECONDS = 7 * 24 * 3600
_CLOCK_SKEW = timedelta(minutes=15)
_UNHASHED_BODIES = {
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
}
"""Values that S3 clients sign in place of the body's hash. Signed chunks are verified one by one."""

_MISSING, _UNSUPPORTED, _INCOMPLETE = "MissingAuthenticationToken", "UnsupportedSignature", "IncompleteSignature"
_MISMATCH, _SKEWED, _EXPIRED = "SignatureDoesNotMatch", "RequestTimeTooSkewed", "RequestExpired"

FindSecret = Callable[[str, str], str]
"""Returns the secret of an access key ID and session token; raises :class:`NotAuthenticError` if there is none."""


class NotAuthenticError(Exception):
    """The request is not signed by a key of the account.

    Parameters
    ----------
    code
        MiniStack's error code, before it is translated to the code of the service.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Claim:
    """The signature that a request carries, and the secret that must have produced it."""

    request: SentRequest
    parts: Any
    presigned: bool
    secret: str


def read_claim(request: SentRequest, secret_of: FindSecret, now: datetime | None = None) -> Claim:
    """Read and check every part of a signature that does not depend on the body.

    Raises
    ------
    NotAuthenticError
        The signature is missing, malformed or expired, or its key does not belong to the account.
    """
    now = now or datetime.now(UTC)
    in_query = [name for name in request.query if name.lower() in _QUERY_NAMES]
    presigned = "authorization" not in request.headers
    if presigned and not in_query:
        raise NotAuthenticError(_MISSING, "Request is missing Authentication Token")
    if not presigned and in_query:
        raise NotAuthenticError(_UNSUPPORTED, "Only one of header and query may carry the signature")
    parts = _query_parts(request, in_query) if presigned else _header_parts(request)
    if "host" not in parts.signed_headers.split(";"):
        raise NotAuthenticError(_MISMATCH, "'Host' must be a signed header")
    _check_time(request, parts, now, presigned=presigned)
    token = request.query.get(_QUERY_TOKEN) if presigned else request.headers.get("x-amz-security-token")
    return Claim(request, parts, presigned, secret_of(parts.access_key_id, ",".join(token or [])))


def check_signature(claim: Claim, body: bytes) -> None:
    """Check the signature over the request and its body.

    Raises
    ------
    NotAuthenticError
        The signature does not match, or the body differs from the one that was signed.
    """
    request, headers = claim.request, claim.request.joined_headers
    signed_body = headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
    if signed_body not in _UNHASHED_BODIES and signed_body != hashlib.sha256(body).hexdigest():
        raise NotAuthenticError(_MISMATCH, "x-amz-content-sha256 is not the hash of the body")
    failure = seams.SIGNATURE_FAILURE.value(
        claim.parts, claim.secret, request.method, request.raw_path, request.query, headers, body,
        presigned=claim.presigned,
    )  # fmt: skip
    if failure:
        raise NotAuthenticError(*failure)


def _header_parts(request: SentRequest) -> Any:
    algorithm, _, rest = ",".join(request.headers["authorization"]).partition(" ")
    if algorithm != _ALGORITHM:
        raise NotAuthenticError(_UNSUPPORTED, f"Only {_ALGORITHM} is supported")
    given = [(name, value) for name, _, value in (part.strip().partition("=") for part in rest.split(","))]
    # Each part must occur once: with two credentials, we might check one while MiniStack uses the other.
    if sorted(name for name, _ in given) != sorted(_HEADER_PARTS):
        raise NotAuthenticError(_INCOMPLETE, f"Authorization must have {', '.join(_HEADER_PARTS)}, once each")
    _check_forms(dict(given), _HEADER_PARTS)
    return _parsed(seams.PARSE_HEADER_SIGNATURE.value(request.joined_headers))


def _query_parts(request: SentRequest, names: list[str]) -> Any:
    unknown = sorted(set(names) - {*_QUERY_PARTS, _QUERY_TOKEN})
    if unknown:
        raise NotAuthenticError(_UNSUPPORTED, f"{', '.join(unknown)}: only {_ALGORITHM} is supported")
    if any(len(request.query.get(name, [])) != 1 for name in {*_QUERY_PARTS, *names}):
        raise NotAuthenticError(_INCOMPLETE, f"The query must have {', '.join(_QUERY_PARTS)}, once each")
    _check_forms({name: request.query[name][0] for name in _QUERY_PARTS}, _QUERY_PARTS)
    return _parsed(seams.PARSE_QUERY_SIGNATURE.value(request.query))


def _check_forms(given: dict[str, str], forms: dict[str, str]) -> None:
    for name, form in forms.items():
        if not re.fullmatch(form, given[name], re.ASCII):
            raise NotAuthenticError(_INCOMPLETE, f"{name} is malformed: {given[name][:200]!r}")


def _parsed(found: Any) -> Any:
    if isinstance(found, tuple):
        raise NotAuthenticError(*found)
    return found


def _check_time(request: SentRequest, parts: Any, now: datetime, *, presigned: bool) -> None:
    try:
        signed_at = datetime.strptime(parts.amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise NotAuthenticError(_INCOMPLETE, f"The date is malformed: {parts.amz_date[:200]!r}") from error
    if not presigned:
        failure = seams.REQUEST_TIME_FAILURE.value(parts, now=now)
        if failure:
            raise NotAuthenticError(*failure)
        return
    seconds = int(request.query["X-Amz-Expires"][0])
    if not 0 < seconds <= _LONGEST_EXPIRY_SECONDS:
        raise NotAuthenticError(_INCOMPLETE, f"X-Amz-Expires must be 1 to {_LONGEST_EXPIRY_SECONDS}")
    if signed_at > now + _CLOCK_SKEW:
        raise NotAuthenticError(_SKEWED, "Signature not yet current")
    if now > signed_at + timedelta(seconds=seconds):
        raise NotAuthenticError(_EXPIRED, "Request has expired")

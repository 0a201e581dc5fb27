"""Translate errors of AWS services to errors of the platform."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from _shared.contracts.errors import TerminalError, TransientError

DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "KMSAccessDenied", "403"}
)

_TRANSIENT = frozenset(
    {
        "ConcurrentModificationException",
        "ConditionalRequestConflict",
        "InternalError",
        "InternalFailure",
        "InternalServiceException",
        "KMSThrottling",
        "OperationAborted",
        "OperationTimeoutException",
        "RequestTimeout",
        "ResourceNotReadyException",
        "ServiceUnavailable",
        "SlowDown",
        "Throttled",
        "Throttling",
        "ThrottlingException",
    }
)
_SERVER_FAILURE = 500


def code_of(error: ClientError) -> str:
    """Return the error code of a response."""
    return error.response.get("Error", {}).get("Code", "")


@contextmanager
def named_errors(
    action: str, resource: str, busy: type[TransientError], refused: type[TerminalError]
) -> Iterator[None]:
    """Translate botocore's errors.

    Parameters
    ----------
    action
        IAM action of the request, for the message: ``s3:GetObject``.
    resource
        Resource of the request, for the message.
    busy
        Error to raise if the service throttled, failed or could not be reached.
    refused
        Error to raise if the service rejected the request.
    """
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        what = f"{action} {resource}: {code}: {error.response.get('Error', {}).get('Message', '')}"
        if code in _TRANSIENT or status >= _SERVER_FAILURE:
            raise busy(what) from error
        remedy = f"allow {action}, and the key it is encrypted with, to the function's role" if code in DENIED else ""
        raise refused(what, remedy) from error
    except BotoCoreError as error:
        msg = f"{action} {resource}: {error}"
        raise busy(msg) from error

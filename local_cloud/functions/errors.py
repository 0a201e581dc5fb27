"""Report exceptions of Lambda functions by class name, which ``Retry`` and ``Catch`` of a state machine match.

MiniStack's worker reports every exception of a handler as ``Runtime.HandlerError``. AWS reports the exception's class,
or ``Runtime.ExitError`` if the process ended without an answer.
"""

from __future__ import annotations

from typing import Any

from local_cloud import seams

_UNNAMED = "Runtime.HandlerError"
_ENDED = "Worker process died"
_BLOCK = "Traceback (most recent call last):"


def install() -> None:
    """Put the class of a handler's exception into the response of an invocation."""
    execute = seams.EXECUTE_FUNCTION.value

    def execute_function(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == _UNNAMED:
            result["body"] = named(body, result.get("log", ""), request_id)
        return result

    seams.EXECUTE_FUNCTION.replace(execute_function)


def named(body: dict[str, Any], log: str, request_id: str) -> dict[str, Any]:
    """Return the error that AWS Lambda's Python runtime reports, read from the traceback at the end of the log.

    Parameters
    ----------
    body
        MiniStack's error: its ``errorMessage`` is the exception's text.
    log
        Output of the invocation with the exception's traceback at its end.
    """
    if body["errorMessage"] == _ENDED:
        message = f"RequestId: {request_id} Error: Runtime exited without providing a reason"
        return {"errorMessage": message, "errorType": "Runtime.ExitError"}
    _, found, trace = log.rstrip().rpartition(_BLOCK)
    if not found:
        return body
    text = trace.removesuffix(body["errorMessage"].rstrip()).rstrip()
    *frames, last = text.splitlines()
    name = last.removesuffix(":").strip().rsplit(".", 1)[-1]
    return {
        "errorMessage": body["errorMessage"],
        "errorType": name if name.isidentifier() else body["errorType"],
        "requestId": request_id,
        "stackTrace": [line for line in frames if line.strip()],
    }

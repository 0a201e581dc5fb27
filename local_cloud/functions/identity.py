"""Credentials of a Lambda function: a session of its role that no other process can compute.

MiniStack derives access key, secret and token from the ARNs of function and role, which are not secret.
"""

from __future__ import annotations

import hmac
import secrets
from typing import Any

from local_cloud import seams

_PROCESS_KEY = secrets.token_bytes(32)


def install() -> None:
    """Give functions credentials that are derived from a random key of this process."""
    for seam in (seams.EXECUTION_CREDENTIALS, seams.IMPORTED_EXECUTION_CREDENTIALS):
        seam.replace(execution_credentials)


def execution_credentials(config: dict[str, Any]) -> dict[str, str]:
    """Open a session of the function's role, shared by all its processes, and return it as environment variables."""
    function, role = config["FunctionArn"], config.get("Role", "")
    account, role_name, session_name = function.split(":")[4], role.rsplit("/", 1)[-1], config["FunctionName"][:64]

    def derived(part: str) -> str:
        return hmac.digest(_PROCESS_KEY, f"{part}:{function}:{role}".encode(), "sha256").hex()

    access_key, secret, token = f"ASIA{derived('key')[:16].upper()}", derived("secret"), derived("token")
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{session_name}",
        "UserId": f"{role_name}:{session_name}",
        "SecretAccessKey": secret,
        "SessionToken": token,
    }
    seams.REGISTER_SESSION.value(access_key, session)
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

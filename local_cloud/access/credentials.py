"""The secret of an access key: of the account's root, an IAM user or a session."""

from __future__ import annotations

import os

from local_cloud import seams
from local_cloud.access.signatures import NotAuthenticError
from local_cloud.environment import ACCOUNT


def secret_of(access_key_id: str, session_token: str) -> str:
    """Return the secret of an access key.

    Raises
    ------
    NotAuthenticError
        The account has no such key, the key is not active, its session has expired, or the token belongs to another
        session.
    """
    # MiniStack also accepts "test" and every account ID as the root's key.
    if seams.IS_ROOT_ACCESS_KEY.value(access_key_id) and access_key_id != os.environ["AWS_ACCESS_KEY_ID"]:
        code, message = "UnrecognizedClientException", "The security token included in the request is invalid."
        raise NotAuthenticError(code, message)
    account = seams.ACCOUNT_OF_ACCESS_KEY.value(access_key_id) or ACCOUNT
    found = seams.RESOLVE_CREDENTIAL.value(access_key_id, account, session_token)
    if isinstance(found, seams.CREDENTIAL_ERROR.value):
        raise NotAuthenticError(found.code, found.message)
    return str(found.secret_access_key)

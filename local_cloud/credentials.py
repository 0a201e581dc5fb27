"""The secret of an access key: the root's, an IAM user's or a session's."""

from __future__ import annotations

import os

from local_cloud import seams
from local_cloud.environment import ACCOUNT
from local_cloud.signatures import NotAuthenticError


def secret_of(access_key_id: str, session_token: str) -> str:
    """Return the secret of an access key.

    Raises
    ------
    NotAuthenticError
        The account has no such key, it is not active, its session has ended, or the token is another session's.
    """
    # MiniStack also takes "test" and every account ID for the root.
    if seams.IS_ROOT_ACCESS_KEY.value(access_key_id) and access_key_id != os.environ["AWS_ACCESS_KEY_ID"]:
        code, message = "UnrecognizedClientException", "The security token included in the request is invalid."
        raise NotAuthenticError(code, message)
    account = seams.ACCOUNT_OF_ACCESS_KEY.value(access_key_id) or ACCOUNT
    found = seams.RESOLVE_CREDENTIAL.value(access_key_id, account, session_token)
    if isinstance(found, seams.CREDENTIAL_ERROR.value):
        raise NotAuthenticError(found.code, found.message)
    return str(found.secret_access_key)

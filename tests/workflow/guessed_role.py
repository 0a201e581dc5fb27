"""A request that makes a role for functions, with credentials that anyone can guess and no signature."""

from __future__ import annotations

import json
from urllib.parse import urlencode

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
MAKE_ROLE = {
    "Action": "CreateRole",
    "Version": "2010-05-08",
    "RoleName": "page",
    "AssumeRolePolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [_TRUST]}),
}
_CREDENTIALS = {
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": "test/20260101/us-east-1/iam/aws4_request",
    "X-Amz-Date": "20260101T000000Z",
    "X-Amz-Expires": "900",
    "X-Amz-SignedHeaders": "host",
    "X-Amz-Signature": "00",
}
QUERY = urlencode({**_CREDENTIALS, **MAKE_ROLE})
"""Everything in the query string, so that a page may send it without asking: MiniStack alone makes the role."""
FORM = urlencode(MAKE_ROLE)

"""Whose query it is, and what that caller may read and write: checked with the emulator's own policy evaluation.

On AWS, Athena reads the catalog and S3 with the caller's permissions.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from ministack import app
from ministack.core import iam_evaluator
from ministack.core.iam_actions import identity_denial_message
from ministack.core.responses import get_account_id, get_region

from local_cloud.athena.errors import ErrorName, QueryError

# The access key that signed the request in hand; a query's task inherits it.
CALLER_KEY: ContextVar[str] = ContextVar("local_athena_caller_key", default="")


@dataclass(frozen=True)
class Denial:
    """What a caller was refused, in AWS's words."""

    action: str
    message: str


def denial(action: str, resource: str, context: dict[str, str] | None = None) -> Denial | None:
    """Tell whether the caller is refused an action; None when it is allowed or IAM is not enforced."""
    if not app.AUTH:
        return None
    service = action.split(":", 1)[0]
    refused = iam_evaluator.enforce(
        CALLER_KEY.get(), action, service, get_region(), resource_arn=resource, service_context=context
    )
    if refused is None:
        return None
    if isinstance(refused, iam_evaluator.AuthError):
        return Denial(action, refused.message)
    explicit = refused.decision == "Deny"
    return Denial(action, identity_denial_message(action, refused.principal_arn, resource, explicit))


def require_table(database: str, table: str, action: str) -> None:
    """Check what the caller may do with a table: on AWS its catalog and its database are checked with it.

    Raises
    ------
    QueryError
        ``ACCESS_DENIED`` with the action and resource.
    """
    base = f"arn:aws:glue:{get_region()}:{get_account_id()}"
    for resource in (f"{base}:catalog", f"{base}:database/{database}", f"{base}:table/{database}/{table}"):
        refused = denial(action, resource)
        if refused:
            raise QueryError(ErrorName.ACCESS_DENIED, refused.message)


def require_catalog(action: str, *resources: str) -> None:
    """Check that the caller may list databases or tables.

    Raises
    ------
    QueryError
        ``ACCESS_DENIED`` with the action and resource.
    """
    base = f"arn:aws:glue:{get_region()}:{get_account_id()}"
    for resource in ("catalog", *resources):
        refused = denial(action, f"{base}:{resource}")
        if refused:
            raise QueryError(ErrorName.ACCESS_DENIED, refused.message)


def require_listing(bucket: str, prefix: str) -> None:
    """Check that the caller may list a prefix.

    Raises
    ------
    QueryError
        ``PERMISSION_DENIED``, as Athena reports S3's refusals.
    """
    refused = denial("s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": prefix})
    if refused:
        message = f"Access Denied listing s3://{bucket}/{prefix}: {refused.message}"
        raise QueryError(ErrorName.PERMISSION_DENIED, message)


def require_object(action: str, bucket: str, key: str) -> None:
    """Check that the caller may read or write an object.

    Raises
    ------
    QueryError
        ``PERMISSION_DENIED``, as Athena reports S3's refusals.
    """
    refused = denial(action, f"arn:aws:s3:::{bucket}/{key}")
    if refused:
        raise QueryError(ErrorName.PERMISSION_DENIED, f"Access Denied on s3://{bucket}/{key}: {refused.message}")

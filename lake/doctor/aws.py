"""Checks for a deployment to AWS: credentials, region, CDK bootstrap."""

from __future__ import annotations

from botocore.exceptions import NoCredentialsError, NoRegionError

from lake.aws import stacks
from lake.aws.connection import AWS_ERRORS, Connection, as_lake_error
from lake.doctor.finding import Finding, missing, ok
from lake.errors import LakeError

_BOOTSTRAP = "npx cdk bootstrap"


def account(connection: Connection) -> list[Finding]:
    """Check the credentials and, if they work, their account."""
    try:
        found = f"account {connection.account}, region {connection.region}"
    except NoRegionError:
        return [missing("AWS region", "none is chosen", "set AWS_REGION, or region in config/<environment>.json")]
    except NoCredentialsError:
        return [missing("AWS credentials", "none", "sign in, for example with: aws sso login, or set AWS_PROFILE")]
    except AWS_ERRORS as error:
        return [_refused("AWS credentials", as_lake_error(error))]
    return [ok("AWS credentials", found), _bootstrap(connection)]


def _bootstrap(connection: Connection) -> Finding:
    try:
        found = stacks.describe(connection, stacks.BOOTSTRAP_STACK)
    except AWS_ERRORS as error:
        return _refused("CDK bootstrap", as_lake_error(error))
    if found.status is None:
        return missing("CDK bootstrap", f"no stack {found.name}", f"once for each account and region: {_BOOTSTRAP}")
    return ok("CDK bootstrap", f"{found.name} is {found.status}")


def _refused(check: str, error: LakeError) -> Finding:
    return missing(check, error.what, error.remedy)

"""Sessions of an IAM role that an AWS service opens: Glue for a job, Step Functions for an execution."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config

from local_cloud import seams
from local_cloud.glue.answers import account, region

SESSION_SECONDS = 24 * 3600


class RoleNotAssumableError(Exception):
    """The role does not exist, or its trust policy does not allow the service."""


@dataclass(frozen=True)
class RoleSession:
    """Temporary credentials of a role.

    Parameters
    ----------
    role_arn
        The role whose policies apply to the session.
    region
        Region of the session's clients.
    """

    role_arn: str
    region: str
    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        """Return the credentials as environment variables for AWS SDKs."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
        }

    def client(self, service: str, read_timeout: float = 60.0) -> Any:
        """Return a boto3 client for the emulator that acts as this role; ``read_timeout`` is in seconds."""
        session: Any = boto3.Session(self.access_key, self.secret_key, self.token, region_name=self.region)
        config = Config(retries={"total_max_attempts": 1}, read_timeout=read_timeout, s3={"addressing_style": "path"})
        return session.client(service, config=config)


def role_arn_of(role: str) -> str:
    """Return the ARN of a role given by ARN or, as Glue allows, by name."""
    return role if role.startswith("arn:") else f"arn:aws:iam::{account()}:role/{role}"


def assume_as_service(role: str, service: str, session_name: str, source_arn: str) -> RoleSession:
    """Open a session of a role on behalf of an AWS service.

    Only the service itself can match ``Principal: {"Service": ...}`` in a trust policy, and it passes the account and
    ARN of the source as conditions. STS does not offer this to clients, so this function evaluates the trust policy
    and registers the session in the emulator.

    Parameters
    ----------
    role
        ARN or name of the role.
    service
        Service principal, for example ``glue.amazonaws.com``.
    session_name
        Part of ``assumed-role/<role>/<session_name>`` in error messages.
    source_arn
        Resource on whose behalf the service acts: ``aws:SourceArn`` in conditions of the trust policy.

    Raises
    ------
    RoleNotAssumableError
        The role does not exist, or does not trust the service.
    """
    arn = role_arn_of(role)
    name, owner = arn.rsplit("/", 1)[-1], arn.split(":")[4]
    record = seams.ROLES.value.get_scoped(owner, None, name)
    if record is None:
        msg = f"Role {arn} does not exist"
        raise RoleNotAssumableError(msg)
    if not _trusts(record.get("AssumeRolePolicyDocument", "{}"), service, arn, owner, source_arn):
        msg = f"Service {service} is not authorized to assume role {arn}: its trust policy does not allow it"
        raise RoleNotAssumableError(msg)
    access_key = f"ASIA{secrets.token_hex(8).upper()}"
    session = RoleSession(arn, region(), access_key, secrets.token_hex(20), secrets.token_hex(32))
    seams.REGISTER_SESSION.value(
        session.access_key,
        {
            "Arn": f"arn:aws:sts::{owner}:assumed-role/{name}/{session_name[:64]}",
            "UserId": f"{record.get('RoleId', name)}:{session_name[:64]}",
            "SecretAccessKey": session.secret_key,
            "SessionToken": session.token,
            "AccountId": owner,
            "PrincipalType": "AssumedRole",
            "Expiration": time.time() + SESSION_SECONDS,
        },
    )
    return session


def _trusts(policy: str | dict[str, Any], service: str, arn: str, owner: str, source_arn: str) -> bool:
    context = seams.EVAL_CONTEXT.value(
        principal_arn=service,
        principal_type="AWSService",
        principal_account=owner,
        action="sts:AssumeRole",
        resource_arn=arn,
        region=region(),
        service_context={"aws:sourceaccount": owner, "aws:sourcearn": source_arn},
    )
    return bool(seams.EVALUATE_TRUST_POLICY.value(_service_as_principal(policy), service, context))


def _service_as_principal(policy: str | dict[str, Any]) -> dict[str, Any]:
    """Rewrite service principals as AWS principals: MiniStack accepts a service principal only from the root user."""
    document: dict[str, Any] = json.loads(policy) if isinstance(policy, str) else dict(policy)
    statements = document.get("Statement", [])
    listed = statements if isinstance(statements, list) else [statements]
    return {**document, "Statement": [_plain_statement(statement) for statement in listed]}


def _plain_statement(statement: dict[str, Any]) -> dict[str, Any]:
    principal = statement.get("Principal", {})
    if not isinstance(principal, dict):
        return statement
    services = principal.get("Service", [])
    return {**statement, "Principal": {"AWS": services if isinstance(services, list) else [services]}}

"""One connection to one target: the only module of the command line that imports boto3."""

from __future__ import annotations

import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    ParamValidationError,
    ProfileNotFound,
    ReadTimeoutError,
)

from _shared.contracts import naming
from lake.errors import AwsRequestError, LakeError, UnreachableError, UserMistakeError
from lake.targets import Target, TargetKind

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_stepfunctions import SFNClient

AWS_ERRORS = (BotoCoreError, ClientError)
"""All exceptions that a boto3 call can raise."""

_REFUSED_CREDENTIALS = {
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "SignatureDoesNotMatch",
    "InvalidAccessKeyId",
    "InvalidSignatureException",
}
_REFUSED_PERMISSION = {"AccessDenied", "AccessDeniedException", "403"}
_LAKE_UP = "start the local cloud with: lake up"
_CONFIGURATION: dict[type[Exception], tuple[str, str]] = {
    NoCredentialsError: (
        "there are no AWS credentials, and no local cloud is running",
        f"{_LAKE_UP} (or sign in to AWS, for example with: aws sso login)",
    ),
    NoRegionError: (
        "no AWS region is chosen, and no local cloud is running",
        f"{_LAKE_UP} (or, for AWS, set AWS_REGION)",
    ),
}
_NO_ANSWER = (EndpointConnectionError, ConnectTimeoutError, ConnectionClosedError, ReadTimeoutError)


class Connection:
    """boto3 clients for one target, created on first use.

    Parameters
    ----------
    target
        The target of the calls.
    region
        AWS region; ``None`` takes the region of the AWS configuration.
    environment
        Name of the environment, with which the names of its resources begin.
    """

    def __init__(self, target: Target, region: str | None = None, environment: str = naming.LOCAL) -> None:
        variables = target.variables
        self.target = target
        self.environment = environment
        self._endpoint = target.endpoint
        self._session = boto3.session.Session(
            aws_access_key_id=variables.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=variables.get("AWS_SECRET_ACCESS_KEY"),
            aws_session_token=variables.get("AWS_SESSION_TOKEN"),
            region_name=region or variables.get("AWS_REGION") or os.environ.get("AWS_REGION"),
        )
        # For AWS itself, ignore an AWS_ENDPOINT_URL that may be set in the shell.
        options: dict[str, Any] = {"ignore_configured_endpoint_urls": target.kind is TargetKind.AWS}
        self._config = Config(
            connect_timeout=5,
            read_timeout=60,
            retries={"mode": "standard", "max_attempts": 5 if target.kind is TargetKind.AWS else 2},
            **options,
        )

    @cached_property
    def region(self) -> str:
        """AWS region of the target."""
        region = self._session.region_name
        if not region:
            raise NoRegionError
        return region

    @cached_property
    def account(self) -> str:
        """Account that the credentials belong to."""
        client = self._session.client("sts", endpoint_url=self._endpoint, config=self._config, region_name=self.region)
        return client.get_caller_identity()["Account"]

    @cached_property
    def s3(self) -> S3Client:
        """Client of Amazon S3."""
        return self._session.client("s3", endpoint_url=self._endpoint, config=self._config, region_name=self.region)

    @cached_property
    def stepfunctions(self) -> SFNClient:
        """Client of AWS Step Functions."""
        return self._session.client(
            "stepfunctions", endpoint_url=self._endpoint, config=self._config, region_name=self.region
        )

    @cached_property
    def athena(self) -> AthenaClient:
        """Client of Amazon Athena."""
        return self._session.client("athena", endpoint_url=self._endpoint, config=self._config, region_name=self.region)

    @cached_property
    def glue(self) -> GlueClient:
        """Client of AWS Glue."""
        return self._session.client("glue", endpoint_url=self._endpoint, config=self._config, region_name=self.region)

    @cached_property
    def logs(self) -> CloudWatchLogsClient:
        """Client of Amazon CloudWatch Logs."""
        return self._session.client("logs", endpoint_url=self._endpoint, config=self._config, region_name=self.region)

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        """Client of Amazon CloudWatch."""
        return self._session.client(
            "cloudwatch", endpoint_url=self._endpoint, config=self._config, region_name=self.region
        )

    @cached_property
    def secretsmanager(self) -> SecretsManagerClient:
        """Client of AWS Secrets Manager."""
        return self._session.client(
            "secretsmanager", endpoint_url=self._endpoint, config=self._config, region_name=self.region
        )

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        """Client of AWS CloudFormation."""
        return self._session.client(
            "cloudformation", endpoint_url=self._endpoint, config=self._config, region_name=self.region
        )


def error_code(error: ClientError) -> str:
    """Return the code of an AWS error, such as ``AccessDenied``."""
    return error.response.get("Error", {}).get("Code", "")


def error_message(error: ClientError) -> str:
    """Return the message of an AWS error."""
    return error.response.get("Error", {}).get("Message", "") or str(error)


def as_lake_error(error: BotoCoreError | ClientError) -> LakeError:
    """Convert an error of boto3 to an error with a remedy."""
    if isinstance(error, ClientError):
        return _from_answer(error)
    if isinstance(error, _NO_ANSWER):
        endpoint = str(error.kwargs.get("endpoint_url", "the endpoint"))
        return UnreachableError(f"{endpoint} does not answer", f"{_LAKE_UP} (or unset AWS_ENDPOINT_URL)")
    if isinstance(error, ProfileNotFound | ParamValidationError):
        return UserMistakeError(" ".join(str(error).split()), "see the --help of the command, and AWS_PROFILE")
    what, remedy = _CONFIGURATION.get(type(error), (str(error), "check the network and the AWS configuration"))
    return UnreachableError(what, remedy)


def _from_answer(error: ClientError) -> LakeError:
    code, operation = error_code(error), error.operation_name
    if code in _REFUSED_CREDENTIALS:
        return UnreachableError(
            f"AWS refused the credentials: {error_message(error)}",
            "sign in again, or take the exports of: lake status --exports",
        )
    remedy = "use credentials that have this permission" if code in _REFUSED_PERMISSION else ""
    return AwsRequestError(f"{operation}: {code}: {error_message(error)}", remedy)

"""A Lambda function of a pipeline, with package, role and log group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from _shared.contracts import naming
from _shared.contracts.metrics import namespace
from stacks.access.lake_access import lake_key, tracing
from stacks.access.permissions import Permission, acknowledge, service_role
from stacks.constructs.deployment import Deployment
from stacks.constructs.logs import log_group

RUNTIME = lambda_.Runtime.PYTHON_3_11
ARCHITECTURE = lambda_.Architecture.ARM_64


def python_code(folder: Path) -> lambda_.AssetCode:
    """Return a folder as Lambda code, without bytecode files."""
    return lambda_.Code.from_asset(str(folder), exclude=["**/__pycache__"])


@dataclass(frozen=True)
class FunctionSettings:
    """Settings of one function.

    Parameters
    ----------
    name
        Name of the step. The function's name and its code folder are derived from it.
    purpose
        Description of the function.
    environment
        Environment variables.
    permissions
        Permissions besides writing its own log and traces, and using the lake's key.
    asynchronous
        Whether it is invoked asynchronously. Events that fail all attempts go to the dead-letter queue.
    """

    name: str
    purpose: str
    environment: Mapping[str, str]
    permissions: Sequence[Permission]
    timeout: Duration
    memory_megabytes: int
    asynchronous: bool = False


def lake_variable(deployment: Deployment) -> dict[str, str]:
    """Return the environment variable with the name of the lake bucket."""
    return {"LAKE_BUCKET": deployment.shared.lake.bucket_name}


def catalog_variable(deployment: Deployment) -> dict[str, str]:
    """Return the environment variable with the name of the dataset's database."""
    return {"DATABASE": deployment.dataset.database_name}


def lineage_variable(deployment: Deployment) -> dict[str, str]:
    """Return the environment variable with the endpoint for lineage, if the environment has one."""
    endpoint = deployment.environment.openlineage_url
    return {"OPENLINEAGE_URL": endpoint} if endpoint else {}


def source_variables(deployment: Deployment) -> dict[str, str]:
    """Return the environment variables with the allowed hosts and schemes of sources."""
    environment = deployment.environment
    return {
        "ALLOWED_SOURCE_HOSTS": ",".join(environment.allowed_source_hosts),
        "ALLOWED_SOURCE_SCHEMES": ",".join(environment.allowed_source_schemes),
    }


class PipelineFunction(Construct):
    """A function with its own role, which has the listed permissions and may write to its own log group."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        layer: lambda_.ILayerVersion,
        settings: FunctionSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.settings = settings
        name = naming.function(deployment.environment.name, deployment.dataset.dataset, settings.name)
        own_log_group = f"/aws/lambda/{name}"
        dead_letters = deployment.shared.dead_letters if settings.asynchronous else None
        permissions = [self._own_logs(own_log_group), tracing(), lake_key(deployment.shared), *settings.permissions]
        if dead_letters is not None:
            permissions.append(Permission(("sqs:SendMessage",), (dead_letters.queue_arn,)))
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=name,
            description=settings.purpose,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler="app.handler",
            code=python_code(deployment.artefacts.functions[naming.function_package(settings.name)]),
            layers=[layer],
            role=service_role(self, "lambda.amazonaws.com", settings.purpose, permissions),
            environment={
                "POWERTOOLS_SERVICE_NAME": name,
                "POWERTOOLS_METRICS_NAMESPACE": namespace(deployment.environment.name),
                **settings.environment,
            },
            environment_encryption=deployment.shared.key,
            timeout=settings.timeout,
            memory_size=settings.memory_megabytes,
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=log_group(self, deployment, own_log_group),
            reserved_concurrent_executions=deployment.environment.reserved_concurrency,
            dead_letter_queue=dead_letters,
        )

        self._acknowledge(deployment, dead_letters)

    def _acknowledge(self, deployment: Deployment, dead_letters: sqs.IQueue | None) -> None:
        acknowledge(self.function, "AwsSolutions-L1", "The tests and Glue 5.1 run on Python 3.11: decision 0005.")
        acknowledge(self.function, "HIPAA.Security-LambdaInsideVPC", "It needs public sources and AWS's APIs only.")
        if deployment.environment.reserved_concurrency is None:
            why = "The state machine and its lease bound it; reserved_concurrency of the environment reserves a share."
            acknowledge(self.function, "HIPAA.Security-LambdaConcurrency", why)
        if dead_letters is None:
            why = "Step Functions invokes it synchronously and retries; a failed execution is recorded from outside."
            acknowledge(self.function, "HIPAA.Security-LambdaDLQ", why)

    def _own_logs(self, name: str) -> Permission:
        streams = Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=f"{name}:*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        return Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (streams,),
            "Lambda names the streams of the function's own log group.",
        )

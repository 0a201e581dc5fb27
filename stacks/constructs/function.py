"""One Lambda function of a pipeline: package, role, log group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.context import Pipeline
from stacks.constructs.lake_access import tracing
from stacks.constructs.logs import log_group
from stacks.constructs.permissions import Permission, service_role

RUNTIME = lambda_.Runtime.PYTHON_3_14
ARCHITECTURE = lambda_.Architecture.ARM_64


def python_code(folder: Path) -> lambda_.AssetCode:
    """Upload a folder less the bytecode that importing from it leaves behind."""
    return lambda_.Code.from_asset(str(folder), exclude=["**/__pycache__"])


@dataclass(frozen=True)
class FunctionSettings:
    """What tells one function from another.

    Parameters
    ----------
    name, purpose
        Name and description of the function.
    package
        Key into :attr:`~stacks.packaging.Artefacts.functions`.
    environment
        Environment variables.
    permissions
        What it may do besides writing its own log and traces.
    dead_letters
        Where asynchronous events go that fail for good; ``None`` for a function that is called and answers.
    """

    name: str
    purpose: str
    package: str
    environment: Mapping[str, str]
    permissions: Sequence[Permission]
    timeout: Duration
    memory_megabytes: int
    dead_letters: sqs.IQueue | None = None


class PipelineFunction(Construct):
    """A function with its own role, which may write its own log group and what is listed."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: Pipeline,
        layer: lambda_.ILayerVersion,
        settings: FunctionSettings,
    ) -> None:
        super().__init__(scope, construct_id)
        own_log_group = f"/aws/lambda/{settings.name}"
        permissions = [self._own_logs(own_log_group), tracing(), *settings.permissions]
        self.function = lambda_.Function(
            self,
            "Function",
            function_name=settings.name,
            description=settings.purpose,
            runtime=RUNTIME,
            architecture=ARCHITECTURE,
            handler="app.handler",
            code=python_code(pipeline.artefacts.functions[settings.package]),
            layers=[layer],
            role=service_role(self, "lambda.amazonaws.com", settings.purpose, permissions),
            environment={"POWERTOOLS_SERVICE_NAME": settings.name, **settings.environment},
            timeout=settings.timeout,
            memory_size=settings.memory_megabytes,
            tracing=lambda_.Tracing.ACTIVE,
            logging_format=lambda_.LoggingFormat.JSON,
            log_group=log_group(self, pipeline, own_log_group),
            reserved_concurrent_executions=pipeline.environment.reserved_concurrency,
            dead_letter_queue=settings.dead_letters,
        )

    def _own_logs(self, name: str) -> Permission:
        streams = Stack.of(self).format_arn(
            service="logs", resource="log-group", resource_name=f"{name}:*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        return Permission(
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (streams,),
            "Lambda names the streams of the function's own log group.",
        )

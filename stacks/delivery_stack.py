"""The stack of the delivery pipeline: test, deploy the first environment, smoke-test it, approve, deploy the last.

It is off unless ``cdk.json`` has the key ``delivery``. See docs/delivery.md.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aws_cdk import Aws, Duration, RemovalPolicy, Stack, Stage, pipelines
from aws_cdk import Environment as CdkEnvironment
from aws_cdk import aws_codebuild as codebuild
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import layout, naming
from config.delivery import Delivery
from config.environment import Environment
from stacks.access.permissions import acknowledge, acknowledge_policies
from stacks.constructs.base.storage import private_bucket

Build = Callable[[Construct, Environment], object]
"""Adds the stacks of an environment to a stage."""

CDK_OUT = "cdk.out"
_GRANTED = "The CDK grants each build its artefacts, its log and, for the deployment, the bootstrap roles."
_ACKNOWLEDGED = {
    "HIPAA.Security-IAMNoInlinePolicy": "Each policy is one role's alone, and ends with the role.",
    "HIPAA.Security-CodeBuildProjectSourceRepoUrl": "The source is the pipeline's artefact; it has no address.",
}
"""Rules of cdk-nag that the CDK's own pipeline constructs do not meet."""

_KEPT = Duration.days(90)
"""How long the pipeline's artefacts are kept."""
_TESTED = Duration.minutes(90)
_SMOKE_TESTED = Duration.minutes(60)
_TOOLS = {"python": "3.11", "nodejs": "22", "java": "corretto17"}
"""Runtimes of the build image. Source: AWS CodeBuild User Guide, "Available runtimes"."""


class EnvironmentStage(Stage):
    """All stacks of one environment."""

    def __init__(self, scope: Construct, environment: Environment, build: Build) -> None:
        super().__init__(
            scope, environment.name, env=CdkEnvironment(account=environment.account, region=environment.region)
        )
        self.environment = environment
        build(self, environment)


class DeliveryStack(Stack):
    """A CDK pipeline, which updates itself first."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        delivery: Delivery,
        environments: tuple[Environment, Environment],
        build: Build,
        **stack_options: Any,  # noqa: ANN401 - passed through to Stack
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        first, last = environments
        source = _source(delivery)
        tested = _test_and_synthesize(source)
        pipeline = pipelines.CodePipeline(
            self,
            "Pipeline",
            synth=tested,
            artifact_bucket=_artifacts(self),
            code_build_defaults=_build_defaults(),
        )
        pipeline.add_stage(
            EnvironmentStage(self, first, build),
            pre=[_differences(tested, first)],
            post=[_smoke_test(source, delivery.smoke, first)],
        )
        approval = pipelines.ManualApprovalStep(
            f"Approve-{last.name}", comment=f"Read the log of Diff-{last.name}, then approve the deployment"
        )
        differences = _differences(tested, last)
        approval.add_step_dependency(differences)
        pipeline.add_stage(EnvironmentStage(self, last, build), pre=[differences, approval])
        pipeline.build_pipeline()
        for rule, reason in _ACKNOWLEDGED.items():
            acknowledge(pipeline, rule, reason)
        acknowledge_policies(pipeline, _GRANTED)


def _artifacts(scope: Construct) -> s3.Bucket:
    """Return the bucket of the pipeline's artefacts. Other accounts read it, so it has a key of its own."""
    key = kms.Key(scope, "Key", enable_key_rotation=True, removal_policy=RemovalPolicy.DESTROY)
    bucket = private_bucket(
        scope,
        "Artifacts",
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        lifecycle_rules=[
            s3.LifecycleRule(expiration=_KEPT, noncurrent_version_expiration=Duration.days(1)),
            s3.LifecycleRule(abort_incomplete_multipart_upload_after=Duration.days(1)),
        ],
        removal_policy=RemovalPolicy.DESTROY,
    )
    for rule in (
        "AwsSolutions-S1",
        "HIPAA.Security-S3BucketLoggingEnabled",
        "HIPAA.Security-S3BucketReplicationEnabled",
    ):
        acknowledge(bucket, rule, "It holds what builds hand on, which every run of the pipeline makes again.")
    return bucket


def _source(delivery: Delivery) -> pipelines.CodePipelineSource:
    return pipelines.CodePipelineSource.connection(
        delivery.repository, delivery.branch, connection_arn=delivery.connection_arn
    )


def _test_and_synthesize(source: pipelines.CodePipelineSource) -> pipelines.CodeBuildStep:
    return pipelines.CodeBuildStep(
        "Test",
        input=source,
        commands=["make lint", "make test", "npx cdk synth --quiet"],
        primary_output_directory=CDK_OUT,
        timeout=_TESTED,
    )


def _differences(tested: pipelines.CodeBuildStep, environment: Environment) -> pipelines.CodeBuildStep:
    """Show what a deployment would change: its log is what the approval is about."""
    role = naming.cdk_lookup_role(environment.account or "", environment.region or "")
    return pipelines.CodeBuildStep(
        f"Diff-{environment.name}",
        input=tested,
        commands=[f"npx --yes aws-cdk@{cdk_version()} diff --app assembly-*{environment.name} '**'"],
        role_policy_statements=[iam.PolicyStatement(actions=["sts:AssumeRole"], resources=[role])],
    )


def _smoke_test(
    source: pipelines.CodePipelineSource, dataset: str, environment: Environment
) -> pipelines.CodeBuildStep:
    return pipelines.CodeBuildStep(
        f"Smoke-{environment.name}",
        input=source,
        commands=["make install", f".venv/bin/lake smoke {dataset} --env {environment.name} --target aws"],
        timeout=_SMOKE_TESTED,
        role_policy_statements=_may_smoke_test(dataset, environment),
    )


def _may_smoke_test(dataset: str, environment: Environment) -> list[iam.PolicyStatement]:
    """Allow starting, stopping and redriving the dataset's executions, and reading its run records."""
    place = f"{environment.region}:{environment.account}"
    machine = naming.state_machine(environment.name, dataset)
    bucket = naming.lake_bucket(environment.resource_prefix, environment.account or "", environment.region or "")
    lake = f"arn:{Aws.PARTITION}:s3:::{bucket}"
    key = {"StringEquals": {"kms:ResourceAliases": f"alias/{environment.resource_prefix}-lake"}}
    return [
        iam.PolicyStatement(
            actions=["states:StartExecution", "states:ListExecutions"],
            resources=[f"arn:{Aws.PARTITION}:states:{place}:stateMachine:{machine}"],
        ),
        iam.PolicyStatement(
            actions=[
                *("states:DescribeExecution", "states:GetExecutionHistory"),
                *("states:StopExecution", "states:RedriveExecution"),
            ],
            resources=[f"arn:{Aws.PARTITION}:states:{place}:execution:{machine}:*"],
        ),
        iam.PolicyStatement(actions=["s3:GetObject"], resources=[f"{lake}/{layout.manifest_prefix(dataset)}*"]),
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[lake],
            conditions={"StringLike": {"s3:prefix": f"{layout.manifest_prefix(dataset)}*"}},
        ),
        iam.PolicyStatement(
            actions=["kms:Decrypt", "kms:GenerateDataKey"],
            resources=[f"arn:{Aws.PARTITION}:kms:{place}:key/*"],
            conditions=key,
        ),
    ]


def _build_defaults() -> pipelines.CodeBuildOptions:
    spec = {"version": "0.2", "phases": {"install": {"runtime-versions": _TOOLS}}}
    return pipelines.CodeBuildOptions(
        build_environment=codebuild.BuildEnvironment(
            build_image=codebuild.LinuxBuildImage.STANDARD_7_0, compute_type=codebuild.ComputeType.MEDIUM
        ),
        partial_build_spec=codebuild.BuildSpec.from_object(spec),
    )


def cdk_version() -> str:
    """Return the version of the CDK command line that this repository pins."""
    document = json.loads(Path("package.json").read_text("utf-8"))
    return str(document["devDependencies"]["aws-cdk"])

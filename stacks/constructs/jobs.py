"""The Glue jobs of a dataset's stack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aws_cdk import AssetStaging, CfnResource, Duration, FileAssetPackaging, Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from _shared.contracts import naming
from stacks.access.lake_access import READ, glue_logs, lake_key, metrics, s3a
from stacks.access.permissions import Permission, acknowledge, service_role
from stacks.constructs.deployment import Deployment
from stacks.constructs.glue_security import UNSECURED, UNSECURED_JOB, GlueSecurity
from stacks.constructs.logs import log_group

UNENCRYPTED_LOGS = "Annotation::@aws-cdk/aws-glue-alpha:unencryptedContinuousLogging"


@dataclass(frozen=True)
class JobSettings:
    """Settings of one job.

    Parameters
    ----------
    layer
        The layer that it writes; an argument of the script.
    name
        Name of the job.
    what
        Short description.
    permissions
        Permissions besides reading its code and writing logs and metrics.
    arguments
        Arguments besides those of every job.
    needs_wheels
        Whether the job needs packages beyond those of Glue.
    """

    layer: str
    name: str
    what: str
    permissions: Sequence[Permission]
    arguments: Mapping[str, str] = field(default_factory=dict)
    needs_wheels: bool = False


class Jobs(Construct):
    """Container of a stack's jobs. They share one script and one library, and differ in layer and role."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment, security: GlueSecurity) -> None:
        super().__init__(scope, construct_id)
        self.deployment = deployment
        self._security = security
        self._library = assets.Asset(self, "Library", path=str(deployment.artefacts.glue_library))
        self._script = assets.Asset(self, "Script", path=str(deployment.artefacts.job_script))
        self._logs = naming.job_logs(deployment.environment.name, deployment.dataset.dataset)
        for kind in ("output", "error"):
            log_group(Construct(self, f"{kind.capitalize()}Logs"), deployment, f"{self._logs}/{kind}")

    def add(self, settings: JobSettings) -> glue.PySparkEtlJob:
        """Add a job."""
        deployment, config = self.deployment, self.deployment.dataset
        flex = config.execution_class == "FLEX"
        scope = Construct(self, settings.layer.capitalize())
        wheels = _Wheels(scope, deployment.artefacts.wheels) if settings.needs_wheels else None
        role = service_role(
            scope,
            "glue.amazonaws.com",
            f"{config.dataset}: {settings.what}",
            [
                *settings.permissions,
                s3a(deployment.shared),
                _read_assets(self._script, self._library),
                *([wheels.permission] if wheels else []),
                lake_key(deployment.shared),
                metrics("Glue"),
                *glue_logs(Stack.of(self), deployment.environment, "jobs"),
            ],
        )
        job = glue.PySparkEtlJob(
            scope,
            "Job",
            job_name=settings.name,
            description=f"{config.title}: {settings.what}",
            role=role,
            glue_version=glue.GlueVersion[f"V{_enum_name(config.glue_version)}"],
            script=glue.Code.from_bucket(self._script.bucket, self._script.s3_object_key),
            extra_python_files=[glue.Code.from_bucket(self._library.bucket, self._library.s3_object_key)],
            worker_configuration=glue.WorkerConfiguration(
                worker_type=glue.WorkerType[_enum_name(config.worker_type)], number_of_workers=config.number_of_workers
            ),
            timeout=Duration.minutes(config.job_timeout_minutes),
            # Only the state machine retries. Retries of the job itself would multiply with them.
            max_retries=0,
            max_concurrent_runs=1,
            # Where Glue has no capacity, a run waits for it instead of failing. FLEX waits by itself.
            job_run_queuing_enabled=not flex,
            continuous_logging=glue.ContinuousLoggingProps(enabled=True),
            security_configuration=self._security.configuration,
            default_arguments={
                "--lake_bucket": deployment.shared.lake.bucket_name,
                "--dataset": config.dataset,
                "--layer": settings.layer,
                "--custom-logGroup-prefix": self._logs,
                **settings.arguments,
                **(wheels.arguments if wheels else {}),
                "--job-bookmark-option": "job-bookmark-disable",
            },
        )
        if flex:
            # The CDK has a class of its own for FLEX, with other defaults.
            _template(job).add_property_override("ExecutionClass", config.execution_class)
        if self._security.configuration is None:
            for rule in (UNENCRYPTED_LOGS, *UNSECURED_JOB):
                acknowledge(job, rule, UNSECURED)
        return job


class _Wheels:
    """The zip of wheels as a deployed file. Glue recognises it by its name, which an ordinary asset would not keep."""

    def __init__(self, scope: Construct, path: Path) -> None:
        stack = Stack.of(scope)
        staging = AssetStaging(scope, "Wheels", source_path=str(path))
        synthesizer = stack.synthesizer
        # A stack uses a bound copy of its synthesizer, and Python only ever sees the original.
        synthesizer.bind(stack)
        location = synthesizer.add_file_asset(
            source_hash=f"{staging.asset_hash}.gluewheels",
            file_name=staging.relative_staged_path(stack),
            packaging=FileAssetPackaging.FILE,
        )
        self.arguments = {
            "--additional-python-modules": f"s3://{location.bucket_name}/{location.object_key}",
            # A job's start must not depend on what a package index serves that day.
            "--python-modules-installer-option": "--no-index",
        }
        arn = stack.format_arn(
            service="s3", region="", account="", resource=location.bucket_name, resource_name=location.object_key
        )
        self.permission = Permission(READ, [arn])


def _template(job: glue.PySparkEtlJob) -> CfnResource:
    resource = job.node.default_child
    if not isinstance(resource, CfnResource):
        raise TypeError(type(resource))
    return resource


def _enum_name(value: str) -> str:
    """Convert ``5.1`` and ``G.1X`` to the names in the CDK's enumerations."""
    return value.replace(".", "_")


def _read_assets(*files: assets.Asset) -> Permission:
    return Permission(READ, [file.bucket.arn_for_objects(file.s3_object_key) for file in files])

"""The Bronze and the Silver Glue job."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aws_cdk import Duration, Stack
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from _shared.contracts import layout
from stacks.constructs.context import Pipeline
from stacks.constructs.glue_security import GlueSecurity
from stacks.constructs.lake_access import (
    READ,
    REPLACE,
    UPLOAD,
    WRITE,
    folder_markers,
    glue_logs,
    lake_key,
    listing,
    metrics,
    objects,
    zone,
)
from stacks.constructs.permissions import Permission, acknowledge, service_role

UNENCRYPTED_LOGS = "Annotation::@aws-cdk/aws-glue-alpha:unencryptedContinuousLogging"


class PipelineJobs(Construct):
    """Both jobs import from one library and differ in script and role."""

    def __init__(self, scope: Construct, construct_id: str, *, pipeline: Pipeline, security: GlueSecurity) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        self._security = security
        artefacts, dataset = pipeline.artefacts, pipeline.dataset
        self._library = assets.Asset(self, "Library", path=str(artefacts.glue_library))
        self.bronze = self._job(
            "Bronze", dataset.bronze_job_name, "raw to bronze", artefacts.bronze_script, self._bronze_permissions()
        )
        self.silver = self._job(
            "Silver", dataset.silver_job_name, "bronze to silver", artefacts.silver_script, self._silver_permissions()
        )

    def _bronze_permissions(self) -> list[Permission]:
        shared, config = self._pipeline.shared, self._pipeline.dataset
        raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
        bronze = [layout.bronze_table_prefix(member.table) for member in config.members]
        return [
            objects(shared, READ, f"{raw}*"),
            objects(shared, (*REPLACE, *UPLOAD), *(f"{prefix}*" for prefix in bronze)),
            objects(shared, WRITE, f"{quality}*"),
            folder_markers(shared, *bronze),
            listing(shared, raw, quality, *bronze),
        ]

    def _silver_permissions(self) -> list[Permission]:
        shared, config = self._pipeline.shared, self._pipeline.dataset
        raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
        bronze = [layout.bronze_table_prefix(member.table) for member in config.members]
        written = [
            prefix
            for table in config.silver_tables
            for prefix in (layout.silver_table_prefix(table.name), zone("quarantine", table.name))
        ]
        return [
            objects(shared, READ, layout.release_key(config.dataset, "*"), *(f"{prefix}*" for prefix in bronze)),
            objects(shared, (*REPLACE, *UPLOAD), *(f"{prefix}*" for prefix in written)),
            objects(shared, WRITE, f"{quality}*"),
            folder_markers(shared, *bronze, *written),
            listing(shared, raw, quality, *bronze, *written),
        ]

    def _job(
        self, layer: str, name: str, what: str, script: Path, permissions: Sequence[Permission]
    ) -> glue.PySparkEtlJob:
        pipeline, config = self._pipeline, self._pipeline.dataset
        scope = Construct(self, layer)
        script_asset = assets.Asset(scope, "Script", path=str(script))
        role = service_role(
            scope,
            "glue.amazonaws.com",
            f"{config.dataset}: {what}",
            [
                *permissions,
                _read_assets(script_asset, self._library),
                lake_key(pipeline.shared),
                metrics("Glue"),
                *glue_logs(Stack.of(self), pipeline.environment, "jobs"),
            ],
        )
        job = glue.PySparkEtlJob(
            scope,
            "Job",
            job_name=name,
            description=f"{config.title}: {what}",
            role=role,
            glue_version=glue.GlueVersion[f"V{_enum_name(config.glue_version)}"],
            script=glue.Code.from_bucket(script_asset.bucket, script_asset.s3_object_key),
            extra_python_files=[glue.Code.from_bucket(self._library.bucket, self._library.s3_object_key)],
            worker_configuration=glue.WorkerConfiguration(
                worker_type=glue.WorkerType[_enum_name(config.worker_type)], number_of_workers=config.number_of_workers
            ),
            timeout=Duration.minutes(config.job_timeout_minutes),
            # The state machine retries, and nothing else: two retriers would multiply.
            max_retries=0,
            max_concurrent_runs=1,
            continuous_logging=glue.ContinuousLoggingProps(enabled=True),
            security_configuration=self._security.configuration,
            default_arguments={
                "--lake_bucket": pipeline.shared.lake.bucket_name,
                "--dataset": config.dataset,
                "--enable-auto-scaling": "true",
                "--job-bookmark-option": "job-bookmark-disable",
            },
        )
        if self._security.configuration is None:
            acknowledge(
                job, UNENCRYPTED_LOGS, "The environment has no security configurations: encrypt_glue_logs is off."
            )
        return job


def _enum_name(value: str) -> str:
    """Spell ``5.1`` and ``G.1X`` as the CDK's enumerations do."""
    return value.replace(".", "_")


def _read_assets(*files: assets.Asset) -> Permission:
    return Permission(READ, [file.bucket.arn_for_objects(file.s3_object_key) for file in files])

"""The three Lambda functions of a pipeline and the layer they share."""

from __future__ import annotations

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from _shared.contracts import layout, naming
from stacks.constructs.context import Pipeline
from stacks.constructs.function import ARCHITECTURE, RUNTIME, FunctionSettings, PipelineFunction, python_code
from stacks.constructs.lake_access import READ, REPLACE, UPLOAD, WRITE, catalog, lake_key, listing, objects, zone
from stacks.constructs.permissions import Permission
from stacks.packaging import FETCH_AND_HASH, TRIGGER, UPDATE_MANIFEST

FETCH_TIMEOUT = Duration.minutes(15)
UPDATE_TIMEOUT = Duration.minutes(5)
TRIGGER_TIMEOUT = Duration.seconds(30)


class PipelineFunctions(Construct):
    """Fetch and hash, update the manifest, trigger."""

    def __init__(self, scope: Construct, construct_id: str, *, pipeline: Pipeline, lease: Duration) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        self._layer = lambda_.LayerVersion(
            self,
            "Layer",
            description="Shared code and third-party packages of the pipeline's functions",
            code=python_code(pipeline.artefacts.layer),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=[ARCHITECTURE],
        )
        self.fetch_and_hash = self._fetch_and_hash(lease)
        self.update_manifest = self._update_manifest()
        self.trigger = self._trigger()

    def _fetch_and_hash(self, lease: Duration) -> lambda_.Function:
        shared, dataset = self._pipeline.shared, self._pipeline.dataset.dataset
        raw, manifests = zone("raw", dataset), layout.manifest_prefix(dataset)
        permissions = [
            objects(shared, (*WRITE, *UPLOAD), f"{raw}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, manifests),
            lake_key(shared),
            self._describe_executions(),
        ]
        settings = FunctionSettings(
            name=naming.fetch_and_hash_function(dataset),
            purpose=f"{dataset}: fetch the source once, and tell whether it changed",
            package=FETCH_AND_HASH,
            environment={
                **self._lake(),
                **self._sources(),
                "PIPELINE_FINGERPRINT": self._pipeline.artefacts.fingerprint,
                "LEASE_SECONDS": str(int(lease.to_seconds())),
            },
            permissions=permissions,
            timeout=FETCH_TIMEOUT,
            memory_megabytes=1024,
        )
        return self._function("FetchAndHash", settings)

    def _update_manifest(self) -> lambda_.Function:
        shared, config = self._pipeline.shared, self._pipeline.dataset
        raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
        manifests = layout.manifest_prefix(config.dataset)
        tables = [name for table in config.silver_tables for name in (table.name, naming.versions_table(table.name))]
        publish = (
            "glue:GetTable",
            "glue:CreateTable",
            "glue:UpdateTable",
            "glue:GetPartition",
            "glue:BatchCreatePartition",
            "glue:BatchUpdatePartition",
        )
        permissions = [
            objects(shared, READ, layout.release_key(config.dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, quality, manifests),
            lake_key(shared),
            catalog(Stack.of(self), publish, config.database_name, tables),
        ]
        settings = FunctionSettings(
            name=naming.update_manifest_function(config.dataset),
            purpose=f"{config.dataset}: publish a version and commit it, or record a failure",
            package=UPDATE_MANIFEST,
            environment=self._lake(),
            permissions=permissions,
            timeout=UPDATE_TIMEOUT,
            memory_megabytes=512,
        )
        return self._function("UpdateManifest", settings)

    def _trigger(self) -> lambda_.Function:
        shared, dataset = self._pipeline.shared, self._pipeline.dataset.dataset
        permissions = [
            Permission(("states:StartExecution",), (self._state_machine_arn(),)),
            self._describe_executions(),
            lake_key(shared),
            Permission(("sqs:SendMessage",), (shared.dead_letters.queue_arn,)),
        ]
        settings = FunctionSettings(
            name=naming.trigger_function(dataset),
            purpose=f"{dataset}: start a run",
            package=TRIGGER,
            environment={**self._sources(), "STATE_MACHINE_ARN": self._state_machine_arn()},
            permissions=permissions,
            timeout=TRIGGER_TIMEOUT,
            memory_megabytes=256,
            # The schedule invokes it asynchronously: an event that fails for good is kept.
            dead_letters=shared.dead_letters,
        )
        return self._function("Trigger", settings)

    def _function(self, construct_id: str, settings: FunctionSettings) -> lambda_.Function:
        return PipelineFunction(
            self, construct_id, pipeline=self._pipeline, layer=self._layer, settings=settings
        ).function

    def _state_machine_arn(self) -> str:
        # By name: the state machine itself refers to the functions.
        name = naming.state_machine(self._pipeline.dataset.dataset)
        return self._states_arn("stateMachine", name)

    def _describe_executions(self) -> Permission:
        executions = f"{naming.state_machine(self._pipeline.dataset.dataset)}:*"
        return Permission(
            ("states:DescribeExecution",),
            (self._states_arn("execution", executions),),
            "Executions of the pipeline's own state machine; each has a new name.",
        )

    def _states_arn(self, kind: str, name: str) -> str:
        return Stack.of(self).format_arn(
            service="states", resource=kind, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
        )

    def _lake(self) -> dict[str, str]:
        return {"LAKE_BUCKET": self._pipeline.shared.lake.bucket_name}

    def _sources(self) -> dict[str, str]:
        environment = self._pipeline.environment
        return {
            "ALLOWED_SOURCE_HOSTS": ",".join(environment.allowed_source_hosts),
            "ALLOWED_SOURCE_SCHEMES": ",".join(environment.allowed_source_schemes),
        }

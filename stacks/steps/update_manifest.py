"""UpdateManifest: publish a version and commit it."""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import layout, naming
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.workflow import PublishResult
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, lake_variable
from stacks.constructs.functions import Functions
from stacks.constructs.lake_access import READ, REPLACE, catalog, lake_key, listing, objects, zone
from stacks.constructs.permissions import Permission
from stacks.steps.step import FunctionTask, Step, function_step

NAME = "UpdateManifest"

_LIMIT = Duration.minutes(5)
_PUBLISH = (
    "glue:GetTable",
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:GetPartition",
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
)


def step(functions: Functions) -> Step:
    """Add the function, and return the step."""
    function = functions.add(_settings(functions.deployment, Stack.of(functions)))
    return function_step(NAME, function, FunctionTask("published", PublishResult, payload={"state.$": "$"}))


def _settings(deployment: Deployment, stack: Stack) -> FunctionSettings:
    shared, config = deployment.shared, deployment.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    manifests = layout.manifest_prefix(config.dataset)
    tables = [name for table in config.silver_tables for name in (table.name, naming.versions_table(table.name))]
    return FunctionSettings(
        name=NAME,
        purpose=f"{config.dataset}: publish a version and commit it",
        environment=lake_variable(deployment),
        permissions=[
            objects(shared, READ, layout.release_key(config.dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, quality, manifests),
            lake_key(shared),
            catalog(stack, _PUBLISH, config.database_name, tables),
            *_drop(stack, config),
        ],
        timeout=_LIMIT,
        memory_megabytes=512,
    )


def _drop(stack: Stack, config: DatasetConfig) -> list[Permission]:
    """Allow to take out current tables where a release may lack some; which ones, only the transforms know."""
    optional = [*(source.optional for source in config.sources), *(member.optional for member in config.members)]
    if not any(optional):
        return []
    return [catalog(stack, ("glue:DeleteTable",), config.database_name, [table.name for table in config.silver_tables])]

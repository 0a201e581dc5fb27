"""UpdateManifest: publish a version and commit it."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import layout, naming
from _shared.contracts.dataset import DatasetConfig
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import READ, REPLACE, catalog, lake_key, listing, objects, zone
from stacks.constructs.permissions import Permission
from stacks.functions.common import lake_variable
from stacks.packaging import UPDATE_MANIFEST

_PUBLISH = (
    "glue:GetTable",
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:GetPartition",
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
)


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, config = pipeline.shared, pipeline.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    manifests = layout.manifest_prefix(config.dataset)
    tables = [name for table in config.silver_tables for name in (table.name, naming.versions_table(table.name))]
    return FunctionSettings(
        name=naming.update_manifest_function(config.dataset),
        purpose=f"{config.dataset}: publish a version and commit it",
        package=UPDATE_MANIFEST,
        environment=lake_variable(pipeline),
        permissions=[
            objects(shared, READ, layout.release_key(config.dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, quality, manifests),
            lake_key(shared),
            catalog(stack, _PUBLISH, config.database_name, tables),
            *_drop(stack, config),
        ],
        timeout=time_limits.UPDATE,
        memory_megabytes=512,
    )


def _drop(stack: Stack, config: DatasetConfig) -> list[Permission]:
    """Allow to take out current tables where a release may lack some; which ones, only the transforms know."""
    optional = [*(source.optional for source in config.sources), *(member.optional for member in config.members)]
    if not any(optional):
        return []
    return [catalog(stack, ("glue:DeleteTable",), config.database_name, [table.name for table in config.silver_tables])]

"""UpdateManifest: publish a version and commit it."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import layout, naming
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import READ, REPLACE, lake_key, listing, objects, zone
from stacks.functions.common import follow_manifest, lake_variable
from stacks.packaging import UPDATE_MANIFEST


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, config = pipeline.shared, pipeline.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    manifests = layout.manifest_prefix(config.dataset)
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
            *follow_manifest(pipeline, stack),
        ],
        timeout=time_limits.UPDATE,
        memory_megabytes=512,
    )

"""FetchAndHash: fetch the source once, and tell whether it changed."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import layout, naming
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import REPLACE, UPLOAD, WRITE, lake_key, listing, objects, zone
from stacks.functions.common import (
    executions,
    lake_variable,
    read_tables,
    source_secret,
    source_secret_variable,
    source_variables,
)
from stacks.packaging import FETCH_AND_HASH


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, config = pipeline.shared, pipeline.dataset
    raw, manifests = zone("raw", config.dataset), layout.manifest_prefix(config.dataset)
    lease = time_limits.longest_run(config.job_timeout_minutes)
    return FunctionSettings(
        name=naming.fetch_and_hash_function(config.dataset),
        purpose=f"{config.dataset}: fetch the source once, and tell whether it changed",
        package=FETCH_AND_HASH,
        environment={
            **lake_variable(pipeline),
            **source_variables(pipeline),
            "PIPELINE_FINGERPRINT": pipeline.artefacts.fingerprint,
            "LEASE_SECONDS": str(int(lease.to_seconds())),
            **source_secret_variable(pipeline),
        },
        permissions=[
            objects(shared, (*WRITE, *UPLOAD), f"{raw}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, manifests),
            lake_key(shared),
            # Whether the holder of the lease still runs.
            executions(pipeline, stack, "states:DescribeExecution"),
            # Whether the catalog is as the manifest says, before a run skips.
            read_tables(pipeline, stack),
            *source_secret(pipeline, stack),
        ],
        timeout=time_limits.FETCH,
        memory_megabytes=1024,
    )

"""RecordFailure: repair the catalog after a run that did not succeed, record it, give its lease back, alert."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import layout, naming
from stacks import time_limits
from stacks.constructs.context import Pipeline
from stacks.constructs.function import FunctionSettings
from stacks.constructs.lake_access import READ, REPLACE, lake_key, listing, objects, zone
from stacks.constructs.permissions import Permission
from stacks.functions.common import dead_letters, executions, follow_manifest, lake_variable
from stacks.packaging import RECORD_FAILURE


def settings(pipeline: Pipeline, stack: Stack) -> FunctionSettings:
    """Return what tells this function from the others."""
    shared, config = pipeline.shared, pipeline.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    manifests = layout.manifest_prefix(config.dataset)
    return FunctionSettings(
        name=naming.record_failure_function(config.dataset),
        purpose=f"{config.dataset}: record a run that failed, give its lease back, alert",
        package=RECORD_FAILURE,
        environment={**lake_variable(pipeline), "ALERT_TOPIC_ARN": shared.alerts.topic_arn},
        permissions=[
            objects(shared, READ, layout.release_key(config.dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, quality, manifests),
            lake_key(shared),
            executions(pipeline, stack, "states:DescribeExecution", "states:GetExecutionHistory"),
            *follow_manifest(pipeline, stack),
            Permission(("sns:Publish",), (shared.alerts.topic_arn,)),
            dead_letters(pipeline),
        ],
        timeout=time_limits.RECORD_FAILURE,
        memory_megabytes=256,
        # A rule invokes it asynchronously: an event that fails for good is kept.
        dead_letters=shared.dead_letters,
    )

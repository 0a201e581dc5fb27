"""UpdateManifest commits and publishes a version."""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import layout
from _shared.contracts.workflow import PublishResult
from stacks.access.catalog_access import follow_manifest
from stacks.access.execution_access import executions
from stacks.access.lake_access import PUT, READ, REPLACE, listing, objects, zone
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, catalog_variable, lake_variable, lineage_variable
from stacks.constructs.functions import Functions
from stacks.steps.step import FunctionTask, Step, function_step

NAME = "UpdateManifest"
REPAIR_NAME = "RepairCatalog"

_LIMIT = Duration.minutes(5)


def steps(functions: Functions) -> tuple[Step, Step]:
    """Add the function, and return its two steps: publish a release, and repair the catalog from the manifest."""
    function = functions.add(_settings(functions.deployment, Stack.of(functions)))
    task = FunctionTask("published", PublishResult, payload={"state.$": "$"})
    return function_step(NAME, function, task), function_step(REPAIR_NAME, function, task)


def _settings(deployment: Deployment, stack: Stack) -> FunctionSettings:
    shared, config = deployment.shared, deployment.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    manifests = layout.manifest_prefix(config.dataset)
    return FunctionSettings(
        name=NAME,
        purpose=f"{config.dataset}: publish a version and commit it",
        environment={
            **lake_variable(deployment),
            **catalog_variable(deployment),
            **lineage_variable(deployment),
            **_notices(deployment),
        },
        permissions=[
            objects(shared, READ, layout.release_key(config.dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            objects(shared, PUT, f"{layout.lineage_prefix(config.dataset)}*"),
            listing(shared, raw, quality, manifests),
            *follow_manifest(deployment, stack),
            executions(deployment, stack, "states:GetExecutionHistory"),
            *([Permission(("sns:Publish",), (shared.alerts.topic_arn,))] if _notices(deployment) else []),
        ],
        timeout=_LIMIT,
        memory_megabytes=512,
    )


def _notices(deployment: Deployment) -> dict[str, str]:
    """Return the variable with the topic for notices of published versions, if the environment wants them."""
    wanted = deployment.environment.notify_success
    return {"SUCCESS_TOPIC_ARN": deployment.shared.alerts.topic_arn} if wanted else {}

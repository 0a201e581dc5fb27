"""FetchAndHash fetches the source once, and decides whether the run is skipped."""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import layout
from _shared.contracts.workflow import FetchResult
from config.release.sources import DOWNLOADS_SECONDS
from stacks.access.catalog_access import read_tables
from stacks.access.execution_access import executions
from stacks.access.lake_access import REPLACE, UPLOAD, WRITE, listing, objects, read_secret, zone
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, catalog_variable, lake_variable, source_variables
from stacks.constructs.functions import Functions
from stacks.steps.step import FunctionTask, Step, function_step

NAME = "FetchAndHash"
RESULT = "fetch"

_UNPACKING = Duration.minutes(5)
LIMIT = Duration.seconds(DOWNLOADS_SECONDS + int(_UNPACKING.to_seconds()))
"""Lambda's maximum, 15 minutes. A slow download fails with its own error before the function times out."""


def step(functions: Functions, lease: Duration) -> Step:
    """Add the function, and return the step.

    Parameters
    ----------
    lease
        Duration of a run's lease: the time-out of an execution.
    """
    function = functions.add(_settings(functions.deployment, Stack.of(functions), lease))
    return function_step(NAME, function, FunctionTask(RESULT, FetchResult, payload={}))


def _settings(deployment: Deployment, stack: Stack, lease: Duration) -> FunctionSettings:
    shared, dataset = deployment.shared, deployment.dataset.dataset
    raw, manifests = zone("raw", dataset), layout.manifest_prefix(dataset)
    secret = deployment.environment.source_secrets.get(dataset)
    return FunctionSettings(
        name=NAME,
        purpose=f"{dataset}: fetch the source once, and detect changes",
        environment={
            **lake_variable(deployment),
            **catalog_variable(deployment),
            **source_variables(deployment),
            "PIPELINE_FINGERPRINT": deployment.artefacts.fingerprint,
            "LEASE_SECONDS": str(int(lease.to_seconds())),
            **({"SOURCE_SECRET": secret} if secret else {}),
        },
        permissions=[
            objects(shared, (*WRITE, *UPLOAD), f"{raw}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            listing(shared, raw, manifests),
            # To check whether the holder of the lease is still running.
            executions(deployment, stack, "states:DescribeExecution"),
            # To check whether the catalog agrees with the manifest before a run is skipped.
            read_tables(deployment, stack),
            *([read_secret(stack, secret)] if secret else []),
        ],
        timeout=LIMIT,
        memory_megabytes=1024,
    )

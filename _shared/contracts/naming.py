"""Names of deployed resources: the only module that computes them."""

from __future__ import annotations

import re

PRODUCT = "PP-RAWS"
BASE_STACK = f"{PRODUCT}-DataLake-Base"
BRONZE_TABLE_PREFIX = "bronze_"
VERSIONS_TABLE_SUFFIX = "_versions"
RECORD_FAILURE = "RecordFailure"
"""Step name of the function that records a failed run."""


def orchestrator_stack(display_name: str) -> str:
    """Name of a dataset's CloudFormation stack."""
    return f"{PRODUCT}-{display_name}-Orchestrator"


def lake_bucket(prefix: str, account: str, region: str) -> str:
    """Name of the lake bucket."""
    return f"{prefix}-lake-{account}-{region}"


def state_machine(dataset: str) -> str:
    """Name of a dataset's state machine."""
    return f"{dataset}-orchestrator"


def words(name: str) -> list[str]:
    """Words of a step name in lower case: ``FetchAndHash`` has fetch, and, hash."""
    return [word.lower() for word in re.findall("[A-Z][a-z0-9]*", name)]


def function(dataset: str, name: str) -> str:
    """Name of a step's Lambda function, such as ``nsde-fetch-and-hash``."""
    return "-".join((dataset, *words(name)))


def function_package(name: str) -> str:
    """Folder under ``_shared/lambdas`` with the entry point of a step's Lambda function."""
    return "_".join(words(name))


def job_step(layer: str) -> str:
    """Name of the step that runs a layer's Glue job, such as ``BronzeJob``."""
    return f"{layer.capitalize()}Job"


def failure_rule(dataset: str) -> str:
    """Name of the EventBridge rule that matches executions that failed, timed out or were aborted."""
    return f"{dataset}-failed-runs"


def bronze_table(table: str) -> str:
    """Catalog name of a bronze table, as the crawler registers it."""
    return f"{BRONZE_TABLE_PREFIX}{table}"


def versions_table(table: str) -> str:
    """Catalog name of the table with one partition per published version."""
    return f"{table}{VERSIONS_TABLE_SUFFIX}"


def workgroup(prefix: str) -> str:
    """Name of the Athena workgroup."""
    return prefix

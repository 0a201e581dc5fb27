"""Names of deployed resources, by convention: the one place that computes them."""

from __future__ import annotations

import re

PRODUCT = "PP-RAWS"
BASE_STACK = f"{PRODUCT}-DataLake-Base"
BRONZE_TABLE_PREFIX = "bronze_"
VERSIONS_TABLE_SUFFIX = "_versions"
RECORD_FAILURE = "RecordFailure"
"""The function that records how a run failed."""


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
    """Words of a step's name, in lower case: those of ``FetchAndHash`` are fetch, and, hash."""
    return [word.lower() for word in re.findall("[A-Z][a-z0-9]*", name)]


def function(dataset: str, name: str) -> str:
    """Name of the Lambda that does a step, such as ``nsde-fetch-and-hash``."""
    return "-".join((dataset, *words(name)))


def function_package(name: str) -> str:
    """Folder under ``_shared/lambdas`` with the entry point of the Lambda that does a step."""
    return "_".join(words(name))


def job_step(layer: str) -> str:
    """Name of the step whose Glue job makes a layer: ``BronzeJob``."""
    return f"{layer.capitalize()}Job"


def failure_rule(dataset: str) -> str:
    """Name of the EventBridge rule that hears of executions that did not succeed."""
    return f"{dataset}-failed-runs"


def bronze_table(table: str) -> str:
    """Catalog name of a bronze table, as the crawler writes it."""
    return f"{BRONZE_TABLE_PREFIX}{table}"


def versions_table(table: str) -> str:
    """Catalog name of the table that has every published version as a partition."""
    return f"{table}{VERSIONS_TABLE_SUFFIX}"


def workgroup(prefix: str) -> str:
    """Name of the Athena workgroup."""
    return prefix

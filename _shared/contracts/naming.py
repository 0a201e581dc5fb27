"""Names of deployed resources, by convention: the one place that computes them."""

from __future__ import annotations

PRODUCT = "PP-RAWS"
BASE_STACK = f"{PRODUCT}-DataLake-Base"
BRONZE_TABLE_PREFIX = "bronze_"
VERSIONS_TABLE_SUFFIX = "_versions"


def orchestrator_stack(display_name: str) -> str:
    """Name of a dataset's CloudFormation stack."""
    return f"{PRODUCT}-{display_name}-Orchestrator"


def lake_bucket(prefix: str, account: str, region: str) -> str:
    """Name of the lake bucket."""
    return f"{prefix}-lake-{account}-{region}"


def state_machine(dataset: str) -> str:
    """Name of a dataset's state machine."""
    return f"{dataset}-orchestrator"


def fetch_and_hash_function(dataset: str) -> str:
    """Name of the Lambda that fetches the source."""
    return f"{dataset}-fetch-and-hash"


def crawl_bronze_function(dataset: str) -> str:
    """Name of the Lambda that has the bronze tables crawled."""
    return f"{dataset}-crawl-bronze"


def update_manifest_function(dataset: str) -> str:
    """Name of the Lambda that publishes and commits."""
    return f"{dataset}-update-manifest"


def record_failure_function(dataset: str) -> str:
    """Name of the Lambda that records and tells of an execution that failed."""
    return f"{dataset}-record-failure"


def failure_rule(dataset: str) -> str:
    """Name of the EventBridge rule that hears of executions that did not succeed."""
    return f"{dataset}-failed-runs"


def trigger_function(dataset: str) -> str:
    """Name of the Lambda that starts an execution."""
    return f"{dataset}-trigger"


def bronze_table(table: str) -> str:
    """Catalog name of a bronze table, as the crawler writes it."""
    return f"{BRONZE_TABLE_PREFIX}{table}"


def versions_table(table: str) -> str:
    """Catalog name of the table that has every published version as a partition."""
    return f"{table}{VERSIONS_TABLE_SUFFIX}"


def workgroup(prefix: str) -> str:
    """Name of the Athena workgroup."""
    return prefix

"""Names of deployed resources: the only module that computes them.

Two environments can share an account, because every name begins with its environment: ``prod-nsde-trigger``. The local
cloud has one environment, so its names are bare: ``nsde-trigger``.
"""

from __future__ import annotations

import re

PRODUCT = "PP-RAWS"
LOCAL = "local"
"""The environment of the local cloud."""

BASE_STACK = f"{PRODUCT}-DataLake-Base"
"""Id of the stack that all datasets share, with which the CDK command line selects it."""

BRONZE_TABLE_PREFIX = "bronze_"
VERSIONS_TABLE_SUFFIX = "_versions"
RECORD_FAILURE = "RecordFailure"
"""Step name of the function that records a failed run."""


def in_environment(environment: str, name: str, separator: str = "-") -> str:
    """Name of a resource of one environment."""
    return name if environment == LOCAL else f"{environment}{separator}{name}"


DELIVERY_STACK = f"{PRODUCT}-Delivery"
"""Id of the stack of the delivery pipeline."""


def cdk_lookup_role(account: str, region: str) -> str:
    """ARN of the role with which the CDK reads deployed stacks, as ``cdk bootstrap`` names it."""
    return f"arn:aws:iam::{account}:role/cdk-hnb659fds-lookup-role-{account}-{region}"


OPERATIONS_DATABASE = "operations_db"
"""Glue database of what the platform knows about its own runs."""


def orchestrator_stack(display_name: str) -> str:
    """Id of a dataset's stack, with which the CDK command line selects it."""
    return f"{PRODUCT}-{display_name}-Orchestrator"


def lake_bucket(prefix: str, account: str, region: str) -> str:
    """Name of the lake bucket; ``prefix`` is the environment's ``resource_prefix``."""
    return f"{prefix}-lake-{account}-{region}"


def database(environment: str, name: str) -> str:
    """Name of a Glue database: only underscores, so that queries need no quotes."""
    return in_environment(environment, name, "_")


def state_machine(environment: str, dataset: str) -> str:
    """Name of a dataset's state machine."""
    return in_environment(environment, f"{dataset}-orchestrator")


def words(name: str) -> list[str]:
    """Words of a step name in lower case: ``FetchAndHash`` has fetch, and, hash."""
    return [word.lower() for word in re.findall("[A-Z][a-z0-9]*", name)]


def function(environment: str, dataset: str, name: str) -> str:
    """Name of a step's Lambda function, such as ``prod-nsde-fetch-and-hash``."""
    return in_environment(environment, "-".join((dataset, *words(name))))


def function_package(name: str) -> str:
    """Folder under ``_shared/lambdas`` with the entry point of a step's Lambda function."""
    return "_".join(words(name))


def job_step(layer: str) -> str:
    """Name of the step that runs a layer's Glue job, such as ``BronzeJob``."""
    return f"{layer.capitalize()}Job"


def step_of(state: str) -> str:
    """Name of the step that a state belongs to: ``BronzeJob (failed)`` belongs to ``BronzeJob``."""
    return state.partition(" (")[0]


def failure_rule(environment: str, dataset: str) -> str:
    """Name of the EventBridge rule that matches executions that failed, timed out or were aborted."""
    return in_environment(environment, f"{dataset}-failed-runs")


def job_logs(environment: str, dataset: str) -> str:
    """Prefix of the log groups of a dataset's jobs, ``…/output`` and ``…/error``."""
    return f"/aws-glue/jobs/{in_environment(environment, dataset)}"


def alarm(environment: str, subject: str, what: str) -> str:
    """Name of an alarm: the dataset, or what all datasets share, and what is wrong."""
    return in_environment(environment, f"{subject}-{what}")


def dashboard(environment: str, subject: str) -> str:
    """Name of the dashboard of a dataset, or of what all datasets share."""
    return in_environment(environment, subject)


def schedule(environment: str, dataset: str) -> str:
    """Name of a dataset's schedule."""
    return in_environment(environment, f"{dataset}-schedule")


def bronze_table(table: str) -> str:
    """Catalog name of a bronze table, as the crawler registers it."""
    return f"{BRONZE_TABLE_PREFIX}{table}"


def versions_table(table: str) -> str:
    """Catalog name of the table with one partition per published version."""
    return f"{table}{VERSIONS_TABLE_SUFFIX}"


def reader(prefix: str) -> str:
    """Name of the role that reads published tables, and of its workgroup."""
    return f"{prefix}-reader"


def workgroup(prefix: str) -> str:
    """Name of the Athena workgroup."""
    return prefix

"""What several functions are given."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from stacks.constructs.context import Pipeline
from stacks.constructs.lake_access import catalog
from stacks.constructs.permissions import Permission

_FOLLOW_MANIFEST = (
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:GetPartitions",
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
    "glue:DeletePartition",
)


def lake_variable(pipeline: Pipeline) -> dict[str, str]:
    """Return the environment variable that names the lake bucket."""
    return {"LAKE_BUCKET": pipeline.shared.lake.bucket_name}


def source_variables(pipeline: Pipeline) -> dict[str, str]:
    """Return the environment variables that say where a source may lie."""
    environment = pipeline.environment
    return {
        "ALLOWED_SOURCE_HOSTS": ",".join(environment.allowed_source_hosts),
        "ALLOWED_SOURCE_SCHEMES": ",".join(environment.allowed_source_schemes),
    }


def source_secret_variable(pipeline: Pipeline) -> dict[str, str]:
    """Return the environment variable that names the secret of the licensed sources, where there is one."""
    name = pipeline.environment.source_secrets.get(pipeline.dataset.dataset)
    return {} if name is None else {"SOURCE_SECRET": name}


def source_secret(pipeline: Pipeline, stack: Stack) -> list[Permission]:
    """Allow to read the secret of the licensed sources, where there is one."""
    name = pipeline.environment.source_secrets.get(pipeline.dataset.dataset)
    if name is None:
        return []
    arn = stack.format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=ArnFormat.COLON_RESOURCE_NAME,
    )
    return [Permission(("secretsmanager:GetSecretValue",), (arn,), "Secrets Manager ends each ARN in six characters.")]


def state_machine_arn(pipeline: Pipeline, stack: Stack) -> str:
    """Return the ARN of the pipeline's state machine, by name: the state machine itself refers to the functions."""
    return _states_arn(stack, "stateMachine", naming.state_machine(pipeline.dataset.dataset))


def executions(pipeline: Pipeline, stack: Stack, *actions: str) -> Permission:
    """Allow actions on the executions of the pipeline's own state machine."""
    name = f"{naming.state_machine(pipeline.dataset.dataset)}:*"
    return Permission(
        actions,
        (_states_arn(stack, "execution", name),),
        "Executions of the pipeline's own state machine; each has a new name.",
    )


def read_tables(pipeline: Pipeline, stack: Stack) -> Permission:
    """Allow to compare the catalog with the manifest."""
    why = "GetTables lists the tables of the dataset's own database, whatever their names are."
    return catalog(stack, ("glue:GetTables",), pipeline.dataset.database_name, ("*",), why)


def follow_manifest(pipeline: Pipeline, stack: Stack) -> list[Permission]:
    """Allow to bring the catalog to the manifest."""
    config = pipeline.dataset
    tables = [name for table in config.silver_tables for name in (table.name, naming.versions_table(table.name))]
    return [
        read_tables(pipeline, stack),
        catalog(stack, _FOLLOW_MANIFEST, config.database_name, tables),
        *_drop(config, stack),
    ]


def _drop(config: DatasetConfig, stack: Stack) -> list[Permission]:
    """Allow to take out current tables where a release may lack some; which ones, only the transforms know."""
    optional = [*(source.optional for source in config.sources), *(member.optional for member in config.members)]
    if not any(optional):
        return []
    return [catalog(stack, ("glue:DeleteTable",), config.database_name, [table.name for table in config.silver_tables])]


def dead_letters(pipeline: Pipeline) -> Permission:
    """Allow to keep an asynchronous event that fails for good."""
    return Permission(("sqs:SendMessage",), (pipeline.shared.dead_letters.queue_arn,))


def _states_arn(stack: Stack, kind: str, name: str) -> str:
    return stack.format_arn(
        service="states", resource=kind, resource_name=name, arn_format=ArnFormat.COLON_RESOURCE_NAME
    )

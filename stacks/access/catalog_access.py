"""Permissions on a dataset's tables, for the functions that compare or repair the catalog."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from stacks.access.lake_access import catalog
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment

_FOLLOW_MANIFEST = (
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:GetPartitions",
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
    "glue:DeletePartition",
)


def read_tables(deployment: Deployment, stack: Stack) -> Permission:
    """Allow comparing the catalog with the manifest."""
    why = "GetTables lists the tables of the dataset's own database, whatever their names are."
    return catalog(stack, ("glue:GetTables",), deployment.dataset.database_name, ("*",), why)


def follow_manifest(deployment: Deployment, stack: Stack) -> list[Permission]:
    """Allow updating the catalog to the manifest."""
    config = deployment.dataset
    tables = [name for table in config.silver_tables for name in (table.name, naming.versions_table(table.name))]
    return [
        read_tables(deployment, stack),
        catalog(stack, _FOLLOW_MANIFEST, config.database_name, tables),
        *_drop(config, stack),
    ]


def _drop(config: DatasetConfig, stack: Stack) -> list[Permission]:
    """Allow deleting current tables if a release may lack some. Only the transforms know which ones."""
    optional = [*(source.optional for source in config.sources), *(member.optional for member in config.members)]
    if not any(optional):
        return []
    return [catalog(stack, ("glue:DeleteTable",), config.database_name, [table.name for table in config.silver_tables])]

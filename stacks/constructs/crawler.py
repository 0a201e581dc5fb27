"""The crawler that registers the Bronze job's output."""

from __future__ import annotations

import json

from aws_cdk import Stack
from aws_cdk import aws_glue as glue
from constructs import Construct

from _shared.contracts import layout, naming
from stacks.access.lake_access import (
    READ,
    catalog,
    folder_markers,
    glue_logs,
    lake_key,
    lake_key_to_read,
    listing,
    metrics,
    objects,
)
from stacks.access.permissions import Permission, acknowledge, service_role
from stacks.constructs.deployment import Deployment
from stacks.constructs.glue_security import UNSECURED, UNSECURED_CRAWLER, GlueSecurity
from stacks.constructs.logs import log_group

TABLE_LEVEL = 3
"""Depth of ``<bucket>/bronze/<table>/``, with the bucket as level 1. Everything below is one table."""

_READ_CATALOG = (
    "glue:GetDatabase",
    "glue:GetTable",
    "glue:GetTables",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:BatchGetPartition",
)
_WRITE_CATALOG = (
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:CreatePartition",
    "glue:UpdatePartition",
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
)


class BronzeCrawler(Construct):
    """A crawler with one table for each member of the dataset, partitioned by run."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment, security: GlueSecurity) -> None:
        super().__init__(scope, construct_id)
        config, shared = deployment.dataset, deployment.shared
        self.name = config.bronze_crawler_name
        prefixes = [layout.bronze_table_prefix(member.table) for member in config.members]
        role = service_role(
            self, "glue.amazonaws.com", f"{config.dataset}: register bronze", self._permissions(deployment, prefixes)
        )
        if security.name:
            # With a security configuration, Glue names the group after the role and the configuration.
            log_group(self, deployment, f"/aws-glue/crawlers-{role.role_name}-{security.name}")
        self.crawler = glue.CfnCrawler(
            self,
            "Crawler",
            name=self.name,
            description=f"{config.title}: bronze tables",
            role=role.role_arn,
            database_name=config.database_name,
            table_prefix=naming.BRONZE_TABLE_PREFIX,
            targets=glue.CfnCrawler.TargetsProperty(
                s3_targets=[
                    glue.CfnCrawler.S3TargetProperty(path=shared.lake.s3_url_for_object(prefix)) for prefix in prefixes
                ]
            ),
            # A crawl never deletes tables or partitions of earlier runs. Expired objects leave empty partitions.
            schema_change_policy=glue.CfnCrawler.SchemaChangePolicyProperty(
                update_behavior="UPDATE_IN_DATABASE", delete_behavior="LOG"
            ),
            recrawl_policy=glue.CfnCrawler.RecrawlPolicyProperty(recrawl_behavior="CRAWL_EVERYTHING"),
            configuration=json.dumps(configuration()),
            crawler_security_configuration=security.name,
        )
        if security.configuration is None:
            acknowledge(self.crawler, UNSECURED_CRAWLER, UNSECURED)

    def _permissions(self, deployment: Deployment, prefixes: list[str]) -> list[Permission]:
        config, shared, stack = deployment.dataset, deployment.shared, Stack.of(self)
        tables = [naming.bronze_table(member.table) for member in config.members]
        return [
            objects(shared, READ, *(f"{prefix}*" for prefix in prefixes)),
            folder_markers(shared, *prefixes),
            listing(shared, *prefixes),
            Permission(("s3:GetBucketLocation",), (shared.lake.bucket_arn,)),
            # With an encrypted catalog it writes metadata with the key.
            lake_key(shared) if deployment.environment.encrypt_catalog else lake_key_to_read(shared),
            catalog(
                stack,
                _READ_CATALOG,
                config.database_name,
                ["*"],
                "A crawler compares with every table of its database.",
            ),
            catalog(stack, _WRITE_CATALOG, config.database_name, tables),
            metrics("Glue"),
            *glue_logs(stack, deployment.environment, "crawlers"),
        ]


def configuration() -> dict[str, object]:
    """Return the crawler's configuration: one table for each target; partitions inherit the table's columns.

    Without partition indexes, which a crawler makes by default: it would need ``glue:CreatePartitionIndex``, and a
    table of few partitions gains nothing. Source: AWS Glue Developer Guide, "Creating partition indexes".
    """
    return {
        "Version": 1.0,
        "CreatePartitionIndex": False,
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas", "TableLevelConfiguration": TABLE_LEVEL},
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
    }

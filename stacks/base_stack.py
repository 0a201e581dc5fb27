"""The stack of the resources that all datasets share: key, bucket, catalog, workgroup, alerts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment
from stacks.constructs.base.alerting import Alerting
from stacks.constructs.base.audit import DataEvents
from stacks.constructs.base.catalog import LakeCatalog
from stacks.constructs.base.encryption import LakeKey
from stacks.constructs.base.operations_catalog import OperationsCatalog
from stacks.constructs.base.query import QueryWorkgroup, Workgroup
from stacks.constructs.base.reader import LakeReader
from stacks.constructs.base.storage import ATHENA_RESULTS_PREFIX, LakeStorage
from stacks.constructs.dashboard import lake_dashboard
from stacks.constructs.deployment import SharedResources


class BaseStack(Stack):
    """One for each environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        datasets: Sequence[DatasetConfig],
        **stack_options: Any,  # noqa: ANN401 - passed through to Stack
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        encryption = LakeKey(self, "Encryption", environment=environment)
        storage = LakeStorage(self, "Storage", environment=environment, key=encryption.key)
        if environment.audit_data_events:
            encryption.allow_trails()
            DataEvents(self, "Audit", storage=storage, key=encryption.key)
        LakeCatalog(self, "Catalog", datasets=datasets, key=encryption.key if environment.encrypt_catalog else None)
        OperationsCatalog(self, "Operations", environment=environment, lake=storage.lake)
        alerting = Alerting(self, "Alerting", environment=environment, datasets=datasets, key=encryption.key)
        if environment.dashboards:
            names = [dataset.dataset for dataset in datasets]
            lake_dashboard(self, environment.name, environment.prefix, names)
        self.shared = SharedResources(
            key=encryption.key,
            lake=storage.lake,
            alerts=alerting.topic,
            dead_letters=alerting.dead_letters,
        )
        workgroup = Workgroup(naming.workgroup(environment.resource_prefix), ATHENA_RESULTS_PREFIX)
        query = QueryWorkgroup(self, "Query", environment=environment, shared=self.shared, workgroup=workgroup)
        reader = LakeReader(self, "Reader", environment=environment, datasets=datasets, shared=self.shared)
        # Orchestrator stacks deployed with earlier code import it, and CloudFormation cannot delete an export in use.
        self.export_value(alerting.dead_letters.queue_url)
        CfnOutput(self, "LakeBucketName", value=storage.lake.bucket_name, description="The lake bucket")
        CfnOutput(self, "ReaderRoleName", value=reader.name, description="Role and workgroup of readers")
        CfnOutput(self, "WorkgroupName", value=query.name, description="The Athena workgroup")
        CfnOutput(
            self, "AlertTopicArn", value=alerting.topic.topic_arn, description="Subscribe here for alerts on failures"
        )
        CfnOutput(self, "DeadLetterQueueUrl", value=alerting.dead_letters.queue_url, description="Records of failures")

"""The Athena workgroup, with its scan limit and its result location."""

from __future__ import annotations

from aws_cdk import aws_athena as athena
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import naming
from config.environment import Environment
from stacks.constructs.base.storage import ATHENA_RESULTS_PREFIX


class QueryWorkgroup(Construct):
    """A workgroup whose settings clients cannot override."""

    def __init__(
        self, scope: Construct, construct_id: str, *, environment: Environment, lake: s3.IBucket, key: kms.IKey
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = naming.workgroup(environment.resource_prefix)
        athena.CfnWorkGroup(
            self,
            "WorkGroup",
            name=self.name,
            description="Queries on the lake",
            recursive_delete_option=not environment.keep_data,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                enforce_work_group_configuration=True,
                publish_cloud_watch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=environment.athena_bytes_scanned_cutoff,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=lake.s3_url_for_object(ATHENA_RESULTS_PREFIX),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=key.key_arn
                    ),
                ),
            ),
        )

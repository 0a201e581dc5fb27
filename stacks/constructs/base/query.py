"""An Athena workgroup, with its scan limit and its result location."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import aws_athena as athena
from constructs import Construct

from config.environment import Environment
from stacks.constructs.deployment import SharedResources


@dataclass(frozen=True)
class Workgroup:
    """Name of a workgroup, and prefix of its query results. Whoever may read them sees what others have asked."""

    name: str
    results: str


class QueryWorkgroup(Construct):
    """A workgroup whose settings clients cannot override."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        shared: SharedResources,
        workgroup: Workgroup,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = workgroup.name
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
                    output_location=shared.lake.s3_url_for_object(workgroup.results),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_KMS", kms_key=shared.key.key_arn
                    ),
                ),
            ),
        )

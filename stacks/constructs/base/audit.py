"""The trail of who read and wrote the lake's objects."""

from __future__ import annotations

from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.access.permissions import acknowledge
from stacks.constructs.base.storage import LakeStorage

PREFIX = "data-events"


class DataEvents(Construct):
    """A CloudTrail trail with the data events of the lake bucket, in the bucket of its access logs.

    Management events are not in it: they belong to a trail of the whole account.
    Source: AWS CloudTrail User Guide, "Logging data events".
    """

    def __init__(self, scope: Construct, construct_id: str, *, storage: LakeStorage, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        trail = cloudtrail.Trail(
            self,
            "Trail",
            bucket=storage.access_logs,
            s3_key_prefix=PREFIX,
            encryption_key=key,
            management_events=cloudtrail.ReadWriteType.NONE,
            is_multi_region_trail=False,
            include_global_service_events=False,
            enable_file_validation=True,
        )
        trail.add_s3_event_selector([cloudtrail.S3EventSelector(bucket=storage.lake)])
        acknowledge(
            trail,
            "HIPAA.Security-CloudTrailCloudWatchLogsEnabled",
            "Each event would be paid for a second time, as a log line; Athena reads the files.",
        )

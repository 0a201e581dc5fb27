"""The lake bucket and the bucket of its access logs."""

from __future__ import annotations

from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import naming
from config.environment import Environment, Retention
from config.storage import StorageTiers
from stacks.access.permissions import acknowledge
from stacks.constructs.deployment import removal_policy

ATHENA_RESULTS_PREFIX = "athena-results/"
_MINIMUM_TLS_VERSION = 1.2
_STORAGE_CLASSES = {
    "infrequent_access": s3.StorageClass.INFREQUENT_ACCESS,
    "glacier_instant_retrieval": s3.StorageClass.GLACIER_INSTANT_RETRIEVAL,
    "deep_archive": s3.StorageClass.DEEP_ARCHIVE,
}
_NOT_REPLICATED = "Public data, versioned and stored in three zones; a second region would double the storage."


class LakeStorage(Construct):
    """An encrypted, versioned, private bucket with TLS only and a lifecycle rule for each zone."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment, key: kms.IKey) -> None:
        super().__init__(scope, construct_id)
        stack = Stack.of(self)
        self.access_logs = self._access_logs(environment)
        self.lake = private_bucket(
            self,
            "Lake",
            bucket_name=naming.lake_bucket(environment.resource_prefix, stack.account, stack.region),
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            server_access_logs_bucket=self.access_logs,
            server_access_logs_prefix="lake/",
            lifecycle_rules=lifecycle_rules(environment.retention, environment.tiers),
            removal_policy=removal_policy(environment),
        )
        acknowledge(self.lake, "HIPAA.Security-S3BucketReplicationEnabled", _NOT_REPLICATED)

    def _access_logs(self, environment: Environment) -> s3.Bucket:
        bucket = private_bucket(
            self,
            "AccessLogs",
            # S3 delivers access logs only to buckets with SSE-S3 encryption.
            encryption=s3.BucketEncryption.S3_MANAGED,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="expire-access-logs",
                    expiration=Duration.days(environment.retention.access_logs),
                    noncurrent_version_expiration=Duration.days(1),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                )
            ],
            removal_policy=removal_policy(environment),
        )
        acknowledge(bucket, "CKV_AWS_18", "It holds the access logs, and S3 must not log its own deliveries.")
        acknowledge(bucket, "HIPAA.Security-S3DefaultEncryptionKMS", "S3 delivers access logs with SSE-S3 only.")
        acknowledge(bucket, "HIPAA.Security-S3BucketReplicationEnabled", _NOT_REPLICATED)
        return bucket


def private_bucket(scope: Construct, construct_id: str, **options: Any) -> s3.Bucket:  # noqa: ANN401 - passed through to Bucket
    """Add a versioned bucket without public access, ACLs and connections below TLS 1.2."""
    return s3.Bucket(
        scope,
        construct_id,
        versioned=True,
        enforce_ssl=True,
        minimum_tls_version=_MINIMUM_TLS_VERSION,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        **options,
    )


def lifecycle_rules(retention: Retention, tiers: StorageTiers) -> list[s3.LifecycleRule]:
    """Return the lake bucket's lifecycle rules: zone expiries and tiers, old object versions and incomplete uploads."""
    zones = {
        "raw/": retention.raw,
        "bronze/": retention.bronze,
        "quarantine/": retention.quarantine,
        ATHENA_RESULTS_PREFIX: retention.athena_results,
    }
    expiries = [
        s3.LifecycleRule(id=f"expire-{zone.rstrip('/')}", prefix=zone, expiration=Duration.days(days))
        for zone, days in zones.items()
        if days is not None
    ]
    housekeeping = [
        s3.LifecycleRule(
            id="expire-noncurrent-versions",
            noncurrent_version_expiration=Duration.days(retention.noncurrent_versions),
            expired_object_delete_marker=True,
        ),
        s3.LifecycleRule(id="abort-incomplete-uploads", abort_incomplete_multipart_upload_after=Duration.days(1)),
    ]
    return [*expiries, *_transitions(tiers), *housekeeping]


def _transitions(tiers: StorageTiers) -> list[s3.LifecycleRule]:
    return [
        s3.LifecycleRule(
            id=f"archive-{zone}",
            prefix=f"{zone}/",
            transitions=[
                s3.Transition(storage_class=_STORAGE_CLASSES[name], transition_after=Duration.days(days))
                for name, days in used
            ],
        )
        for zone, chosen in (("raw", tiers.raw), ("bronze", tiers.bronze), ("silver", tiers.silver))
        if (used := chosen.in_order())
    ]

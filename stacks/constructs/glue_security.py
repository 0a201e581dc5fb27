"""Encryption of Glue's own data outside the lake: logs and bookmarks."""

from __future__ import annotations

from aws_cdk import RemovalPolicy
from aws_cdk import aws_glue as glue
from constructs import Construct

from stacks.constructs.deployment import Deployment

UNSECURED = "The environment has no security configurations: encrypt_glue_logs is off."
UNSECURED_CRAWLER = "AwsSolutions-GL1"
UNSECURED_JOB = (UNSECURED_CRAWLER, "AwsSolutions-GL3")
"""Rules of cdk-nag that a job without a security configuration breaks."""


class GlueSecurity(Construct):
    """A security configuration for the jobs and the crawler, if the environment supports it."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment) -> None:
        super().__init__(scope, construct_id)
        self.configuration: glue.SecurityConfiguration | None = None
        if deployment.environment.encrypt_glue_logs:
            key = deployment.shared.key
            self.configuration = glue.SecurityConfiguration(
                self,
                "Configuration",
                security_configuration_name=f"{deployment.environment.resource_prefix}-{deployment.dataset.dataset}",
                s3_encryption=glue.S3Encryption.kms(key),
                cloud_watch_encryption=glue.CloudWatchEncryption.kms(key),
                job_bookmarks_encryption=glue.JobBookmarksEncryption.client_side_kms(key),
            )
            # The CDK keeps it by default, and its fixed name would be in the way of the next deployment.
            self.configuration.apply_removal_policy(RemovalPolicy.DESTROY)

    @property
    def name(self) -> str | None:
        """Name of the configuration, or ``None`` if there is none."""
        return self.configuration.security_configuration_name if self.configuration else None

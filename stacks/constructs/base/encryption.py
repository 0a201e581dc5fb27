"""The KMS key for the lake's objects, logs and messages."""

from __future__ import annotations

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from constructs import Construct

from config.environment import Environment
from stacks.constructs.deployment import removal_policy


class LakeKey(Construct):
    """A rotating key. Its policy allows log groups, alarms and failure rules."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self.key = kms.Key(
            self,
            "Key",
            alias=f"{environment.resource_prefix}-lake",
            description=f"{environment.resource_prefix}: objects, logs, alerts and dead letters",
            enable_key_rotation=True,
            removal_policy=removal_policy(environment),
        )
        self._allow_log_groups()
        self._allow("AlarmsPublishToTheEncryptedTopic", "cloudwatch.amazonaws.com")
        self._allow_delivery_of_logs()
        self._allow("RulesSendToTheEncryptedQueue", "events.amazonaws.com")

    def _allow_log_groups(self) -> None:
        stack = Stack.of(self)
        log_groups = stack.format_arn(
            service="logs", resource="log-group", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EncryptLogGroupsOfThisAccount",
                principals=[iam.ServicePrincipal(f"logs.{stack.region}.{stack.url_suffix}")],
                actions=[
                    "kms:Encrypt",
                    "kms:Decrypt",
                    "kms:ReEncryptFrom",
                    "kms:ReEncryptTo",
                    "kms:GenerateDataKey",
                    "kms:GenerateDataKeyWithoutPlaintext",
                    "kms:DescribeKey",
                ],
                resources=["*"],  # in a key policy: this key
                conditions={"ArnLike": {"kms:EncryptionContext:aws:logs:arn": log_groups}},
            )
        )

    def allow_trails(self) -> None:
        """Let this account's CloudTrail trails encrypt their files.

        Source: AWS CloudTrail User Guide, "Configure AWS KMS key policies for CloudTrail".
        """
        trails = Stack.of(self).format_arn(service="cloudtrail", resource="trail", resource_name="*")
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="EncryptTrailsOfThisAccount",
                principals=[iam.ServicePrincipal("cloudtrail.amazonaws.com")],
                actions=["kms:GenerateDataKey", "kms:DescribeKey"],
                resources=["*"],  # in a key policy: this key
                conditions={"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
            )
        )

    def _allow_delivery_of_logs(self) -> None:
        """Let the log of an encrypted state machine be delivered.

        Source: AWS Step Functions Developer Guide, "Data at rest encryption in Step Functions".
        """
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="DeliverLogsOfEncryptedStateMachines",
                principals=[iam.ServicePrincipal("delivery.logs.amazonaws.com")],
                actions=["kms:Decrypt"],
                resources=["*"],  # in a key policy: this key
            )
        )

    def _allow(self, sid: str, service: str) -> None:
        """Allow a service to use the key on behalf of this account."""
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid=sid,
                principals=[iam.ServicePrincipal(service)],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],  # in a key policy: this key
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )

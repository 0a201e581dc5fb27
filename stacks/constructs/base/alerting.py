"""The alert topic and the dead-letter queue, which receive failures."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_cloudwatch_actions as actions
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from aws_cdk import aws_sns_subscriptions as subscriptions
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import Environment
from stacks.access.permissions import acknowledge


class Alerting(Construct):
    """The topic notifies people of a failure; the queue keeps the failure's event."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        datasets: Sequence[DatasetConfig],
        key: kms.IKey,
    ) -> None:
        super().__init__(scope, construct_id)
        self.topic = self._topic(environment, key)
        self.dead_letters = self._dead_letters(environment, key)
        self._allow_failure_rules(environment, datasets)
        alarm_on(
            self,
            "DeadLettersWaiting",
            self.dead_letters.metric_approximate_number_of_messages_visible(
                period=Duration.minutes(5), statistic="Maximum"
            ),
            self.topic,
            "A failed run or an undelivered schedule waits in the dead-letter queue.",
        )

    def _topic(self, environment: Environment, key: kms.IKey) -> sns.Topic:
        topic = sns.Topic(
            self,
            "Alerts",
            topic_name=f"{environment.resource_prefix}-alerts",
            master_key=key,
            enforce_ssl=True,
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="AlarmsPublish",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": Stack.of(self).account}},
            )
        )
        if environment.alert_email:
            topic.add_subscription(subscriptions.EmailSubscription(environment.alert_email))
        return topic

    def _dead_letters(self, environment: Environment, key: kms.IKey) -> sqs.Queue:
        queue = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{environment.resource_prefix}-dead-letters",
            encryption=sqs.QueueEncryption.KMS,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        acknowledge(
            queue, "AwsSolutions-SQS3", "It is the dead-letter queue itself: people read it, nothing consumes it."
        )
        return queue

    def _allow_failure_rules(self, environment: Environment, datasets: Sequence[DatasetConfig]) -> None:
        stack = Stack.of(self)
        names = [naming.failure_rule(environment.name, config.dataset) for config in datasets]
        rules = [stack.format_arn(service="events", resource="rule", resource_name=name) for name in names]
        if rules:
            self.dead_letters.add_to_resource_policy(
                iam.PolicyStatement(
                    sid="FailureRulesSend",
                    principals=[iam.ServicePrincipal("events.amazonaws.com")],
                    actions=["sqs:SendMessage"],
                    resources=[self.dead_letters.queue_arn],
                    conditions={"ArnEquals": {"aws:SourceArn": rules}},
                )
            )


def alarm_on(scope: Construct, name: str, metric: cloudwatch.IMetric, topic: sns.ITopic, description: str) -> None:
    """Send an alert when a count is above zero. Missing data counts as zero."""
    alarm = cloudwatch.Alarm(
        scope,
        name,
        metric=metric,
        threshold=0,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
        treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        alarm_description=description,
    )
    alarm.add_alarm_action(actions.SnsAction(topic))

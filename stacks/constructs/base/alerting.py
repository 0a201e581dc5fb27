"""The alert topic and the dead-letter queue, which receive failures."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
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
from stacks.constructs.alarm import AlarmSettings, alarm_on


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
        # Messages that arrive, not those that wait: the alarm is over by itself, and goes off again at the next one.
        alarm_on(
            self,
            "DeadLetterArrived",
            metric=self.dead_letters.metric_number_of_messages_sent(period=Duration.minutes(5), statistic="Sum"),
            topic=self.topic,
            settings=AlarmSettings(
                naming.alarm(environment.name, environment.prefix, "dead-letters"),
                "dead-letters",
                "The event of a failed run, or of a schedule that could not be delivered, is in the dead-letter queue. "
                "Read it there, and delete it once the failed run is dealt with.",
            ),
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

"""Handling of runs that do not succeed: record the failure, send an alert and keep the event."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from _shared.contracts import layout, naming
from stacks.access.catalog_access import follow_manifest
from stacks.access.execution_access import executions
from stacks.access.lake_access import PUT, READ, REPLACE, listing, objects, zone
from stacks.access.permissions import Permission, acknowledge
from stacks.constructs.alarm import AlarmSettings, alarm_on
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import FunctionSettings, catalog_variable, lake_variable, lineage_variable
from stacks.constructs.functions import Functions

FAILURES = ("FAILED", "TIMED_OUT", "ABORTED")
"""All final statuses of an execution except SUCCEEDED."""

_LIMIT = Duration.minutes(2)
_IMPORTED_QUEUE = "Annotation::@aws-cdk/aws-events:ruleUnresolvedEnvironment"


class FailureRule(Construct):
    """An EventBridge rule for executions that end without success, and the function that it invokes.

    A state machine cannot catch its own stop or time-out, but the rule receives these events. The queue is a second
    target of the rule, so that the event is kept even if the function fails.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, functions: Functions, state_machine: sfn.IStateMachine
    ) -> None:
        super().__init__(scope, construct_id)
        dataset, shared = functions.deployment.dataset, functions.deployment.shared
        record_failure = functions.add(_settings(functions.deployment, Stack.of(self))).function
        # Imported by ARN: otherwise CDK adds this rule to the queue's policy in the Base stack, a circular dependency.
        queue = sqs.Queue.from_queue_arn(self, "DeadLetters", shared.dead_letters.queue_arn)
        rule = events.Rule(
            self,
            "Rule",
            rule_name=naming.failure_rule(functions.deployment.environment.name, dataset.dataset),
            description=f"{dataset.title}: record every run that does not succeed, alert, and keep the event",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [state_machine.state_machine_arn], "status": list(FAILURES)},
            ),
            targets=[
                targets.LambdaFunction(
                    record_failure, retry_attempts=3, max_event_age=Duration.hours(2), dead_letter_queue=queue
                ),
                # No dead-letter queue for the queue itself: EventBridge retries for a day, its default.
                targets.SqsQueue(queue),
            ],
        )
        acknowledge(rule, _IMPORTED_QUEUE, "The queue is of this environment; the CDK cannot tell from its ARN.")
        alarm_on(
            self,
            "RecordFailureErrors",
            metric=record_failure.metric_errors(period=Duration.minutes(5)),
            topic=shared.alerts,
            settings=AlarmSettings(
                naming.alarm(functions.deployment.environment.name, dataset.dataset, "failure-not-recorded"),
                "failure-not-recorded",
                f"{dataset.dataset}: a failed run could not be recorded, so that its notice may be missing. "
                f"See what failed with: lake watch {dataset.dataset}, and see the function's log.",
            ),
        )


def _settings(deployment: Deployment, stack: Stack) -> FunctionSettings:
    shared, dataset = deployment.shared, deployment.dataset.dataset
    raw, quality = zone("raw", dataset), zone("quality", dataset)
    manifests = layout.manifest_prefix(dataset)
    return FunctionSettings(
        name=naming.RECORD_FAILURE,
        purpose=f"{dataset}: record a failed run, release its lease, alert",
        environment={
            **lake_variable(deployment),
            **catalog_variable(deployment),
            **lineage_variable(deployment),
            "ALERT_TOPIC_ARN": shared.alerts.topic_arn,
        },
        permissions=[
            objects(shared, READ, layout.release_key(dataset, "*"), f"{quality}*"),
            objects(shared, REPLACE, f"{manifests}*"),
            objects(shared, PUT, f"{layout.lineage_prefix(dataset)}*"),
            listing(shared, raw, quality, manifests),
            executions(deployment, stack, "states:DescribeExecution", "states:GetExecutionHistory"),
            *follow_manifest(deployment, stack),
            Permission(("sns:Publish",), (shared.alerts.topic_arn,)),
        ],
        timeout=_LIMIT,
        memory_megabytes=256,
        asynchronous=True,
    )

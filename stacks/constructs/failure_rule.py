"""What happens when a run does not succeed: it is recorded and told, and its event is kept."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from _shared.contracts import naming
from stacks.constructs.alerting import alarm_on
from stacks.constructs.context import Pipeline

FAILURES = ("FAILED", "TIMED_OUT", "ABORTED")
"""Every status in which an execution can end but SUCCEEDED."""


class FailureRule(Construct):
    """An EventBridge rule on the end of the state machine's executions.

    It sees what a state machine cannot see of itself: an execution that was stopped, or ran out of time. The queue has
    the event whatever becomes of the function.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: Pipeline,
        state_machine: sfn.IStateMachine,
        record_failure: lambda_.IFunction,
    ) -> None:
        super().__init__(scope, construct_id)
        dataset, shared = pipeline.dataset, pipeline.shared
        # By ARN: the queue's policy names the rules, and a queue of the other stack would want to name this one again.
        queue = sqs.Queue.from_queue_arn(self, "DeadLetters", shared.dead_letters.queue_arn)
        events.Rule(
            self,
            "Rule",
            rule_name=naming.failure_rule(dataset.dataset),
            description=f"{dataset.title}: record, tell and keep every run that does not succeed",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [state_machine.state_machine_arn], "status": list(FAILURES)},
            ),
            targets=[
                targets.LambdaFunction(
                    record_failure, retry_attempts=3, max_event_age=Duration.hours(2), dead_letter_queue=queue
                ),
                # Nothing to fall back on: EventBridge tries for a day, as it does where nothing is said.
                targets.SqsQueue(queue),
            ],
        )
        alarm_on(
            self,
            "RecordFailureErrors",
            record_failure.metric_errors(period=Duration.minutes(5)),
            shared.alerts,
            f"A failed run of {dataset.dataset} could not be recorded.",
        )

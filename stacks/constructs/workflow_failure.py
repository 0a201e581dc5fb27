"""What the pipeline does when a step failed for good."""

from __future__ import annotations

from _shared.contracts.workflow import RECORD_FAILURE, FailureNotice
from stacks.constructs.retries import messaging_retries
from stacks.constructs.workflow_tasks import (
    CALL_TIMEOUT_SECONDS,
    State,
    WorkflowResources,
    catch,
    every_field,
    integration,
    update_call,
)


def failure_states(resources: WorkflowResources) -> dict[str, State]:
    """Return the states that every failure goes through: record, notify, keep, fail."""
    return {
        "RecordFailure": {
            **update_call(resources, RECORD_FAILURE),
            "ResultSelector": every_field(FailureNotice),
            "ResultPath": "$.failure",
            "Catch": catch("RecordFailure", "FailureUnrecorded"),
            "Next": "NotifyFailure",
        },
        "FailureUnrecorded": {
            "Type": "Pass",
            "Parameters": {
                "subject": f"{resources.dataset}: a run failed and could not be recorded",
                "message.$": "States.Format('Execution {} failed, and its failure could not be recorded. "
                "There is no run record; the next run takes the lease over when it finds this execution ended. "
                "Failures by state: {}', $$.Execution.Id, States.JsonToString($.failed))",
                "step": "RecordFailure",
                "error.$": "$.failed.RecordFailure.Error",
                # Not all failures once more: with two long causes the state data would pass its 256 KiB.
                "cause.$": "$.failed.RecordFailure.Cause",
            },
            "ResultPath": "$.failure",
            "Next": "NotifyFailure",
        },
        "NotifyFailure": {
            "Type": "Task",
            "Resource": integration(resources, "sns:publish"),
            "Parameters": {
                "TopicArn": resources.topic_arn,
                "Subject.$": "$.failure.subject",
                "Message.$": "$.failure.message",
            },
            "TimeoutSeconds": CALL_TIMEOUT_SECONDS,
            "ResultPath": "$.notified",
            "Retry": messaging_retries(),
            "Catch": catch("NotifyFailure", "DeadLetter"),
            "Next": "DeadLetter",
        },
        "DeadLetter": {
            "Type": "Task",
            "Resource": integration(resources, "sqs:sendMessage"),
            "Parameters": {
                "QueueUrl": resources.queue_url,
                "MessageBody.$": "States.JsonToString($)",
                "MessageAttributes": {
                    "execution": {"DataType": "String", "StringValue.$": "$$.Execution.Id"},
                    "dataset": {"DataType": "String", "StringValue": resources.dataset},
                },
            },
            "TimeoutSeconds": CALL_TIMEOUT_SECONDS,
            "ResultPath": "$.dead_letter",
            "Retry": messaging_retries(),
            "Catch": catch("DeadLetter", "Failed"),
            "Next": "Failed",
        },
        # Whoever watches the execution goes by its status. A redrive would only enter this state again.
        "Failed": {"Type": "Fail", "ErrorPath": "$.failure.error", "CausePath": "$.failure.cause"},
    }

"""What the tests about executions share: the context, the events and the history, as AWS documents them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import boto3
from moto.sns.models import sns_backends

from _shared.lambdas.libs.aws.alerts import Alert
from tests._shared.lambdas.support import ACCOUNT, EXECUTION, MACHINE, NOW, REGION, STARTED

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef


@cache
def states_client() -> SFNClient:
    """Return the client of Step Functions."""
    return boto3.client("stepfunctions", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


@cache
def sns_client() -> SNSClient:
    """Return the client of SNS."""
    return boto3.client("sns", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def context(execution: str = EXECUTION, started_at: str = STARTED, **more: Any) -> dict[str, Any]:
    """Return ``$$.Execution`` of the context object, in AWS's documented shape."""
    name, role = execution.rsplit(":", 1)[-1], f"arn:aws:iam::{ACCOUNT}:role/orchestrator"
    return {
        "Id": execution,
        "Input": {"dataset": "pills"},
        "Name": name,
        "RoleArn": role,
        "StartTime": started_at,
        "RedriveCount": 0,
        **more,
    }


def status_event(status: str, *, stopped: datetime | None = None, **more: Any) -> dict[str, Any]:
    """Return EventBridge's event of an execution that ended, in AWS's documented shape.

    The execution ended in a year to come, unless told otherwise, since moto's S3 goes by the clock.
    """
    end = stopped or datetime(2099, 1, 1, tzinfo=UTC)
    return {
        "version": "0",
        "id": "315c1398-40ff-a850-213b-158f73e60175",
        "detail-type": "Step Functions Execution Status Change",
        "source": "aws.states",
        "account": ACCOUNT,
        "time": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [EXECUTION],
        "detail": {
            "executionArn": EXECUTION,
            "stateMachineArn": MACHINE,
            "name": "one",
            "status": status,
            "startDate": milliseconds(datetime.fromisoformat(STARTED)),
            "stopDate": milliseconds(end),
            "input": '{"dataset": "pills"}',
            "inputDetails": {"included": True},
            "output": None,
            "outputDetails": None,
            "redriveCount": 0,
            "error": None,
            "cause": None,
            **more,
        },
    }


def create_state_machine() -> None:
    """Make the state machine, as moto has them: its executions run, and are in a state called "A State"."""
    definition = json.dumps({"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
    role = f"arn:aws:iam::{ACCOUNT}:role/orchestrator"
    machine = states_client().create_state_machine(name="pills-orchestrator", definition=definition, roleArn=role)
    assert machine["stateMachineArn"] == MACHINE


def start_stopped_execution() -> None:
    """Start the execution of the tests and stop it."""
    create_state_machine()
    assert states_client().start_execution(stateMachineArn=MACHINE, name="one")["executionArn"] == EXECUTION
    states_client().stop_execution(executionArn=EXECUTION)


def sent_alerts(topic: str) -> list[Alert]:
    """Return what was published to a topic, by ARN; moto keeps it."""
    notes = sns_backends[ACCOUNT][REGION].topics[topic].sent_notifications
    return [Alert(subject or "", message) for _, message, subject, *_ in notes]


def history(*events: Mapping[str, Any]) -> list[HistoryEventTypeDef]:
    """Number the events of an execution, the oldest first, in the documented shape of GetExecutionHistory."""
    numbered = [
        {"id": number, "previousEventId": number - 1, "timestamp": NOW + timedelta(seconds=number), **event}
        for number, event in enumerate(events, start=1)
    ]
    return cast("list[HistoryEventTypeDef]", numbered)


def milliseconds(moment: datetime) -> int:
    """Return milliseconds since 1970."""
    return round(moment.timestamp() * 1000)

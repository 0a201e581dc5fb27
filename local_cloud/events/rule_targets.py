"""EventBridge rules that deliver to functions and queues as on AWS.

The resource policy of the function or queue must allow the rule. An event that may not be delivered goes to the
target's dead-letter queue, if there is one and its policy allows the rule. A function is invoked asynchronously: it is
tried three times, and has its own dead-letter queue.
"""

from __future__ import annotations

import contextvars
import json
import logging
import os
import threading
from dataclasses import dataclass
from typing import Any

import boto3

from local_cloud import seams
from local_cloud.iam.service_access import ServiceCaller
from local_cloud.monitoring.queue_metrics import count_sent

_logger = logging.getLogger("local_cloud.events.rule_targets")
_EVENTS = "events.amazonaws.com"
_NO_PERMISSIONS = "NO_PERMISSIONS"


@dataclass(frozen=True)
class Delivery:
    """One event on its way to one target of a rule."""

    rule_arn: str
    target: dict[str, Any]

    @property
    def caller(self) -> ServiceCaller:
        """EventBridge as the caller of the target, on behalf of the rule."""
        return ServiceCaller(_EVENTS, self.rule_arn)


_under_way: contextvars.ContextVar[Delivery | None] = contextvars.ContextVar("delivery", default=None)


def install() -> None:
    """Replace MiniStack's delivery to functions and queues, which checks no policy and tries once."""
    invoke, send = seams.INVOKE_TARGET.value, seams.DISPATCH_TO_SQS.value

    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        rule_arn = rule.get("Arn", "")
        # EventBridge Scheduler uses this function as well. It acts with a role, not through a resource policy.
        token = _under_way.set(Delivery(rule_arn, target) if rule_arn.startswith("arn:aws:events:") else None)
        try:
            invoke(target, event, rule, view)
        finally:
            _under_way.reset(token)

    def dispatch_to_lambda(arn: str, payload: str) -> None:
        delivery = _under_way.get()
        reason = delivery.caller.refusal_of_function(arn) if delivery else None
        if delivery and reason:
            bury(delivery, payload, reason)
            return
        function, config, name = seams.FUNCTION_OF_REFERENCE.value(arn)
        if not function or not config:
            _logger.warning("There is no function %s to deliver to", name)
            return
        seams.INVOKE_ASYNC.value(seams.FUNCTION_WITH_CONFIG.value(function, config), json.loads(payload))

    def dispatch_to_sqs(spec: Any, payload: str, parameters: dict[str, Any] | None = None) -> None:
        delivery = _under_way.get()
        reason = delivery.caller.refusal_of_queue(str(spec)) if delivery else None
        if delivery and reason:
            bury(delivery, payload, reason)
            return
        send(spec, payload, parameters)
        # MiniStack puts the message into the queue without SendMessage.
        count_sent(str(spec).rpartition(":")[2])

    seams.INVOKE_TARGET.replace(invoke_target)
    seams.DISPATCH_TO_LAMBDA.replace(dispatch_to_lambda)
    seams.DISPATCH_TO_SQS.replace(dispatch_to_sqs)


def bury(delivery: Delivery, payload: str, reason: str) -> None:
    """Send an undeliverable event to the target's dead-letter queue, if there is one and its policy allows it."""
    dead_letters = delivery.target.get("DeadLetterConfig", {}).get("Arn")
    refused = delivery.caller.refusal_of_queue(dead_letters) if dead_letters else "The target has no dead-letter queue"
    _logger.warning("%s: an event was not delivered. %s. %s", delivery.rule_arn, reason, refused or "")
    if refused is None:
        # In a new thread: this thread may be the one that has to answer the call to SQS, and would wait for itself.
        threading.Thread(target=_send, args=(dead_letters, payload, _attributes(delivery, reason)), daemon=True).start()


def queue_url(queue_arn: str) -> str:
    """Return the address of a queue of this cloud."""
    owner, name = queue_arn.split(":")[4:6]
    return f"{os.environ['AWS_ENDPOINT_URL']}/{owner}/{name}"


def _send(queue_arn: str, payload: str, attributes: dict[str, str]) -> None:
    told: Any = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    boto3.client("sqs").send_message(QueueUrl=queue_url(queue_arn), MessageBody=payload, MessageAttributes=told)


def _attributes(delivery: Delivery, reason: str) -> dict[str, str]:
    """Return the message attributes of a dead letter. Source: EventBridge User Guide, "Using dead-letter queues"."""
    return {
        "RULE_ARN": delivery.rule_arn,
        "TARGET_ARN": delivery.target["Arn"],
        "ERROR_CODE": _NO_PERMISSIONS,
        "ERROR_MESSAGE": reason,
        "RETRY_ATTEMPTS": "0",
    }

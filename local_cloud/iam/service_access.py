"""Check whether a function's or queue's policy, and the queue's key policy, allow an AWS service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from local_cloud import seams
from local_cloud.glue.answers import account, region

_KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")
"""Source: Amazon SQS Developer Guide, "Enable compatibility between event sources and encrypted queues"."""


@dataclass(frozen=True)
class ServiceCaller:
    """A service that calls on behalf of a resource.

    Parameters
    ----------
    service
        Service principal, for example ``events.amazonaws.com``.
    source_arn
        ARN of the resource: ``aws:SourceArn`` in policy conditions.
    """

    service: str
    source_arn: str

    def refusal_of_function(self, function_arn: str) -> str | None:
        """Return why the service may not invoke a function, or ``None`` if it may."""
        found = seams.FUNCTION_POLICY_FOR_ARN.value(function_arn)
        if found is None:
            return f"The function {function_arn} does not exist"
        if self._is_allowed(found[0], "lambda:InvokeFunction", function_arn):
            return None
        return f"The resource policy of {function_arn} does not let {self.service} invoke it for {self.source_arn}"

    def refusal_of_queue(self, queue_arn: str) -> str | None:
        """Return why the service may not send to a queue, or ``None`` if it may."""
        queue = seams.QUEUE_BY_ARN.value(queue_arn)
        if queue is None:
            return f"The queue {queue_arn} does not exist"
        if not self._is_allowed(queue["attributes"].get("Policy"), "sqs:SendMessage", queue_arn):
            return f"The policy of {queue_arn} does not let {self.service} send for {self.source_arn}"
        key = queue["attributes"].get("KmsMasterKeyId")
        if key and not self._may_use(key):
            return f"The policy of the key {key}, which encrypts {queue_arn}, does not let {self.service} use it"
        return None

    def _may_use(self, key: str) -> bool:
        found = seams.KEY_POLICY_FOR_ARN.value(key)
        return found is not None and all(self._is_allowed(found[0], action, key) for action in _KEY_ACTIONS)

    def _is_allowed(self, policy: str | dict[str, Any] | None, action: str, resource_arn: str) -> bool:
        context = seams.EVAL_CONTEXT.value(
            principal_arn="*",
            principal_type="Service",
            principal_account="",
            action=action,
            resource_arn=resource_arn,
            region=region(),
            secure_transport=True,
            service_context={"aws:sourcearn": self.source_arn, "aws:sourceaccount": account()},
        )
        decision: str = seams.EVALUATE_RESOURCE_POLICY.value(policy, context, service=self.service).decision
        return decision == "Allow"

"""The state machine of a pipeline, with role, log and alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import Duration, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from _shared.contracts import naming
from stacks.access.execution_access import state_machine_arn
from stacks.access.lake_access import lake_key, tracing
from stacks.access.permissions import Permission, service_role
from stacks.constructs.alarm import AlarmSettings, alarm_on
from stacks.constructs.deployment import Deployment
from stacks.constructs.logs import log_group

_LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)


_DATA_KEY_LIFE = Duration.minutes(15)
"""Step Functions asks KMS for a new data key after this time, its maximum."""


@dataclass(frozen=True)
class Definition:
    """A pipeline in Amazon States Language.

    Parameters
    ----------
    start
        Name of the first state.
    longest
        Time-out of an execution.
    states
        States by name.
    calls
        Permissions of the state machine's role that the states need.
    """

    comment: str
    start: str
    longest: Duration
    states: Mapping[str, Mapping[str, Any]]
    calls: Sequence[Permission]

    def document(self) -> dict[str, Any]:
        """Return the state machine as a document for JSON. ARNs may be CDK tokens."""
        return {
            "Comment": self.comment,
            "StartAt": self.start,
            "TimeoutSeconds": int(self.longest.to_seconds()),
            "States": self.states,
        }


class PipelineStateMachine(Construct):
    """A standard state machine with full logging and tracing, whose definition and history the lake's key encrypts."""

    def __init__(self, scope: Construct, construct_id: str, *, deployment: Deployment, definition: Definition) -> None:
        super().__init__(scope, construct_id)
        self._deployment = deployment
        dataset = deployment.dataset.dataset
        name = naming.state_machine(deployment.environment.name, dataset)
        document = Stack.of(self).to_json_string(definition.document())
        permissions = [
            *_together(definition.calls),
            lake_key(deployment.shared),
            tracing("xray:GetSamplingRules", "xray:GetSamplingTargets"),
            Permission(_LOG_DELIVERY, ("*",), "The log-delivery actions that Step Functions needs know no resources."),
        ]
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(document),
            role=service_role(
                self,
                "states.amazonaws.com",
                f"{dataset}: run the pipeline",
                permissions,
                source=state_machine_arn(deployment, Stack.of(self)),
            ),
            tracing_enabled=True,
            encryption_configuration=sfn.CustomerManagedEncryptionConfiguration(self._key(), _DATA_KEY_LIFE),
            logs=sfn.LogOptions(
                # Groups under /aws/vendedlogs/ share one resource policy. Others could exceed its size limit.
                destination=log_group(self, deployment, f"/aws/vendedlogs/states/{name}"),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        self._add_alarms()

    def _key(self) -> kms.IKey:
        """Return the lake's key, imported: otherwise the CDK adds a statement about this stack to its policy."""
        return kms.Key.from_key_arn(self, "LakeKey", self._deployment.shared.key.key_arn)

    def _add_alarms(self) -> None:
        """Add alarms on failures that do not depend on the failure rule.

        Step Functions publishes its events on a best-effort basis, so the rule may miss an execution.
        """
        machine, dataset, period = self.state_machine, self._deployment.dataset.dataset, Duration.minutes(5)
        for name, metric, what in (
            ("Failed", machine.metric_failed(period=period), "failed"),
            ("TimedOut", machine.metric_timed_out(period=period), "ran out of time"),
            ("Aborted", machine.metric_aborted(period=period), "was stopped"),
        ):
            alarm_on(
                self,
                name,
                metric=metric,
                topic=self._deployment.shared.alerts,
                settings=AlarmSettings(
                    naming.alarm(self._deployment.environment.name, dataset, "-".join(naming.words(name))),
                    "failed-run",
                    f"{dataset}: a run {what}. The notice of the run says why and what to do; "
                    f"see it also with: lake watch {dataset}.",
                ),
            )


def _together(permissions: Sequence[Permission]) -> list[Permission]:
    """Merge permissions with equal actions: a role's policies are limited to 10,240 characters."""
    resources: dict[Sequence[str], dict[str, None]] = {}
    for permission in permissions:
        resources.setdefault(permission.actions, {}).update(dict.fromkeys(permission.resources))
    return [Permission(actions, list(found)) for actions, found in resources.items()]

"""The stack of one dataset: its pipeline, trigger, schedule and failure rule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aws_cdk import CfnOutput, Stack, Tags
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import naming
from config.environment import Environment
from stacks.constructs.dashboard import dataset_dashboard
from stacks.constructs.deployment import Deployment
from stacks.constructs.failure_rule import FailureRule
from stacks.constructs.functions import Functions
from stacks.constructs.run_alarms import RunAlarms
from stacks.constructs.schedule import PipelineSchedule
from stacks.constructs.state_machine import PipelineStateMachine
from stacks.constructs.trigger import add_trigger
from stacks.pipelines import assembler


class OrchestratorStack(Stack):
    """One for each dataset and environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        deployment: Deployment,
        **stack_options: Any,  # noqa: ANN401 - passed through to Stack
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        dataset = deployment.dataset
        deployment = replace(deployment, shared=replace(deployment.shared, lake=self._lake(deployment.environment)))
        functions = Functions(self, "Functions", deployment=deployment)
        definition = assembler(dataset.pipeline)(functions)
        machine = PipelineStateMachine(self, "Workflow", deployment=deployment, definition=definition).state_machine
        RunAlarms(self, "Alarms", deployment=deployment)
        if deployment.environment.dashboards:
            dataset_dashboard(self, deployment.environment.name, dataset.dataset)
        FailureRule(self, "Failures", functions=functions, state_machine=machine)
        trigger = add_trigger(functions).function
        if dataset.schedule:
            PipelineSchedule(self, "Schedule", deployment=deployment, schedule=dataset.schedule, trigger=trigger)
        Tags.of(self).add("dataset", dataset.dataset)
        CfnOutput(self, "StateMachineArn", value=machine.state_machine_arn, description="Start runs here")
        CfnOutput(self, "TriggerFunctionName", value=trigger.function_name, description="Invoke to start a run")

    def _lake(self, environment: Environment) -> s3.IBucket:
        # Imported by name: the ARNs in policies stay readable, and the Base stack needs no export, which would lock it.
        name = naming.lake_bucket(environment.resource_prefix, self.account, self.region)
        return s3.Bucket.from_bucket_name(self, "Lake", name)

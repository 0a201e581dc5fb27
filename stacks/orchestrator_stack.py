"""What one dataset needs: functions, jobs, crawler, state machine, failure rule, schedule."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from aws_cdk import CfnOutput, Stack, Tags
from aws_cdk import aws_s3 as s3
from constructs import Construct

from _shared.contracts import naming
from config.environment import Environment
from stacks.constructs.context import Pipeline
from stacks.constructs.crawler import BronzeCrawler
from stacks.constructs.failure_rule import FailureRule
from stacks.constructs.functions import PipelineFunctions
from stacks.constructs.glue_security import GlueSecurity
from stacks.constructs.jobs import PipelineJobs
from stacks.constructs.schedule import PipelineSchedule
from stacks.constructs.workflow import PipelineWorkflow


class OrchestratorStack(Stack):
    """One per dataset and environment."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        pipeline: Pipeline,
        **stack_options: Any,  # noqa: ANN401 - passed through to Stack
    ) -> None:
        super().__init__(scope, construct_id, **stack_options)
        dataset = pipeline.dataset
        pipeline = replace(pipeline, shared=replace(pipeline.shared, lake=self._lake(pipeline.environment)))
        functions = PipelineFunctions(self, "Functions", pipeline=pipeline)
        security = GlueSecurity(self, "GlueSecurity", pipeline=pipeline)
        PipelineJobs(self, "Jobs", pipeline=pipeline, security=security)
        BronzeCrawler(self, "Crawler", pipeline=pipeline, security=security)
        workflow = PipelineWorkflow(self, "Workflow", pipeline=pipeline, functions=functions)
        FailureRule(
            self,
            "Failures",
            pipeline=pipeline,
            state_machine=workflow.state_machine,
            record_failure=functions.record_failure,
        )
        if dataset.schedule:
            PipelineSchedule(self, "Schedule", pipeline=pipeline, schedule=dataset.schedule, trigger=functions.trigger)
        Tags.of(self).add("dataset", dataset.dataset)
        CfnOutput(
            self, "StateMachineArn", value=workflow.state_machine.state_machine_arn, description="Start runs here"
        )
        CfnOutput(
            self, "TriggerFunctionName", value=functions.trigger.function_name, description="Invoke to start a run"
        )

    def _lake(self, environment: Environment) -> s3.IBucket:
        # By name, so that policies read as prefixes of one bucket, and the Base stack stays free to change.
        name = naming.lake_bucket(environment.prefix, self.account, self.region)
        return s3.Bucket.from_bucket_name(self, "Lake", name)

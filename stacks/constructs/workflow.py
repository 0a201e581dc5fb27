"""The state machine that runs a pipeline, its role, its log and its alarms."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from _shared.contracts import naming
from stacks.constructs.alerting import alarm_on
from stacks.constructs.context import Pipeline
from stacks.constructs.functions import FETCH_TIMEOUT, UPDATE_TIMEOUT, PipelineFunctions
from stacks.constructs.lake_access import glue_arn, lake_key, tracing
from stacks.constructs.logs import log_group
from stacks.constructs.permissions import Permission, service_role
from stacks.constructs.workflow_definition import definition
from stacks.constructs.workflow_tasks import WorkflowResources

_TASK_MARGIN_SECONDS = 30
_STEPS_BESIDE_THE_JOBS = Duration.hours(4)


def longest_run(job_timeout_minutes: int) -> Duration:
    """Return when an execution is given up: both jobs at their limit, and the other steps with their retries."""
    return Duration.minutes(2 * job_timeout_minutes + int(_STEPS_BESIDE_THE_JOBS.to_minutes()))


class PipelineWorkflow(Construct):
    """A standard state machine, logged in full and traced."""

    def __init__(
        self, scope: Construct, construct_id: str, *, pipeline: Pipeline, functions: PipelineFunctions
    ) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        self._functions = functions
        config = pipeline.dataset
        name = naming.state_machine(config.dataset)
        timeout = longest_run(config.job_timeout_minutes)
        document = definition(self._resources(), int(timeout.to_seconds()))
        role = service_role(self, "states.amazonaws.com", f"{config.dataset}: run the pipeline", self._permissions())
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(Stack.of(self).to_json_string(document)),
            role=role,
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # Log groups below /aws/vendedlogs/ share one resource policy: others run into its size limit.
                destination=log_group(self, pipeline, f"/aws/vendedlogs/states/{name}"),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        alerts = pipeline.shared.alerts
        period = Duration.minutes(5)
        failed = self.state_machine.metric_failed(period=period)
        alarm_on(self, "Failed", failed, alerts, f"A run of {config.dataset} failed.")
        timed_out = self.state_machine.metric_timed_out(period=period)
        alarm_on(self, "TimedOut", timed_out, alerts, f"A run of {config.dataset} ran out of time.")

    def _resources(self) -> WorkflowResources:
        pipeline, config = self._pipeline, self._pipeline.dataset
        return WorkflowResources(
            partition=Stack.of(self).partition,
            dataset=config.dataset,
            fetch_function_arn=self._functions.fetch_and_hash.function_arn,
            fetch_timeout_seconds=int(FETCH_TIMEOUT.to_seconds()) + _TASK_MARGIN_SECONDS,
            update_function_arn=self._functions.update_manifest.function_arn,
            update_timeout_seconds=int(UPDATE_TIMEOUT.to_seconds()) + _TASK_MARGIN_SECONDS,
            bronze_job=config.bronze_job_name,
            silver_job=config.silver_job_name,
            job_timeout_minutes=config.job_timeout_minutes,
            crawler=config.bronze_crawler_name,
            topic_arn=pipeline.shared.alerts.topic_arn,
            queue_url=pipeline.shared.dead_letters.queue_url,
        )

    def _permissions(self) -> list[Permission]:
        shared, config, stack = self._pipeline.shared, self._pipeline.dataset, Stack.of(self)
        functions = (self._functions.fetch_and_hash, self._functions.update_manifest)
        jobs = [glue_arn(stack, "job", name) for name in (config.bronze_job_name, config.silver_job_name)]
        return [
            Permission(("lambda:InvokeFunction",), [function.function_arn for function in functions]),
            Permission(("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"), jobs),
            Permission(
                ("glue:StartCrawler", "glue:GetCrawler"), (glue_arn(stack, "crawler", config.bronze_crawler_name),)
            ),
            Permission(("sns:Publish",), (shared.alerts.topic_arn,)),
            Permission(("sqs:SendMessage",), (shared.dead_letters.queue_arn,)),
            lake_key(shared),
            tracing("xray:GetSamplingRules", "xray:GetSamplingTargets"),
            Permission(
                (
                    "logs:CreateLogDelivery",
                    "logs:GetLogDelivery",
                    "logs:UpdateLogDelivery",
                    "logs:DeleteLogDelivery",
                    "logs:ListLogDeliveries",
                    "logs:PutResourcePolicy",
                    "logs:DescribeResourcePolicies",
                    "logs:DescribeLogGroups",
                ),
                ("*",),
                "The log-delivery actions that Step Functions needs know no resources.",
            ),
        ]

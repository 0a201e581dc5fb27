"""The state machine that runs a pipeline, its role, its log and its alarms."""

from __future__ import annotations

from aws_cdk import Duration, Stack
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from _shared.contracts import naming
from stacks.constructs.alerting import alarm_on
from stacks.constructs.context import Pipeline
from stacks.constructs.functions import PipelineFunctions
from stacks.constructs.lake_access import glue_arn, tracing
from stacks.constructs.logs import log_group
from stacks.constructs.permissions import Permission, service_role
from stacks.constructs.workflow_definition import definition
from stacks.constructs.workflow_tasks import WorkflowResources

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


class PipelineWorkflow(Construct):
    """A standard state machine, logged in full and traced."""

    def __init__(
        self, scope: Construct, construct_id: str, *, pipeline: Pipeline, functions: PipelineFunctions
    ) -> None:
        super().__init__(scope, construct_id)
        self._pipeline = pipeline
        self._functions = functions
        dataset = pipeline.dataset.dataset
        name = naming.state_machine(dataset)
        document = definition(self._resources())
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name,
            state_machine_type=sfn.StateMachineType.STANDARD,
            definition_body=sfn.DefinitionBody.from_string(Stack.of(self).to_json_string(document)),
            role=service_role(self, "states.amazonaws.com", f"{dataset}: run the pipeline", self._permissions()),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                # Log groups below /aws/vendedlogs/ share one resource policy: others run into its size limit.
                destination=log_group(self, pipeline, f"/aws/vendedlogs/states/{name}"),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        self._add_alarms()

    def _add_alarms(self) -> None:
        """Tell of every failure a second time, by a way that has nothing in common with the failure rule.

        Step Functions publishes its events on a best-effort basis: the rule may never hear of an execution.
        """
        machine, dataset, period = self.state_machine, self._pipeline.dataset.dataset, Duration.minutes(5)
        for name, metric, what in (
            ("Failed", machine.metric_failed(period=period), "failed"),
            ("TimedOut", machine.metric_timed_out(period=period), "ran out of time"),
            ("Aborted", machine.metric_aborted(period=period), "was stopped"),
        ):
            alarm_on(self, name, metric, self._pipeline.shared.alerts, f"A run of {dataset} {what}.")

    def _resources(self) -> WorkflowResources:
        config, functions = self._pipeline.dataset, self._functions
        return WorkflowResources(
            partition=Stack.of(self).partition,
            dataset=config.dataset,
            fetch_function_arn=functions.fetch_and_hash.function_arn,
            crawl_function_arn=functions.crawl_bronze.function_arn,
            update_function_arn=functions.update_manifest.function_arn,
            bronze_job=config.bronze_job_name,
            silver_job=config.silver_job_name,
            job_timeout_minutes=config.job_timeout_minutes,
        )

    def _permissions(self) -> list[Permission]:
        config, stack, functions = self._pipeline.dataset, Stack.of(self), self._functions
        steps = (functions.fetch_and_hash, functions.crawl_bronze, functions.update_manifest)
        jobs = [glue_arn(stack, "job", name) for name in (config.bronze_job_name, config.silver_job_name)]
        return [
            Permission(("lambda:InvokeFunction",), [step.function_arn for step in steps]),
            Permission(("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"), jobs),
            tracing("xray:GetSamplingRules", "xray:GetSamplingTargets"),
            Permission(_LOG_DELIVERY, ("*",), "The log-delivery actions that Step Functions needs know no resources."),
        ]

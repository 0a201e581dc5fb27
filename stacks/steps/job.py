"""A step that runs a Glue job, and repeats it if Glue failed and not the job.

The state machine cannot tell the two apart: Step Functions reports both as ``States.TaskFailed``. So it catches the
failure and asks the function RetryJob. See decision 0022.
"""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts import naming
from _shared.contracts.workflow import RetryResult
from stacks.access.lake_access import glue_arn
from stacks.access.permissions import Permission
from stacks.constructs.function import FunctionSettings, PipelineFunction
from stacks.constructs.functions import Functions
from stacks.constructs.jobs import Jobs
from stacks.steps.retries import job_retries
from stacks.steps.step import FunctionTask, State, Step, function_task, integration, may_invoke

RETRY = "RetryJob"

_START_MARGIN = Duration.minutes(30)
"""Time that a job run may wait for capacity before its own time-out starts. FLEX waits 20 minutes at most."""


def add_retry(functions: Functions) -> PipelineFunction:
    """Add the function that decides about failed jobs."""
    settings = FunctionSettings(
        name=RETRY,
        purpose=f"{functions.deployment.dataset.dataset}: decide whether a failed job is repeated",
        environment={},
        permissions=[],
        timeout=Duration.seconds(30),
        memory_megabytes=256,
    )
    return functions.add(settings)


def job_step(layer: str, job: str, jobs: Jobs, retry: PipelineFunction) -> Step:
    """Return the step that runs a layer's Glue job for this run and waits for its end."""
    name = naming.job_step(layer)
    failed, wait = f"{name} (failed)", f"{name} (wait)"
    task = FunctionTask("retry", RetryResult, payload={"state.$": "$", "layer": layer})

    def states(then: str) -> dict[str, State]:
        return {
            name: {
                **_job_task(layer, job, jobs),
                "Catch": [{"ErrorEquals": ["States.TaskFailed"], "ResultPath": f"$.{layer}", "Next": failed}],
                "Next": then,
            },
            failed: {**function_task(retry, task), "Next": wait},
            wait: {"Type": "Wait", "SecondsPath": "$.retry.seconds", "Next": name},
        }

    actions = ("glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun")
    run = Permission(actions, (glue_arn(Stack.of(jobs), "job", job),))
    return Step(name, states, [run, may_invoke(retry)])


def _job_task(layer: str, job: str, jobs: Jobs) -> State:
    limit = Duration.minutes(jobs.deployment.dataset.job_timeout_minutes)
    return {
        "Type": "Task",
        "Resource": integration(jobs, "glue:startJobRun.sync"),
        "Parameters": {"JobName": job, "Arguments": {"--run_id.$": "$.fetch.run_id"}},
        # The job's own time-out ends a job run. This limit ends one that never starts.
        "TimeoutSeconds": int(limit.to_seconds() + _START_MARGIN.to_seconds()),
        "ResultSelector": {"JobRunId.$": "$.Id"},
        "ResultPath": f"$.{layer}",
        "Retry": job_retries(),
    }

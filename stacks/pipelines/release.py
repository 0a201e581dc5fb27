"""The pipeline ``release``: files that a source publishes whole become bronze, silver and a published version.

:mod:`_shared.contracts.workflow` describes the input and output of each state. A step that fails after its
retries fails the execution in a task of its own, so that a redrive resumes at that step.
:mod:`stacks.constructs.failure_rule` handles the failure from outside.
"""

from __future__ import annotations

from aws_cdk import Duration, Stack

from _shared.contracts.workflow import PROCESS, REPAIR
from stacks.constructs.functions import Functions
from stacks.constructs.glue_security import GlueSecurity
from stacks.constructs.jobs import Jobs
from stacks.constructs.state_machine import Definition
from stacks.steps import bronze_job, crawl_bronze, fetch_and_hash, silver_job, update_manifest
from stacks.steps.job import add_retry
from stacks.steps.step import SUCCEED, State, Step, in_order

_CHOICE = "Changed?"

_STEPS_BESIDE_THE_JOBS = Duration.hours(5)
"""Time limit for the other steps together with all their retries, and for repetitions of jobs."""


def assemble(functions: Functions) -> Definition:
    """Add the steps to the stack, and return the state machine's definition."""
    stack, deployment = Stack.of(functions), functions.deployment
    security = GlueSecurity(stack, "GlueSecurity", deployment=deployment)
    jobs = Jobs(stack, "Jobs", deployment=deployment, security=security)
    longest = longest_run(deployment.dataset.job_timeout_minutes)

    fetch = fetch_and_hash.step(functions, lease=longest)
    retry = add_retry(functions)
    bronze, silver = bronze_job.step(jobs, retry), silver_job.step(jobs, retry)
    crawl = crawl_bronze.step(functions, security)
    publish, repair = update_manifest.steps(functions)
    return Definition(
        comment=f"{deployment.dataset.dataset}: fetch, and where something changed: bronze, crawl, silver, publish",
        start=fetch.name,
        longest=longest,
        states={
            **in_order(fetch, then=_CHOICE),
            _CHOICE: {
                "Type": "Choice",
                "Choices": [_choice(PROCESS, bronze), _choice(REPAIR, repair)],
                "Default": "Skipped",
            },
            **in_order(repair, then="Skipped"),
            "Skipped": SUCCEED,
            **in_order(bronze, crawl, silver, publish, then="Succeeded"),
            "Succeeded": SUCCEED,
        },
        calls=[call for step in (fetch, bronze, crawl, silver, publish) for call in step.calls],
    )


def _choice(decision: str, step: Step) -> State:
    return {"Variable": f"$.{fetch_and_hash.RESULT}.decision", "StringEquals": decision, "Next": step.name}


def longest_run(job_timeout_minutes: int) -> Duration:
    """Return the time-out of an execution: both jobs at their limit, and the other steps with their retries.

    A lease lasts as long, so that no run outlives its own lease. Each step has a shorter limit of its own, so that the
    error of a time-out names the step.
    """
    return Duration.minutes(2 * job_timeout_minutes + int(_STEPS_BESIDE_THE_JOBS.to_minutes()))

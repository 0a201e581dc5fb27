"""StartJobRun, GetJobRuns and BatchStopJobRun. MiniStack's own job runs execute nothing."""

from __future__ import annotations

import os
import secrets
import time
from typing import Any

from local_cloud import seams
from local_cloud.glue.answers import HTTP_OK, Response, answer, glue_arn, refusal
from local_cloud.glue.jobs.logs import JOB_GROUP_PREFIX, PREFIX_ARGUMENT
from local_cloud.glue.jobs.queue import JobQueue
from local_cloud.glue.jobs.run import ACTIVE_STATES, JobRun

_KEPT_MEMBERS = ("ExecutionProperty", "ExecutionClass", "JobMode", "JobRunQueuingEnabled", "NotificationProperty")
_DEFAULT_EXECUTION_PROPERTY = {"MaxConcurrentRuns": 1}
_INTERRUPTED = "The local cloud was stopped while the run was going"

_LARGEST_PAGE = 200
"""Source: AWS Glue API, GetJobRuns, ``MaxResults``."""
_queue = JobQueue()


def install() -> None:
    """Replace MiniStack's handlers of Glue job runs."""
    create, update, restore = seams.CREATE_JOB.value, seams.UPDATE_JOB.value, seams.RESTORE_GLUE.value

    def create_job(data: dict[str, Any]) -> Response:
        response: Response = create(data)
        if response[0] == HTTP_OK:
            _keep_members(data["Name"], {"ExecutionProperty": dict(_DEFAULT_EXECUTION_PROPERTY), **data})
        return response

    def update_job(data: dict[str, Any]) -> Response:
        response: Response = update(data)
        if response[0] == HTTP_OK:
            _keep_members(data["JobName"], data.get("JobUpdate", {}))
        return response

    def restore_state(data: dict[str, Any]) -> None:
        restore(data)
        fail_interrupted()

    seams.CREATE_JOB.replace(create_job)
    seams.UPDATE_JOB.replace(update_job)
    seams.RESTORE_GLUE.replace(restore_state)
    seams.START_JOB_RUN.replace(start_job_run)
    seams.BATCH_STOP_JOB_RUN.replace(batch_stop_job_run)
    seams.GET_JOB_RUNS.replace(get_job_runs)
    # MiniStack's CloudFormation passes only the members in this list to the job.
    passed_on = {
        "ExecutionProperty": dict(_DEFAULT_EXECUTION_PROPERTY),
        "ExecutionClass": "STANDARD",
        "JobRunQueuingEnabled": False,
    }
    seams.CLOUDFORMATION_JOB_MEMBERS.value.update(passed_on)


def start_job_run(data: dict[str, Any]) -> Response:
    """Answer StartJobRun: the run is STARTING, in its own thread and process, or it is WAITING."""
    name = data.get("JobName", "")
    job = seams.JOBS.value.get(name)
    if job is None:
        return refusal("EntityNotFoundException", f"Failed to start job run due to missing metadata: {name}")
    run = _new_run(dict(job), data)
    runs = seams.JOB_RUNS.value.setdefault(name, [])
    most = job.get("ExecutionProperty", _DEFAULT_EXECUTION_PROPERTY).get("MaxConcurrentRuns", 1)
    if not _queue.add(run, runs, most, may_wait=run.record["JobRunQueuingEnabled"]):
        return refusal("ConcurrentRunsExceededException", f"Concurrent runs exceeded for {name}")
    return answer({"JobRunId": run.record["Id"]})


def get_job_runs(data: dict[str, Any]) -> Response:
    """Answer GetJobRuns: newest first, in pages."""
    name, token = data.get("JobName", ""), str(data.get("NextToken") or 0)
    if name not in seams.JOBS.value and name not in seams.JOB_RUNS.value:
        return refusal("EntityNotFoundException", f"Job with name: {name} not found.")
    if not token.isdecimal():
        return refusal("InvalidInputException", f"Invalid NextToken: {token}")
    first, size = int(token), min(int(data.get("MaxResults") or _LARGEST_PAGE), _LARGEST_PAGE)
    runs = seams.JOB_RUNS.value.get(name, [])
    further = {"NextToken": str(first + size)} if len(runs) > first + size else {}
    return answer({"JobRuns": runs[first : first + size], **further})


def batch_stop_job_run(data: dict[str, Any]) -> Response:
    """Answer BatchStopJobRun: kill the processes of the runs."""
    name = data.get("JobName", "")
    known = {run["Id"] for run in seams.JOB_RUNS.value.get(name, [])}
    stopped, errors = [], []
    for run_id in data.get("JobRunIds", []):
        entry = {"JobName": name, "JobRunId": run_id}
        if run_id in known and _queue.stop(run_id):
            stopped.append(entry)
        else:
            code = "JobRunCannotBeStoppedException" if run_id in known else "EntityNotFoundException"
            told = "the run has ended" if run_id in known else "no such run"
            detail = {"ErrorCode": code, "ErrorMessage": f"Job run {run_id} cannot be stopped: {told}"}
            errors.append({**entry, "ErrorDetail": detail})
    return answer({"SuccessfulSubmissions": stopped, "Errors": errors})


def fail_interrupted() -> None:
    """Mark runs that an earlier process left unfinished as FAILED: their processes are gone."""
    for runs in seams.JOB_RUNS.value.all_values():
        for run in runs:
            if run["JobRunState"] in ACTIVE_STATES:
                run.update(JobRunState="FAILED", ErrorMessage=_INTERRUPTED, CompletedOn=time.time())


def stop_everything() -> None:
    """Kill all job processes. Called when the emulator stops."""
    _queue.stop_everything()


def run_arguments(job: dict[str, Any], given: dict[str, str], name: str, run_id: str) -> dict[str, str]:
    """Return the arguments of a script: the run's override the job's, non-overridable ones override both."""
    merged = {**job.get("DefaultArguments", {}), **given, **job.get("NonOverridableArguments", {})}
    return {**{key: str(value) for key, value in merged.items()}, "--JOB_NAME": name, "--JOB_RUN_ID": run_id}


def _new_run(job: dict[str, Any], data: dict[str, Any]) -> JobRun:
    run_id, now, name = f"jr_{secrets.token_hex(32)}", time.time(), data["JobName"]
    given = data.get("Arguments") or {}
    arguments = run_arguments(job, given, name, run_id)
    timeout = data.get("Timeout") or job.get("Timeout") or 480
    record = {
        "Id": run_id,
        "Attempt": 0,
        "JobName": name,
        "JobMode": "SCRIPT",
        "StartedOn": now,
        "LastModifiedOn": now,
        "JobRunState": "STARTING",
        "Arguments": given,
        "PredecessorRuns": [],
        "AllocatedCapacity": data.get("NumberOfWorkers") or job.get("NumberOfWorkers"),
        "MaxCapacity": float(data.get("NumberOfWorkers") or job.get("NumberOfWorkers") or 2),
        "ExecutionTime": 0,
        "Timeout": timeout,
        "WorkerType": data.get("WorkerType") or job.get("WorkerType"),
        "NumberOfWorkers": data.get("NumberOfWorkers") or job.get("NumberOfWorkers"),
        "LogGroupName": arguments.get(PREFIX_ARGUMENT, JOB_GROUP_PREFIX),
        "GlueVersion": job.get("GlueVersion"),
        "ExecutionClass": data.get("ExecutionClass") or job.get("ExecutionClass", "STANDARD"),
        "JobRunQueuingEnabled": bool(data.get("JobRunQueuingEnabled", job.get("JobRunQueuingEnabled", False))),
    }
    timeout_seconds = timeout * float(os.environ["GLUE_MINUTE_SECONDS"])
    return JobRun(job, record, arguments, glue_arn(f"job/{name}"), timeout_seconds)


def _keep_members(name: str, given: dict[str, Any]) -> None:
    seams.JOBS.value[name].update({member: given[member] for member in _KEPT_MEMBERS if member in given})

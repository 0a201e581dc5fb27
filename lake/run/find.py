"""Find the execution or the run that a user means: the last one, or one by name, ARN or run id."""

from __future__ import annotations

from _shared.contracts import naming
from _shared.contracts.messages import listed, shown, shown_address
from _shared.contracts.run_record import SKIPPED, RunRecord
from lake.aws import executions
from lake.context import Context
from lake.errors import UserMistakeError
from lake.ui.names import suggestion

_SUGGESTED_AMONG = 50


def find(context: Context, dataset: str, wanted: str | None) -> str:
    """Return the ARN of the named execution, or of the latest one if none is named.

    Raises
    ------
    UserMistakeError
        The execution does not exist.
    NotDeployedError
        The dataset is not deployed at the target.
    """
    if wanted is None:
        latest = executions.latest(context.aws, dataset, 1)
        if latest:
            return latest[0].arn
        msg = f"{dataset} has not run yet"
        raise UserMistakeError(msg, f"start a run with: lake run {dataset}")
    arn = _by_arn_or_name(context, dataset, wanted)
    if executions.exists(context.aws, arn):
        return arn
    record = context.records.run(dataset, wanted)
    if record is not None:
        return record.execution
    names = [it.name for it in executions.latest(context.aws, dataset, _SUGGESTED_AMONG)]
    msg = f"{dataset} has no run or execution {shown(wanted)}"
    raise UserMistakeError(msg, suggestion(wanted, names))


def find_running(context: Context, dataset: str, wanted: str | None) -> str:
    """Return the ARN of a running execution: the named one, or the only one.

    Raises
    ------
    UserMistakeError
        The execution has ended, none is running, or several are running and none is named.
    NotDeployedError
        The dataset is not deployed at the target.
    """
    if wanted is not None:
        arn = find(context, dataset, wanted)
        status = executions.describe(context.aws, arn).status
        if status == executions.RUNNING:
            return arn
        msg = f"{wanted} has ended already, as {status}"
        raise UserMistakeError(msg, f"see how with: lake watch {dataset} {wanted}")
    running = executions.latest(context.aws, dataset, _SUGGESTED_AMONG, running=True)
    if not running:
        msg = f"no run of {dataset} is under way"
        raise UserMistakeError(msg, f"see what ran with: lake history {dataset}")
    if len(running) > 1:
        msg = f"{len(running)} runs of {dataset} are under way: {listed([it.name for it in running])}"
        raise UserMistakeError(msg, f"name one, for example: lake stop {dataset} {running[0].name}")
    return running[0].arn


def _by_arn_or_name(context: Context, dataset: str, wanted: str) -> str:
    if not wanted.startswith("arn:"):
        return executions.execution_arn(context.aws, dataset, wanted)
    if f":execution:{naming.state_machine(context.environment.name, dataset)}:" in wanted:
        return wanted
    msg = f"{shown_address(wanted)} is not an execution of {dataset}"
    raise UserMistakeError(msg, f"see what ran with: lake history {dataset}")


def find_last(context: Context, dataset: str) -> RunRecord:
    """Return the record of the last attempt that has ended.

    Raises
    ------
    UserMistakeError
        No run has ended yet.
    """
    record = next(iter(context.records.runs(dataset, 1)), None)
    if record is None:
        msg = f"{dataset} has no run yet"
        raise UserMistakeError(msg, f"start one with: lake run {dataset}")
    return record


def find_record(context: Context, dataset: str, run_id: str, redrive_count: int = 0) -> RunRecord:
    """Return the record of one attempt of a run that has ended.

    Raises
    ------
    UserMistakeError
        There is no such run; the message has the nearest ones.
    """
    record = context.records.run(dataset, run_id, redrive_count)
    if record is None:
        known = [one.run_id for one in context.records.runs(dataset, _SUGGESTED_AMONG)]
        msg = f"{dataset} has no run {shown(run_id)} that has ended"
        raise UserMistakeError(msg, suggestion(run_id, known))
    return record


def find_processed(context: Context, dataset: str, run_id: str | None) -> RunRecord:
    """Return the record of a run, by default of the last one that processed a release.

    Raises
    ------
    UserMistakeError
        There is no such run, or none of the latest processed a release.
    """
    if run_id is not None:
        return find_record(context, dataset, run_id)
    latest = context.records.runs(dataset, _SUGGESTED_AMONG)
    record = next((one for one in latest if one.status != SKIPPED), None)
    if record is None:
        msg = f"{dataset}: none of the last {_SUGGESTED_AMONG} runs processed a release"
        raise UserMistakeError(msg, f"start one with: lake run {dataset} --force")
    return record

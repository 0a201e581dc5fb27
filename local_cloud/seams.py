"""Every name inside MiniStack that this package calls or replaces, and the one version that has them so."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from local_cloud.errors import UnsupportedEmulatorError

PINNED_VERSION = "1.5.33"


@dataclass(frozen=True)
class Seam:
    """A module-level name of MiniStack, which MiniStack itself looks up at each call.

    Parameters
    ----------
    module, name
        Where it is.
    """

    module: str
    name: str

    @property
    def value(self) -> Any:
        """What the name stands for now."""
        return getattr(import_module(self.module), self.name)

    def replace(self, value: object) -> None:
        """Let the name stand for something else."""
        setattr(import_module(self.module), self.name, value)

    @property
    def exists(self) -> bool:
        """Whether MiniStack has the name."""
        return hasattr(import_module(self.module), self.name)


_GLUE = "ministack.services.glue"
JOBS = Seam(_GLUE, "_jobs")
JOB_RUNS = Seam(_GLUE, "_job_runs")
CRAWLERS = Seam(_GLUE, "_crawlers")
CREATE_JOB = Seam(_GLUE, "_create_job")
UPDATE_JOB = Seam(_GLUE, "_update_job")
START_JOB_RUN = Seam(_GLUE, "_start_job_run")
BATCH_STOP_JOB_RUN = Seam(_GLUE, "_batch_stop_job_run")
START_CRAWLER = Seam(_GLUE, "_start_crawler")
STOP_CRAWLER = Seam(_GLUE, "_stop_crawler")
RESTORE_GLUE = Seam(_GLUE, "_restore_state")
CLOUDFORMATION_JOB_MEMBERS = Seam("ministack.services.cloudformation.provisioners", "_GLUE_JOB_DEFAULTS")

_STEP_FUNCTIONS = "ministack.services.stepfunctions"
EXECUTIONS = Seam(_STEP_FUNCTIONS, "_executions")
STATE_MACHINES = Seam(_STEP_FUNCTIONS, "_state_machines")
RUN_EXECUTION = Seam(_STEP_FUNCTIONS, "_run_execution")
FAIL_EXECUTION = Seam(_STEP_FUNCTIONS, "_fail_execution")
INVOKE_RESOURCE = Seam(_STEP_FUNCTIONS, "_invoke_resource")
INVOKE_RESOURCE_WITH_TIMEOUT = Seam(_STEP_FUNCTIONS, "_invoke_resource_with_timeout")
ADD_EVENT = Seam(_STEP_FUNCTIONS, "_add_event")
EMIT_STATUS_EVENT = Seam(_STEP_FUNCTIONS, "_emit_execution_status_event")
EXECUTION_ERROR = Seam(_STEP_FUNCTIONS, "_ExecutionError")

EXECUTE_FUNCTION = Seam("ministack.services.lambda_svc", "_execute_function_warm")
ROLES = Seam("ministack.services.iam", "_roles")
REGISTER_SESSION = Seam("ministack.services.sts", "register_session")
EXTRACT_RESOURCE_ARN = Seam("ministack.core.iam_actions", "extract_resource_arn")
ENFORCE = Seam("ministack.core.iam_evaluator", "enforce")
EVALUATE_TRUST_POLICY = Seam("ministack.core.iam_evaluator", "evaluate_trust_policy")
EVAL_CONTEXT = Seam("ministack.core.iam_evaluator", "EvalContext")

_RESPONSES = "ministack.core.responses"
ACCOUNT_ID = Seam(_RESPONSES, "get_account_id")
CURRENT_REGION = Seam(_RESPONSES, "get_region")
JSON_RESPONSE = Seam(_RESPONSES, "json_response")
ERROR_RESPONSE = Seam(_RESPONSES, "error_response_json")
NOW_ISO = Seam(_RESPONSES, "now_iso")
PIN_REQUEST_ORIGIN = Seam("ministack.app", "pin_request_origin")
MAIN = Seam("ministack.app", "main")

ALL_SEAMS = tuple(value for value in list(globals().values()) if isinstance(value, Seam))


def check_emulator(seams: tuple[Seam, ...] = ALL_SEAMS) -> None:
    """Refuse any other MiniStack than the pinned one.

    Raises
    ------
    UnsupportedEmulatorError
        MiniStack is missing, has another version, or lacks a name that this package calls or replaces.
    """
    remedy = f"install the locked environment (ministack[full]=={PINNED_VERSION})"
    try:
        installed = version("ministack")
    except PackageNotFoundError as error:
        what = "MiniStack is not installed"
        raise UnsupportedEmulatorError(what, remedy) from error
    if installed != PINNED_VERSION:
        what = f"MiniStack {installed} is installed, and the local cloud is made for {PINNED_VERSION}"
        raise UnsupportedEmulatorError(what, remedy)
    missing = [f"{seam.module}.{seam.name}" for seam in seams if not seam.exists]
    if missing:
        what = f"MiniStack {installed} lacks what the local cloud needs: {', '.join(missing)}"
        raise UnsupportedEmulatorError(what, remedy)

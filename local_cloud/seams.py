"""All names inside MiniStack that this package calls or replaces, and the version that they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from local_cloud.errors import UnsupportedEmulatorError

PINNED_VERSION = "1.5.33"


@dataclass(frozen=True)
class Seam:
    """A module-level name of MiniStack. MiniStack looks it up at each call, so it can be replaced."""

    module: str
    name: str

    @property
    def value(self) -> Any:
        """The present value of the name."""
        return getattr(import_module(self.module), self.name)

    def replace(self, value: object) -> None:
        """Assign another value to the name."""
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
GET_JOB_RUNS = Seam(_GLUE, "_get_job_runs")
BATCH_STOP_JOB_RUN = Seam(_GLUE, "_batch_stop_job_run")
START_CRAWLER = Seam(_GLUE, "_start_crawler")
STOP_CRAWLER = Seam(_GLUE, "_stop_crawler")
RESTORE_GLUE = Seam(_GLUE, "_restore_state")
_PROVISIONERS = "ministack.services.cloudformation.provisioners"
CLOUDFORMATION_JOB_MEMBERS = Seam(_PROVISIONERS, "_GLUE_JOB_DEFAULTS")
CLOUDFORMATION_BUCKET_MEMBERS = Seam(_PROVISIONERS, "_S3_BUCKET_CONFIGURATIONS")
CLOUDFORMATION_HANDLERS = Seam(_PROVISIONERS, "_RESOURCE_HANDLERS")

ATHENA_QUERIES = Seam("ministack.services.athena", "_executions")

_STEP_FUNCTIONS = "ministack.services.stepfunctions"
EXECUTIONS = Seam(_STEP_FUNCTIONS, "_executions")
STATE_MACHINES = Seam(_STEP_FUNCTIONS, "_state_machines")
HANDLE_STATES_REQUEST = Seam(_STEP_FUNCTIONS, "handle_request")
DESCRIBE_EXECUTION = Seam(_STEP_FUNCTIONS, "_describe_execution")
DESCRIBE_MACHINE_FOR_EXECUTION = Seam(_STEP_FUNCTIONS, "_describe_state_machine_for_execution")
LIST_EXECUTIONS = Seam(_STEP_FUNCTIONS, "_list_executions")
START_EXECUTION = Seam(_STEP_FUNCTIONS, "_start_execution")
RESTORE_EXECUTIONS = Seam(_STEP_FUNCTIONS, "_restore_state")
STOP_EXECUTION = Seam(_STEP_FUNCTIONS, "_stop_execution")
RUN_EXECUTION = Seam(_STEP_FUNCTIONS, "_run_execution")
FAIL_EXECUTION = Seam(_STEP_FUNCTIONS, "_fail_execution")
EXECUTE_PASS = Seam(_STEP_FUNCTIONS, "_execute_pass")
EXECUTE_TASK = Seam(_STEP_FUNCTIONS, "_execute_task")
EXECUTE_CHOICE = Seam(_STEP_FUNCTIONS, "_execute_choice")
EXECUTE_WAIT = Seam(_STEP_FUNCTIONS, "_execute_wait")
EXECUTE_PARALLEL = Seam(_STEP_FUNCTIONS, "_execute_parallel")
EXECUTE_MAP = Seam(_STEP_FUNCTIONS, "_execute_map")
FAIL_STATE_ERROR = Seam(_STEP_FUNCTIONS, "_fail_state_error")
APPLY_INPUT_PATH = Seam(_STEP_FUNCTIONS, "_apply_input_path")
APPLY_OUTPUT_PATH = Seam(_STEP_FUNCTIONS, "_apply_output_path")
FIND_RETRIER = Seam(_STEP_FUNCTIONS, "_find_matching_retrier")
SCALED_SLEEP = Seam(_STEP_FUNCTIONS, "_scaled_sleep")
WAIT_SCALE = Seam(_STEP_FUNCTIONS, "_SFN_WAIT_SCALE")
INVOKE_RESOURCE = Seam(_STEP_FUNCTIONS, "_invoke_resource")
INVOKE_RESOURCE_WITH_TIMEOUT = Seam(_STEP_FUNCTIONS, "_invoke_resource_with_timeout")
ADD_EVENT = Seam(_STEP_FUNCTIONS, "_add_event")
EMIT_STATUS_EVENT = Seam(_STEP_FUNCTIONS, "_emit_execution_status_event")
EXECUTION_ERROR = Seam(_STEP_FUNCTIONS, "_ExecutionError")

_EVENTS = "ministack.services.eventbridge"
PUT_EVENTS = Seam(_EVENTS, "_put_events")
INVOKE_TARGET = Seam(_EVENTS, "_invoke_target")
DISPATCH_TO_LAMBDA = Seam(_EVENTS, "_dispatch_to_lambda")
DISPATCH_TO_SQS = Seam(_EVENTS, "_dispatch_to_sqs")
TOPIC_BY_ARN = Seam("ministack.services.sns", "_topic_by_arn_any_scope")
SQS_HANDLERS = Seam("ministack.services.sqs", "_HANDLERS")
QUEUE_BY_ARN = Seam("ministack.services.sqs", "_queue_by_arn")
KEY_POLICY_FOR_ARN = Seam("ministack.services.kms", "key_policy_for_arn")

_S3 = "ministack.services.s3"
BUCKETS = Seam(_S3, "_buckets")
PUT_BUCKET_ENCRYPTION = Seam(_S3, "_put_bucket_encryption")
DELETE_BUCKET_ENCRYPTION = Seam(_S3, "_delete_bucket_encryption")
BUCKET_ENCRYPTION = Seam(_S3, "_bucket_default_sse_headers")
OBJECT_ENCRYPTION = Seam(_S3, "_stored_sse_headers")

_LAMBDA = "ministack.services.lambda_svc"
EXECUTE_FUNCTION = Seam(_LAMBDA, "_execute_function_warm")
FUNCTION_OF_REFERENCE = Seam(_LAMBDA, "_get_func_record_for_ref")
FUNCTION_WITH_CONFIG = Seam(_LAMBDA, "_execution_record_for_config")
FUNCTION_POLICY_FOR_ARN = Seam(_LAMBDA, "function_policy_for_arn")
IMPORTED_EXECUTION_CREDENTIALS = Seam(_LAMBDA, "execution_credentials")
EXECUTION_CREDENTIALS = Seam("ministack.core.lambda_runtime", "execution_credentials")
INVOKE_ASYNC = Seam(_LAMBDA, "invoke_async_with_retry")
ROUTE_ASYNC_FAILURE = Seam(_LAMBDA, "_route_async_failure")
EMIT_LAMBDA_LOGS = Seam(_LAMBDA, "_emit_lambda_logs")
PUT_LOG_EVENTS = Seam("ministack.services.cloudwatch_logs", "_put_log_events")
_METRICS = "ministack.services.cloudwatch"
METRIC_POINTS = Seam(_METRICS, "_metrics")
ALARMS = Seam(_METRICS, "_alarms")
STORE_DATUM = Seam(_METRICS, "_store_datum")
RECORD_METRIC = Seam(_METRICS, "record_metric")
EVALUATE_ALARM = Seam(_METRICS, "_evaluate_alarm")
EVALUATE_ALL_ALARMS = Seam(_METRICS, "_evaluate_all_alarms")
RECORD_ALARM_HISTORY = Seam(_METRICS, "_record_history")
DISPATCH_ALARM_ACTIONS = Seam(_METRICS, "_dispatch_alarm_actions")
EVALUATE_PARENT_ALARMS = Seam(_METRICS, "_evaluate_parent_alarms")
STAT_VALUE = Seam(_METRICS, "_stat_value")
CALC_STATS = Seam(_METRICS, "_calc_stats")
ROLES = Seam("ministack.services.iam", "_roles")
REGISTER_SESSION = Seam("ministack.services.sts", "register_session")
ACCOUNT_OF_ACCESS_KEY = Seam("ministack.services.sts", "_access_key_account")
DETECT_SERVICE = Seam("ministack.core.router", "detect_service")
EXTRACT_RESOURCE_ARN = Seam("ministack.core.iam_actions", "extract_resource_arn")
ACCESS_DENIED_RESPONSE = Seam("ministack.core.iam_actions", "access_denied_response")
_EVALUATOR = "ministack.core.iam_evaluator"
ENFORCE = Seam(_EVALUATOR, "enforce")
EVALUATE_RESOURCE_POLICY = Seam(_EVALUATOR, "evaluate_resource_policy")
EVALUATE_TRUST_POLICY = Seam(_EVALUATOR, "evaluate_trust_policy")
EVAL_CONTEXT = Seam(_EVALUATOR, "EvalContext")
IS_ROOT_ACCESS_KEY = Seam(_EVALUATOR, "is_root_access_key")
RESOLVE_CREDENTIAL = Seam(_EVALUATOR, "resolve_credential")
CREDENTIAL_ERROR = Seam(_EVALUATOR, "CredentialResolutionError")
_SIGNATURES = "ministack.core.sigv4"
PARSE_HEADER_SIGNATURE = Seam(_SIGNATURES, "parse_header_signature")
PARSE_QUERY_SIGNATURE = Seam(_SIGNATURES, "parse_query_signature")
REQUEST_TIME_FAILURE = Seam(_SIGNATURES, "request_time_failure")
SIGNATURE_FAILURE = Seam(_SIGNATURES, "header_signature_failure")

_RESPONSES = "ministack.core.responses"
ACCOUNT_ID = Seam(_RESPONSES, "get_account_id")
CURRENT_REGION = Seam(_RESPONSES, "get_region")
JSON_RESPONSE = Seam(_RESPONSES, "json_response")
ERROR_RESPONSE = Seam(_RESPONSES, "error_response_json")
NOW_ISO = Seam(_RESPONSES, "now_iso")
PIN_REQUEST_ORIGIN = Seam("ministack.app", "pin_request_origin")
SAVE_ALL = Seam("ministack.app", "save_all")
STATE_TO_SAVE = Seam("ministack.app", "_build_persistence_save_dict")
SAVE_STATE = Seam("ministack.core.persistence", "save_state")
ENCODE_STATE = Seam("ministack.core.persistence", "_json_default")
DECODE_STATE = Seam("ministack.core.persistence", "_json_object_hook")
LOAD_STATE = Seam("ministack.app", "load_state")
CREDENTIAL_FAILURE = Seam("ministack.app", "_credential_failure")
APP = Seam("ministack.app", "app")
MAIN = Seam("ministack.app", "main")

ALL_SEAMS = tuple(value for value in list(globals().values()) if isinstance(value, Seam))


def check_emulator(seams: tuple[Seam, ...] = ALL_SEAMS) -> None:
    """Check that the installed MiniStack is the pinned version and has all names.

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

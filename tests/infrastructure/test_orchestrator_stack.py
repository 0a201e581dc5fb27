from __future__ import annotations

import json

import pytest

from _shared.contracts.dataset import DatasetConfig
from config.datasets import dataset_names
from tests.infrastructure.conftest import Synthesized, spelt_out

FUNCTIONS = {
    "prod-nsde-fetch-and-hash": {"Timeout": 900, "MemorySize": 1024},
    "prod-nsde-retry-job": {"Timeout": 30, "MemorySize": 256},
    "prod-nsde-crawl-bronze": {"Timeout": 60, "MemorySize": 256},
    "prod-nsde-update-manifest": {"Timeout": 300, "MemorySize": 512},
    "prod-nsde-record-failure": {"Timeout": 120, "MemorySize": 256},
    "prod-nsde-trigger": {"Timeout": 30, "MemorySize": 256},
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_runs_on_arm_with_json_logs_and_traces(prod: Synthesized, name: str) -> None:
    function = prod.only("AWS::Lambda::Function", FunctionName=name)
    assert function["Runtime"] == "python3.11"
    assert function["Architectures"] == ["arm64"]
    assert function["Handler"] == "app.handler"
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["TracingConfig"] == {"Mode": "Active"}
    assert {key: function[key] for key in FUNCTIONS[name]} == FUNCTIONS[name]
    assert len(function["Layers"]) == 1


@pytest.mark.parametrize("name", FUNCTIONS)
def test_function_logs_to_its_own_encrypted_group_with_retention(prod: Synthesized, name: str) -> None:
    group = prod.only("AWS::Logs::LogGroup", LogGroupName=f"/aws/lambda/{name}")
    assert group["RetentionInDays"] == 365
    assert "KmsKeyId" in group


def test_functions_know_what_their_code_reads(prod: Synthesized) -> None:
    variables = {
        function["FunctionName"]: function["Environment"]["Variables"]
        for function in prod.resources("AWS::Lambda::Function").values()
    }
    fetch = variables["prod-nsde-fetch-and-hash"]
    assert spelt_out(fetch["LAKE_BUCKET"]) == "prod-pp-raws-lake-<AWS::AccountId>-<AWS::Region>"
    assert fetch["PIPELINE_FINGERPRINT"] == prod.artefacts.fingerprint
    assert fetch["ALLOWED_SOURCE_SCHEMES"] == "https"
    assert "download.open.fda.gov" in fetch["ALLOWED_SOURCE_HOSTS"].split(",")
    for name in ("prod-nsde-crawl-bronze", "prod-nsde-update-manifest", "prod-nsde-record-failure"):
        assert variables[name]["LAKE_BUCKET"] == fetch["LAKE_BUCKET"]
    assert variables["prod-nsde-crawl-bronze"]["CRAWLER_NAME"] == prod.only("AWS::Glue::Crawler")["Name"]
    assert "Alerts" in spelt_out(variables["prod-nsde-record-failure"]["ALERT_TOPIC_ARN"])
    arn = spelt_out(variables["prod-nsde-trigger"]["STATE_MACHINE_ARN"])
    assert arn.endswith(":stateMachine:prod-nsde-orchestrator")


def test_lease_lasts_as_long_as_the_longest_execution(prod: Synthesized, definition: dict[str, int]) -> None:
    fetch = prod.only("AWS::Lambda::Function", FunctionName="prod-nsde-fetch-and-hash")
    assert int(fetch["Environment"]["Variables"]["LEASE_SECONDS"]) == definition["TimeoutSeconds"]


@pytest.mark.parametrize("layer", ["bronze", "silver"])
def test_job_is_bounded_and_never_retries_by_itself(prod: Synthesized, nsde: DatasetConfig, layer: str) -> None:
    job = prod.only("AWS::Glue::Job", Name=f"prod-nsde-{layer}-job")
    assert job["GlueVersion"] == "5.1"
    assert job["Command"]["Name"] == "glueetl"
    assert (job["WorkerType"], job["NumberOfWorkers"]) == (nsde.worker_type, nsde.number_of_workers)
    assert job["Timeout"] == nsde.job_timeout_minutes
    assert job["MaxRetries"] == 0
    assert job["ExecutionProperty"] == {"MaxConcurrentRuns": 1}


@pytest.mark.parametrize("layer", ["bronze", "silver"])
def test_job_arguments(prod: Synthesized, layer: str) -> None:
    arguments = prod.only("AWS::Glue::Job", Name=f"prod-nsde-{layer}-job")["DefaultArguments"]
    assert spelt_out(arguments["--lake_bucket"]) == "prod-pp-raws-lake-<AWS::AccountId>-<AWS::Region>"
    assert arguments["--dataset"] == "nsde"
    assert arguments["--layer"] == layer
    assert arguments["--custom-logGroup-prefix"] == "/aws-glue/jobs/prod-nsde"
    groups = prod.resources("AWS::Logs::LogGroup").values()
    assert {f"/aws-glue/jobs/prod-nsde/{kind}" for kind in ("output", "error")} <= {
        group["LogGroupName"] for group in groups if isinstance(group["LogGroupName"], str)
    }
    assert arguments["--job-bookmark-option"] == "job-bookmark-disable"
    assert arguments["--enable-continuous-cloudwatch-log"] == "true"
    assert "--enable-metrics" in arguments


def test_jobs_run_the_script_and_the_library_that_were_built(prod: Synthesized) -> None:
    uploaded = {path.name: path.read_bytes() for path in prod.directory.glob("asset.*") if path.is_file()}
    for layer in ("bronze", "silver"):
        job = prod.only("AWS::Glue::Job", Name=f"prod-nsde-{layer}-job")
        for address, source in (
            (job["Command"]["ScriptLocation"], prod.artefacts.job_script),
            (job["DefaultArguments"]["--extra-py-files"], prod.artefacts.glue_library),
        ):
            name = spelt_out(address).rsplit("/", 1)[1]
            assert uploaded[f"asset.{name}"] == source.read_bytes()


def test_logs_and_bookmarks_of_glue_are_encrypted(prod: Synthesized) -> None:
    [security] = prod.resources("AWS::Glue::SecurityConfiguration")
    encryption = prod.only("AWS::Glue::SecurityConfiguration")["EncryptionConfiguration"]
    assert encryption["CloudWatchEncryption"]["CloudWatchEncryptionMode"] == "SSE-KMS"
    assert encryption["JobBookmarksEncryption"]["JobBookmarksEncryptionMode"] == "CSE-KMS"
    for job in prod.resources("AWS::Glue::Job").values():
        assert job["SecurityConfiguration"] == {"Ref": security}
    assert prod.only("AWS::Glue::Crawler")["CrawlerSecurityConfiguration"] == {"Ref": security}


def test_the_lakes_key_encrypts_definition_and_history_of_the_state_machine(prod: Synthesized) -> None:
    encryption = prod.only("AWS::StepFunctions::StateMachine")["EncryptionConfiguration"]
    assert encryption["Type"] == "CUSTOMER_MANAGED_KMS_KEY"
    assert "EncryptionKey" in json.dumps(encryption["KmsKeyId"])
    policy = prod.only("AWS::KMS::Key")["KeyPolicy"]["Statement"]
    (delivery,) = [one for one in policy if one.get("Sid") == "DeliverLogsOfEncryptedStateMachines"]
    assert (delivery["Principal"], delivery["Action"]) == ({"Service": "delivery.logs.amazonaws.com"}, "kms:Decrypt")


def test_local_cloud_gets_no_resource_that_it_does_not_have(local: Synthesized) -> None:
    assert not local.resources("AWS::Glue::SecurityConfiguration")
    assert not [kind for kind in local.orchestrator["Resources"].values() if kind["Type"].startswith("Custom::")]


def test_crawler_makes_one_table_of_each_member(each: Synthesized) -> None:
    crawler = each.only("AWS::Glue::Crawler", Name=each.dataset.bronze_crawler_name)
    paths = [spelt_out(target["Path"]) for target in crawler["Targets"]["S3Targets"]]
    bucket = "prod-pp-raws-lake-<AWS::AccountId>-<AWS::Region>"
    assert paths == [f"s3://{bucket}/bronze/{member.table}/" for member in each.dataset.members]
    assert crawler["DatabaseName"] == each.dataset.database_name
    assert crawler["TablePrefix"] == "bronze_"
    assert crawler["SchemaChangePolicy"] == {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "LOG"}
    assert crawler["RecrawlPolicy"] == {"RecrawlBehavior": "CRAWL_EVERYTHING"}
    configuration = json.loads(crawler["Configuration"])
    assert len(paths) == len(set(paths))
    depth = len(paths[0].removeprefix("s3://").rstrip("/").split("/"))
    assert configuration["Grouping"] == {
        "TableGroupingPolicy": "CombineCompatibleSchemas",
        "TableLevelConfiguration": depth,
    }
    # Its role may not make an index.
    assert configuration["CreatePartitionIndex"] is False
    assert configuration["CrawlerOutput"]["Partitions"] == {"AddOrUpdateBehavior": "InheritFromTable"}


def test_state_machine_is_logged_in_full_and_traced(prod: Synthesized) -> None:
    machine = prod.only("AWS::StepFunctions::StateMachine", StateMachineName="prod-nsde-orchestrator")
    assert machine["StateMachineType"] == "STANDARD"
    assert machine["TracingConfiguration"] == {"Enabled": True}
    logging = machine["LoggingConfiguration"]
    assert (logging["Level"], logging["IncludeExecutionData"]) == ("ALL", True)
    group = prod.only("AWS::Logs::LogGroup", LogGroupName="/aws/vendedlogs/states/prod-nsde-orchestrator")
    assert group["RetentionInDays"] == 365


def test_schedule_invokes_the_trigger_with_the_scheduled_time(prod: Synthesized, nsde: DatasetConfig) -> None:
    schedule = prod.only("AWS::Scheduler::Schedule")
    assert nsde.schedule is not None
    assert schedule["ScheduleExpression"] == nsde.schedule.expression
    assert schedule["ScheduleExpressionTimezone"] == nsde.schedule.time_zone
    assert json.loads(schedule["Target"]["Input"]) == {"scheduled_at": "<aws.scheduler.scheduled-time>"}
    assert schedule["Target"]["RetryPolicy"] == {"MaximumEventAgeInSeconds": 7200, "MaximumRetryAttempts": 3}
    assert "DeadLetters" in spelt_out(schedule["Target"]["DeadLetterConfig"]["Arn"])


def test_schedule_is_on_only_where_the_environment_says(prod: Synthesized, local: Synthesized) -> None:
    assert prod.only("AWS::Scheduler::Schedule")["State"] == "ENABLED"
    assert local.only("AWS::Scheduler::Schedule")["State"] == "DISABLED"


def test_uploaded_code_has_no_bytecode(prod: Synthesized) -> None:
    uploaded = [path for path in prod.directory.glob("asset.*") if path.is_dir()]
    assert len(uploaded) == 1 + len(FUNCTIONS) * len(dataset_names())
    assert not [path for folder in uploaded for path in folder.rglob("__pycache__")]

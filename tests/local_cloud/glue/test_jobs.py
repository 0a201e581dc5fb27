"""Glue jobs really run, as their role, and say what became of them."""

from __future__ import annotations

import io
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local_cloud.glue.jobs.class_archive import default_path
from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, execute, make_role, make_state_machine, one_task, wait_for

BUCKET = "local-cloud-jobs"
LOGS = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
ENDED = {"SUCCEEDED", "FAILED", "TIMEOUT", "STOPPED"}
WRITES = """
import json, os, sys
from awsglue.utils import getResolvedOptions
from greeting.words import hello
from pyspark.sql import SparkSession

options = getResolvedOptions(sys.argv, ["JOB_NAME", "target", "rows"])
spark = SparkSession.builder.getOrCreate()
table = spark.range(int(options["rows"])).selectExpr("id", f"'{hello()}' as greeting", "id % 2 as half")
table.write.mode("overwrite").option("compression", "zstd").parquet(options["target"])
counts = spark.read.parquet(options["target"].replace("s3://", "s3a://")).groupBy("half").count().collect()
try:
    import local_cloud
    found = True
except ImportError:
    found = False
print(json.dumps({"counts": sorted(row["count"] for row in counts), "job": options["JOB_NAME"],
                  "repository": found, "directory": os.getcwd()}))
"""


@pytest.fixture(scope="module")
def jobs(cloud: CloudUnderTest) -> Any:
    """A bucket with scripts, and a role that may write below ``out/`` and nowhere else."""
    s3, glue = cloud.client("s3"), cloud.client("glue")
    s3.create_bucket(Bucket=BUCKET)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("greeting/__init__.py", "")
        package.writestr("greeting/words.py", "def hello() -> str:\n    return 'hello'\n")
    s3.put_object(Bucket=BUCKET, Key="code/modules.zip", Body=archive.getvalue())
    scripts = {
        "writes": WRITES,
        "raises": "print('before')\nraise ValueError('line 7 has no NDC')\n",
        "naps": "import time\ntime.sleep(1.5)\n",
        "sleeps": "import time\nprint('asleep', flush=True)\ntime.sleep(300)\n",
    }
    bucket = f"arn:aws:s3:::{BUCKET}"
    role = make_role(
        cloud, "job-role", "glue.amazonaws.com",
        allow(["s3:GetObject"], [f"{bucket}/code/*"]),
        allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [f"{bucket}/out/*"]),
        allow(["s3:ListBucket"], [bucket]),
        allow(LOGS, ["arn:aws:logs:*:*:log-group:/aws-glue/jobs/*:*"]),
    )  # fmt: skip
    for name, script in scripts.items():
        s3.put_object(Bucket=BUCKET, Key=f"code/{name}.py", Body=script.encode())
        glue.create_job(
            Name=name, Role=role, GlueVersion="5.1", WorkerType="G.1X", NumberOfWorkers=2, Timeout=60,
            Command={"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/code/{name}.py", "PythonVersion": "3"},
            DefaultArguments={"--extra-py-files": f"s3://{BUCKET}/code/modules.zip", "--enable-metrics": "",
                              "--rows": "7", "--target": f"s3://{BUCKET}/out/table/"},
        )  # fmt: skip
    return glue


def start(glue: Any, name: str, **arguments: str) -> dict[str, Any]:
    run_id = glue.start_job_run(JobName=name, Arguments={f"--{key}": value for key, value in arguments.items()})[
        "JobRunId"
    ]
    return {"JobName": name, "RunId": run_id}


def ended(glue: Any, run: dict[str, Any]) -> dict[str, Any]:
    return wait_for(lambda: glue.get_job_run(**run)["JobRun"], lambda told: told["JobRunState"] in ENDED)


def lines(cloud: CloudUnderTest, run: dict[str, Any], stream: str) -> list[str]:
    events = cloud.client("logs").get_log_events(logGroupName=f"/aws-glue/jobs/{stream}", logStreamName=run["RunId"])
    return [event["message"] for event in events["events"]]


def test_a_job_runs_the_deployed_script_with_its_modules_and_writes_parquet(cloud: CloudUnderTest, jobs: Any) -> None:
    run = start(jobs, "writes", rows="10")
    assert jobs.get_job_run(**run)["JobRun"]["JobRunState"] in {"STARTING", "RUNNING"}
    told = ended(jobs, run)
    assert told["JobRunState"] == "SUCCEEDED", told
    assert told["Arguments"] == {"--rows": "10"}
    keys = [
        entry["Key"] for entry in cloud.client("s3").list_objects_v2(Bucket=BUCKET, Prefix="out/table/")["Contents"]
    ]
    assert any(key.endswith(".zstd.parquet") for key in keys)
    assert default_path().is_file(), "the first job keeps Java's archive of classes for the next"
    (line,) = lines(cloud, run, "output")
    printed = json.loads(line)
    assert printed["counts"] == [5, 5]
    assert printed["job"] == "writes"
    assert printed["repository"] is False
    assert not Path(printed["directory"]).exists()


def test_a_job_that_writes_outside_its_prefix_fails(jobs: Any) -> None:
    told = ended(jobs, start(jobs, "writes", target=f"s3://{BUCKET}/elsewhere/"))
    assert told["JobRunState"] == "FAILED"
    assert "AccessDenied" in told["ErrorMessage"]


def test_a_job_that_raises_fails_with_the_exception(cloud: CloudUnderTest, jobs: Any) -> None:
    run = start(jobs, "raises")
    told = ended(jobs, run)
    assert told["JobRunState"] == "FAILED"
    assert told["ErrorMessage"] == "ValueError: line 7 has no NDC"
    assert lines(cloud, run, "output") == ["before"]
    assert lines(cloud, run, "error")[-1] == "ValueError: line 7 has no NDC"


def test_a_stopped_job_is_stopped_and_its_process_is_gone(jobs: Any) -> None:
    run = start(jobs, "sleeps")
    wait_for(lambda: jobs.get_job_run(**run)["JobRun"], lambda told: told["JobRunState"] == "RUNNING")
    with pytest.raises(jobs.exceptions.ConcurrentRunsExceededException):
        start(jobs, "sleeps")
    answer = jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[run["RunId"], "jr_none"])
    assert [entry["JobRunId"] for entry in answer["SuccessfulSubmissions"]] == [run["RunId"]]
    assert answer["Errors"][0]["ErrorDetail"]["ErrorCode"] == "EntityNotFoundException"
    assert ended(jobs, run)["JobRunState"] == "STOPPED"
    going = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert run["RunId"] not in going


def test_a_run_has_the_states_of_glue_and_times_that_fit(jobs: Any) -> None:
    run = start(jobs, "naps")
    seen: dict[str, dict[str, Any]] = {}

    def look() -> dict[str, Any]:
        told: dict[str, Any] = jobs.get_job_run(**run)["JobRun"]
        seen.setdefault(told["JobRunState"], told)
        return told

    told = wait_for(look, lambda told: told["JobRunState"] in ENDED)
    assert list(seen) == ["STARTING", "RUNNING", "SUCCEEDED"]
    assert "CompletedOn" not in seen["RUNNING"]
    assert told["StartedOn"] < told["CompletedOn"] <= told["LastModifiedOn"]
    assert 1 <= told["ExecutionTime"] <= (told["CompletedOn"] - told["StartedOn"]).total_seconds()
    assert (told["WorkerType"], told["NumberOfWorkers"], told["GlueVersion"], told["Timeout"]) == ("G.1X", 2, "5.1", 60)
    assert told["LogGroupName"] == "/aws-glue/jobs"


def test_what_a_job_says_can_be_read_while_it_runs(cloud: CloudUnderTest, jobs: Any) -> None:
    run = start(jobs, "sleeps")
    streams = {"logGroupName": "/aws-glue/jobs/output", "logStreamNamePrefix": run["RunId"]}
    wait_for(lambda: {"streams": cloud.client("logs").describe_log_streams(**streams)["logStreams"]},
             lambda told: bool(told["streams"]))  # fmt: skip
    assert lines(cloud, run, "output") == ["asleep"]
    assert jobs.get_job_run(**run)["JobRun"]["JobRunState"] == "RUNNING"
    jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[run["RunId"]])
    assert ended(jobs, run)["JobRunState"] == "STOPPED"


@pytest.mark.usefixtures("jobs")
def test_a_job_that_takes_too_long_is_timed_out(cloud: CloudUnderTest) -> None:
    actions = ["glue:StartJobRun", "glue:GetJobRun"]
    role = make_role(cloud, "starts-slow-jobs", "states.amazonaws.com", allow(actions, ["arn:aws:glue:*:*:job/sleeps"]))
    definition = one_task("arn:aws:states:::glue:startJobRun.sync", {"JobName": "sleeps", "Timeout": 1})
    told = execute(cloud, make_state_machine(cloud, "runs-a-slow-job", role, definition))
    assert (told["status"], told["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(told["cause"])
    assert (run["JobRunState"], run["Timeout"]) == ("TIMEOUT", 1)
    assert "timeout of 1 minutes" in run["ErrorMessage"]
    going = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert run["Id"] not in going


def test_runs_of_a_job_with_queueing_wait_for_their_turn(jobs: Any) -> None:
    runs = [start(jobs, "sleeps")]
    for _ in range(2):
        queued = jobs.start_job_run(JobName="sleeps", JobRunQueuingEnabled=True)
        runs.append({"JobName": "sleeps", "RunId": queued["JobRunId"]})
    assert [jobs.get_job_run(**run)["JobRun"]["JobRunState"] for run in runs[1:]] == ["WAITING", "WAITING"]
    assert jobs.get_job_run(**runs[1])["JobRun"]["JobRunQueuingEnabled"] is True
    jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[runs[2]["RunId"]])
    assert ended(jobs, runs[2])["ExecutionTime"] == 0
    jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[runs[0]["RunId"]])
    assert ended(jobs, runs[0])["JobRunState"] == "STOPPED"
    wait_for(lambda: jobs.get_job_run(**runs[1])["JobRun"], lambda told: told["JobRunState"] == "RUNNING")
    jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[runs[1]["RunId"]])
    assert ended(jobs, runs[1])["JobRunState"] == "STOPPED"
    again = jobs.batch_stop_job_run(JobName="sleeps", JobRunIds=[runs[1]["RunId"]])
    assert again["Errors"][0]["ErrorDetail"]["ErrorCode"] == "JobRunCannotBeStoppedException"


def test_runs_are_listed_newest_first_and_page_by_page(jobs: Any) -> None:
    script = f"s3://{BUCKET}/code/raises.py"
    jobs.create_job(Name="listed", Role="job-role", GlueVersion="4.0",
                    Command={"Name": "glueetl", "ScriptLocation": script})  # fmt: skip
    runs = []
    for _ in range(3):
        runs.append(start(jobs, "listed"))
        ended(jobs, runs[-1])
    first = jobs.get_job_runs(JobName="listed", MaxResults=2)
    second = jobs.get_job_runs(JobName="listed", MaxResults=2, NextToken=first["NextToken"])
    listed = [run["Id"] for page in (first, second) for run in page["JobRuns"]]
    assert listed == [run["RunId"] for run in reversed(runs)]
    assert "NextToken" not in second
    with pytest.raises(jobs.exceptions.EntityNotFoundException):
        jobs.get_job_runs(JobName="unknown")


def test_a_job_whose_role_does_not_trust_glue_fails(cloud: CloudUnderTest, jobs: Any) -> None:
    role = make_role(cloud, "not-for-glue", "lambda.amazonaws.com", allow(["s3:*"], ["*"]))
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/code/raises.py"}
    jobs.create_job(Name="untrusted", Role=role, GlueVersion="5.1", Command=command)
    told = ended(jobs, start(jobs, "untrusted"))
    assert told["JobRunState"] == "FAILED"
    assert "not authorized to assume" in told["ErrorMessage"]


def test_a_job_that_may_not_read_its_script_fails_by_name(cloud: CloudUnderTest, jobs: Any) -> None:
    role = make_role(cloud, "reads-nothing", "glue.amazonaws.com")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{BUCKET}/code/raises.py"}
    jobs.create_job(Name="unreadable", Role=role, GlueVersion="5.1", Command=command)
    told = ended(jobs, start(jobs, "unreadable"))
    assert told["JobRunState"] == "FAILED"
    assert told["ErrorMessage"].startswith("LAUNCH ERROR | Error downloading from S3")


@pytest.mark.parametrize(("command", "version"), [("pythonshell", "5.1"), ("glueetl", "4.0")])
def test_a_job_that_cannot_run_here_fails_and_says_so(jobs: Any, command: str, version: str) -> None:
    name = f"{command}-{version}"
    script = f"s3://{BUCKET}/code/raises.py"
    jobs.create_job(
        Name=name, Role="job-role", GlueVersion=version, Command={"Name": command, "ScriptLocation": script}
    )
    told = ended(jobs, start(jobs, name))
    assert told["JobRunState"] == "FAILED"
    assert told["ErrorMessage"].startswith("The local cloud runs Spark")


@pytest.mark.usefixtures("jobs")
def test_a_failed_job_is_a_failed_task_with_the_run_as_its_cause(cloud: CloudUnderTest) -> None:
    actions = ["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"]
    role = make_role(cloud, "starts-jobs", "states.amazonaws.com", allow(actions, ["arn:aws:glue:*:*:job/raises"]))
    definition = one_task("arn:aws:states:::glue:startJobRun.sync", {"JobName": "raises"})
    told = execute(cloud, make_state_machine(cloud, "runs-a-job", role, definition))
    assert (told["status"], told["error"]) == ("FAILED", "States.TaskFailed")
    run = json.loads(told["cause"])
    assert run["JobName"] == "raises"
    assert run["ErrorMessage"] == "ValueError: line 7 has no NDC"


def test_aborting_an_execution_stops_its_job(cloud: CloudUnderTest, jobs: Any) -> None:
    actions = ["glue:StartJobRun", "glue:GetJobRun", "glue:BatchStopJobRun"]
    role = make_role(cloud, "starts-a-sleeper", "states.amazonaws.com", allow(actions, ["arn:aws:glue:*:*:job/sleeps"]))
    definition = one_task("arn:aws:states:::glue:startJobRun.sync", {"JobName": "sleeps"})
    machine = make_state_machine(cloud, "runs-a-sleeper", role, definition)
    client = cloud.client("stepfunctions")
    arn = client.start_execution(stateMachineArn=machine)["executionArn"]
    wait_for(lambda: jobs.get_job_runs(JobName="sleeps"), lambda told: told["JobRuns"][0]["JobRunState"] == "RUNNING")
    client.stop_execution(executionArn=arn)
    wait_for(lambda: jobs.get_job_runs(JobName="sleeps"), lambda told: told["JobRuns"][0]["JobRunState"] == "STOPPED")
    assert client.describe_execution(executionArn=arn)["status"] == "ABORTED"

"""The emulator's process: where it listens, what it keeps, and how it refuses."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import boto3
import pytest

from local_cloud import cloud as local_cloud
from local_cloud import seams
from local_cloud.cloud import Cloud
from local_cloud.errors import JarsUnavailableError, LocalCloudError, UnsupportedEmulatorError
from local_cloud.glue.jobs.jars import JARS, Jar, default_directory, s3a_jars
from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, document, make_role, make_state_machine, wait_for
from tests.local_cloud.saved_state import saved_state


def listening_addresses(pid: int) -> set[tuple[str, int]]:
    """Addresses on which a process listens, from the kernel's tables."""
    sockets = {str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()}
    inodes = {name[8:-1] for name in sockets if name.startswith("socket:[")}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:
                address, port = columns[1].split(":")
                found.add((address, int(port, 16)))
    return found


def client(cloud: Cloud, service: str) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=cloud.endpoint,
        region_name="us-east-1",
        aws_access_key_id=cloud.root.access_key_id,
        aws_secret_access_key=cloud.root.secret_access_key,
    )


def test_one_loopback_port_is_open_and_no_other(cloud: CloudUnderTest) -> None:
    loopback = "0100007F"
    assert listening_addresses(cloud.running.pid) == {(loopback, cloud.running.port)}


def test_requests_without_a_permission_are_refused(cloud: CloudUnderTest) -> None:
    user = cloud.client("iam")
    user.create_user(UserName="nobody")
    key = user.create_access_key(UserName="nobody")["AccessKey"]
    glue = cloud.client("glue", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(glue.exceptions.ClientError, match="AccessDenied"):
        glue.get_databases()


def test_state_survives_a_restart_and_what_was_going_is_told_as_failed(tmp_path: Path) -> None:
    first = local_cloud.start(tmp_path)
    try:
        client(first, "s3").create_bucket(Bucket="kept")
        client(first, "s3").put_object(Bucket="kept", Key="sleeps.py", Body=b"import time\ntime.sleep(300)\n")
        under_test = CloudUnderTest(first.endpoint, tmp_path, first)
        role = make_role(under_test, "keeps", "glue.amazonaws.com", allow(["s3:GetObject"], ["*"]))
        command = {"Name": "glueetl", "ScriptLocation": "s3://kept/sleeps.py"}
        glue = client(first, "glue")
        glue.create_job(Name="sleeps", Role=role, GlueVersion="5.1", Command=command)
        run = glue.start_job_run(JobName="sleeps")["JobRunId"]
        wait_for(
            lambda: glue.get_job_run(JobName="sleeps", RunId=run)["JobRun"],
            lambda told: told["JobRunState"] == "RUNNING",
        )
        waits = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": 15, "End": True}}}
        machine = make_state_machine(under_test, "waits", make_role(under_test, "waits", "states.amazonaws.com"), waits)
        execution = client(first, "stepfunctions").start_execution(stateMachineArn=machine)["executionArn"]
    finally:
        local_cloud.stop(tmp_path)
    assert local_cloud.status(tmp_path) is None
    assert run not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout

    second = local_cloud.start(tmp_path)
    try:
        assert second.endpoint == first.endpoint
        assert local_cloud.start(tmp_path) == second
        body = client(second, "s3").get_object(Bucket="kept", Key="sleeps.py")["Body"].read()
        assert body.startswith(b"import time")
        told = client(second, "glue").get_job_run(JobName="sleeps", RunId=run)["JobRun"]
        assert told["JobRunState"] == "FAILED"
        assert "stopped while the run was going" in told["ErrorMessage"]
        states = client(second, "stepfunctions")
        assert states.describe_execution(executionArn=execution)["redriveStatus"] == "REDRIVABLE"
        states.redrive_execution(executionArn=execution)
        wait_for(lambda: states.describe_execution(executionArn=execution), lambda told: told["status"] == "SUCCEEDED")
        kinds = [event["type"] for event in states.get_execution_history(executionArn=execution)["events"]]
        assert kinds[-5:] == [
            "ExecutionFailed", "ExecutionRedriven", "WaitStateEntered", "WaitStateExited", "ExecutionSucceeded",
        ]  # fmt: skip
    finally:
        local_cloud.stop(tmp_path)


def test_what_was_made_survives_a_kill(tmp_path: Path) -> None:
    first = local_cloud.start(tmp_path)
    client(first, "glue").create_database(DatabaseInput={"Name": "kept"})
    wait_for(lambda: {"saved": saved_state(tmp_path, "glue")}, lambda told: "kept" in told["saved"])
    os.kill(first.pid, signal.SIGKILL)
    os.waitpid(first.pid, 0)
    second = local_cloud.start(tmp_path)
    try:
        assert client(second, "glue").get_database(Name="kept")["Database"]["Name"] == "kept"
    finally:
        local_cloud.stop(tmp_path)


def test_a_taken_port_is_refused_by_name(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(LocalCloudError, match="is in use"):
            local_cloud.start(tmp_path, other.getsockname()[1])


def test_an_emulator_that_dies_is_told_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        local_cloud, "emulator_environment", lambda *_: {"LOCAL_CLOUD_STATE": "/nowhere", "GATEWAY_PORT": "1"}
    )
    with pytest.raises(LocalCloudError, match="/nowhere"):
        local_cloud.start(tmp_path)


def test_another_version_of_the_emulator_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seams.check_emulator()
    monkeypatch.setattr(seams, "version", lambda _: "1.6.0")
    with pytest.raises(UnsupportedEmulatorError, match=r"1\.6\.0 is installed"):
        seams.check_emulator()


def test_an_emulator_without_a_name_that_is_replaced_is_refused() -> None:
    with pytest.raises(UnsupportedEmulatorError, match=r"lacks .*glue\._vanished"):
        seams.check_emulator((seams.START_JOB_RUN, seams.Seam("ministack.services.glue", "_vanished")))


def test_jars_that_are_not_the_pinned_ones_are_refused(tmp_path: Path) -> None:
    for jar in JARS:
        (tmp_path / jar.file_name).write_bytes(b"not a jar")
    with pytest.raises(JarsUnavailableError, match="its SHA-256 is"):
        s3a_jars(tmp_path)


def test_a_jar_that_cannot_be_fetched_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A Java that cannot reach anything: the fetch must fail, and say so.
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\necho 'no route to host'\nexit 1\n")
    java.chmod(0o755)
    monkeypatch.setattr("local_cloud.glue.jobs.jars.java_home", lambda: tmp_path)
    absent = Jar("org.example", "absent", "1.0", "0" * 64)
    with pytest.raises(JarsUnavailableError, match=r"absent-1\.0\.jar.*\n.*no route to host"):
        s3a_jars(tmp_path / "kept", (absent,))


def test_kept_jars_need_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    s3a_jars()
    monkeypatch.setattr("local_cloud.glue.jobs.jars._run_ivy", lambda *_: pytest.fail("fetched again"))
    assert {path.name for path in s3a_jars()} == {jar.file_name for jar in JARS}
    assert default_directory().is_dir()


def test_the_launcher_names_a_state_directory_that_is_in_use(cloud: CloudUnderTest) -> None:
    environment = {**os.environ, "LOCAL_CLOUD_STATE": str(cloud.state_directory), "GATEWAY_PORT": "1"}
    ended = subprocess.run(
        [sys.executable, "-m", "local_cloud"], env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert "another local cloud uses" in ended.stderr


def test_a_bucket_that_demands_tls_can_be_used_over_loopback(cloud: CloudUnderTest) -> None:
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_object(Bucket="tls-only", Key="a", Body=b"x")
    arns = ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"]
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    denied = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": arns, "Condition": insecure}
    s3.put_bucket_policy(Bucket="tls-only", Policy=document(denied))
    role = cloud.client("sts").assume_role(
        RoleArn=make_role(cloud, "reads-tls-only", "glue.amazonaws.com", allow(["s3:GetObject"], arns)),
        RoleSessionName="reads",
    )["Credentials"]
    reader = cloud.client(
        "s3",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    assert reader.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"x"

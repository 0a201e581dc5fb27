"""What goes wrong in the tests of the paths, and what can be seen afterwards."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from _shared.lambdas.libs.time_utils import run_id
from tests.e2e.conftest import Lake

LEASE = "manifests/nsde/lease.json"
MANIFEST = "manifests/nsde/manifest.json"
RUNS = "manifests/nsde/runs/"
_POLICY = "fault"
_DEAD_LETTERS = "pp-raws-dead-letters"
_PATIENCE_SECONDS = 180.0


@dataclass(frozen=True)
class Seen:
    """What is left after an execution: told to readers, kept in the lake, sent to people."""

    run_id: str
    readers: str
    manifest: str
    record: str
    lease: str
    alert: str

    def told(self) -> list[str]:
        """In words, as the documentation has it: record, readers, manifest, lease, alert."""
        alert = "sent" if self.alert else "none"
        return [self.record, self._whose(self.readers), self._whose(self.manifest), self.lease, alert]

    def _whose(self, published: str) -> str:
        if not published:
            return "none"
        return "this run" if self.run_id in published else "as before"


def wait_until(reached: Callable[[], Any], what: str) -> Any:
    """Ask until the answer is not empty; fail after three minutes."""
    tick = threading.Event()
    for _ in range(int(_PATIENCE_SECONDS / 0.1)):
        found = reached()
        if found:
            return found
        tick.wait(0.1)
    raise AssertionError(what)


@dataclass
class Observer:
    """Reads what an execution left behind, through the APIs that people use."""

    lake: Lake
    alerts_queue: str

    def seen(self, told: dict[str, Any], redrives: int = 0) -> Seen:
        """Look, as soon as the failure, if it was one, has been recorded and told."""
        record = wait_until(lambda: self.record(told["executionArn"], redrives), f"{told} left no record")
        if told["status"] != "SUCCEEDED":
            wait_until(lambda: not self._held_by(told["executionArn"]), "the lease was not given back")
        manifest = self._manifest()
        return Seen(
            run_id=record["run_id"],
            readers=self.readers(),
            manifest=f"{manifest['publications'][manifest['current']]['version']} by {manifest['current']}"
            if manifest
            else "",
            record=" ".join(str(record[key]) for key in ("status", "step", "error") if record[key]),
            lease="held" if LEASE in self.lake.keys(LEASE) else "free",
            alert=self.alert() if told["status"] != "SUCCEEDED" else "",
        )

    def record(self, execution: str, redrives: int = 0) -> dict[str, Any] | None:
        """Return the record of one attempt of an execution."""
        records = [self.lake.read_json(key) for key in self.lake.keys(RUNS)]
        found = [one for one in records if one["execution"] == execution and one["redrive_count"] == redrives]
        assert len(found) <= 1, f"{len(found)} records of one attempt"
        return found[0] if found else None

    def readers(self) -> str:
        """What a query of the current table answers: version, run and rows."""
        tables = {table["Name"] for table in self._glue().get_tables(DatabaseName="nsde_db")["TableList"]}
        if "nsde" not in tables:
            return ""
        answer = self.lake.query(
            "select meta_version as version, meta_run_id as run, count(*) as n from nsde group by 1, 2"
        )
        return "; ".join(f"{row['version']} by {row['run']}, {row['n']} rows" for row in answer)

    def alert(self) -> str:
        """Return the subject of the next notice. Alarms go to the same topic, and are passed over."""
        subject = "ALARM"
        while subject.startswith("ALARM"):
            subject = str(json.loads(self._next_message(self.alerts_queue))["Subject"])
        return subject

    @property
    def dead_letters(self) -> str:
        """Address of the dead-letter queue."""
        return str(self.lake.cloud.client("sqs").get_queue_url(QueueName=_DEAD_LETTERS)["QueueUrl"])

    def forget(self) -> None:
        """Empty both queues."""
        for queue in (self.alerts_queue, self.dead_letters):
            self.lake.cloud.client("sqs").purge_queue(QueueUrl=queue)

    def _next_message(self, queue: str) -> str:
        client = self.lake.cloud.client("sqs")
        (message,) = wait_until(
            lambda: client.receive_message(QueueUrl=queue, MaxNumberOfMessages=1).get("Messages"), "no message came"
        )
        client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return str(message["Body"])

    def _held_by(self, execution: str) -> bool:
        return LEASE in self.lake.keys(LEASE) and self.lake.read_json(LEASE)["owner"] == execution

    def _manifest(self) -> dict[str, Any] | None:
        return self.lake.read_json(MANIFEST) if MANIFEST in self.lake.keys(MANIFEST) else None

    def _glue(self) -> Any:
        return self.lake.cloud.client("glue")


def dead_letter(lake: Lake, execution: str) -> dict[str, Any]:
    """Return the event that the failure rule has kept of an execution."""
    sqs = lake.cloud.client("sqs")
    queue = sqs.get_queue_url(QueueName=_DEAD_LETTERS)["QueueUrl"]

    def receive() -> dict[str, Any] | None:
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            event: dict[str, Any] = json.loads(message["Body"])
            if event.get("detail", {}).get("executionArn") == execution:
                return event
        return None

    event: dict[str, Any] = wait_until(receive, f"no dead letter of {execution}")
    return event


@contextmanager
def denied(lake: Lake, role_arn: str, action: str, resource: str = "*") -> Iterator[None]:
    """Take a permission from a role for a while."""
    iam, role = lake.cloud.client("iam"), role_arn.rsplit("/", 1)[-1]
    statement = {"Effect": "Deny", "Action": action, "Resource": resource}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=role, PolicyName=_POLICY, PolicyDocument=document)
    yield
    iam.delete_role_policy(RoleName=role, PolicyName=_POLICY)


def kill_driver(execution: str) -> None:
    """Kill the process of the Glue job that works for an execution, as a lost machine does."""
    # A run's id ends in a hash of its execution.
    ending = run_id("2026-01-01T00:00:00Z", execution).rpartition("-")[2].encode()

    def found() -> list[int]:
        processes = Path("/proc").glob("[0-9]*")
        return [int(entry.name) for entry in processes if any(word.endswith(b"-" + ending) for word in _words(entry))]

    wait_until(lambda: bool(found()), f"no job works for {execution}")
    for process in found():
        os.kill(process, signal.SIGKILL)


def _words(process: Path) -> list[bytes]:
    try:
        return process.joinpath("cmdline").read_bytes().split(b"\0")
    except OSError:  # it has ended
        return []


@contextmanager
def short_of_time(lake: Lake, job: str) -> Iterator[None]:
    """Give a job one minute, which the tests' local cloud makes a few seconds, and a script that takes longer."""
    glue, s3 = lake.cloud.client("glue"), lake.cloud.client("s3")
    before = glue.get_job(JobName=job)["Job"]
    kept = {key: before[key] for key in ("Role", "Command", "DefaultArguments", "GlueVersion", "ExecutionProperty")}
    sizes = {key: before[key] for key in ("WorkerType", "NumberOfWorkers")}
    bucket, _, key = before["Command"]["ScriptLocation"].removeprefix("s3://").partition("/")
    script = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    s3.put_object(Bucket=bucket, Key=key, Body=b"import time\n\ntime.sleep(600)\n")
    glue.update_job(JobName=job, JobUpdate={**kept, **sizes, "Timeout": 1})
    yield
    s3.put_object(Bucket=bucket, Key=key, Body=script)
    glue.update_job(JobName=job, JobUpdate={**kept, **sizes, "Timeout": before["Timeout"]})

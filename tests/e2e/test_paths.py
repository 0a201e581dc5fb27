"""Every path through the deployed state machine, and what each leaves: readers, manifest, record, lease, alert.

The tests follow each other: each starts from what the one before has left, as runs of a dataset do.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.e2e.conftest import PROJECT, Lake
from tests.e2e.faults import (
    LEASE,
    MANIFEST,
    RUNS,
    Observer,
    Seen,
    dead_letter,
    denied,
    kill_driver,
    short_of_time,
    wait_until,
)
from tests.e2e.releases import SAMPLE, write_release
from tests.outcomes import record_outcome

ROWS = 400
A, B, C, SMALL, BROKEN, LATE = "2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01", "2020-05-01", "2020-06-01"
COMMITTED = "update fails after the commit: the catalog is refused"


@pytest.fixture(scope="module")
def observer(lake: Lake) -> Observer:
    """Small releases, a dataset that has never run, and a queue that hears every alert."""
    root = lake.source_directory
    for release in (A, B, C):
        write_release(root, release, most_rows=ROWS)
    write_release(root, SMALL, most_rows=ROWS // 2)
    write_release(root, BROKEN, most_rows=ROWS, rename_to="Something Else")
    lake.forget()
    sqs, sns = lake.cloud.client("sqs"), lake.cloud.client("sns")
    heard = "arn:aws:sqs:us-east-1:000000000000:alerts-heard"
    allowed = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**allowed, "Resource": heard}]})
    queue = sqs.create_queue(QueueName="alerts-heard", Attributes={"Policy": policy})["QueueUrl"]
    (topic,) = [one["TopicArn"] for one in sns.list_topics()["Topics"] if one["TopicArn"].endswith(":pp-raws-alerts")]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=heard)
    found = Observer(lake, queue)
    found.forget()
    return found


@pytest.fixture(autouse=True)
def _quiet(observer: Observer) -> None:
    observer.forget()


def documented(path: str) -> list[str]:
    """Return what the documentation says of a path: record, readers, manifest, lease, alert."""
    lines = (PROJECT / "docs" / "paths.md").read_text("utf-8").splitlines()
    (cells,) = [line.strip("| ").split(" | ") for line in lines if line.startswith(f"| {path} |")]
    return cells[1:]


def told(path: str, seen: Seen, note: str = "") -> None:
    """Compare what is seen with what the documentation says, and have it printed."""
    record_outcome("paths of the state machine", f"{path}{note}", "; ".join(seen.told()))
    said, *rest = documented(path)
    assert seen.record.startswith(said.removesuffix("…"))
    assert seen.told()[1:] == rest


def start(lake: Lake, release: str, name: str | None = None, **given: Any) -> str:
    """Start a run and return its execution's ARN."""
    document = json.dumps({"dataset": "nsde", "source_url": lake.source_url(release), **given})
    named = {"name": name} if name else {}
    started = lake.cloud.client("stepfunctions").start_execution(
        stateMachineArn=lake.state_machine, input=document, **named
    )
    return str(started["executionArn"])


def reached(lake: Lake, execution: str, state: str) -> None:
    """Wait until an execution is in a state."""
    client = lake.cloud.client("stepfunctions")

    def entered() -> bool:
        events = client.get_execution_history(executionArn=execution)["events"]
        return any(event.get("stateEnteredEventDetails", {}).get("name") == state for event in events)

    wait_until(entered, f"{execution} did not reach {state}")


def redrive(lake: Lake, execution: str) -> dict[str, Any]:
    lake.cloud.client("stepfunctions").redrive_execution(executionArn=execution)
    return lake.wait(execution)


def run_id(lake: Lake, execution: str) -> str:
    records = [lake.read_json(key) for key in lake.keys(RUNS)]
    return str(next(record["run_id"] for record in records if record["execution"] == execution))


def states_of(lake: Lake, job: str) -> list[str]:
    """Return the states of a job's runs, the latest first."""
    return [run["JobRunState"] for run in lake.cloud.client("glue").get_job_runs(JobName=job)["JobRuns"]]


def role_of_function(lake: Lake, name: str) -> str:
    answer = lake.cloud.client("lambda").get_function_configuration(FunctionName=name)
    return str(answer["Role"])


def test_every_step_fails_once_and_a_redrive_resumes_there(lake: Lake, observer: Observer) -> None:
    """The first run of a dataset, whose every step fails: nobody sees anything before the last is through."""
    file = lake.source_directory / "nsde" / A / SAMPLE.name
    hidden = file.with_suffix(".hidden")
    file.rename(hidden)
    execution = start(lake, A)
    ended = lake.wait(execution)
    seen = observer.seen(ended)
    told("fetch fails, terminal (404)", seen)
    assert (seen.readers, seen.manifest, seen.lease) == ("", "", "free")
    assert seen.record == "FAILED FetchAndHash SourceNotFoundError"
    assert seen.alert == "nsde: FetchAndHash failed with SourceNotFoundError"
    assert dead_letter(lake, execution)["detail"]["status"] == "FAILED"

    hidden.rename(file)
    crawler = lake.cloud.client("glue").get_crawler(Name="nsde-bronze-crawler")["Crawler"]["Role"]
    silver = lake.cloud.client("glue").get_job(JobName="nsde-silver-job")["Job"]["Role"]
    update = role_of_function(lake, "nsde-update-manifest")
    manifest = f"arn:aws:s3:::{lake.bucket}/{MANIFEST}"
    broken = [
        ("bronze runs out of time", short_of_time(lake, "nsde-bronze-job"), "BronzeJob JobRunTimedOut"),
        ("crawl fails", denied(lake, crawler, "s3:GetObject"), "CrawlBronze CrawlFailedError"),
        ("silver fails", denied(lake, silver, "s3:PutObject"), "SilverJob"),
        (
            "update fails before the commit",
            denied(lake, update, "s3:PutObject", manifest),
            "UpdateManifest StorageRejectedError",
        ),
        (COMMITTED, denied(lake, update, "glue:*"), "UpdateManifest CatalogRejectedError"),
    ]
    this = run_id(lake, execution)
    for redrives, (path, fault, failure) in enumerate(broken, 1):
        observer.forget()
        with ExitStack() as stack:
            stack.enter_context(fault)
            ended = redrive(lake, execution)
            seen = observer.seen(ended, redrives)
        told(path, seen, f", after redrive {redrives}")
        assert ended["status"] == "FAILED", ended
        assert seen.record.startswith(f"FAILED {failure}"), seen
        # Behind the commit the release is published: the failure's record brings the catalog to it.
        published = f"{A} by {this}" if path == COMMITTED else ""
        assert (seen.manifest, seen.lease) == (published, "free")
        assert seen.readers.startswith(published)
        assert bool(seen.readers) is bool(published), seen
        assert seen.alert.startswith(f"nsde: {failure.split()[0]} failed with"), seen

    ended = redrive(lake, execution)
    seen = observer.seen(ended, len(broken) + 1)
    told("first run, redriven to its end", seen)
    assert ended["status"] == "SUCCEEDED", ended
    assert seen.readers.startswith(f"{A} by {this}, ")
    assert (seen.manifest, seen.record, seen.lease) == (f"{A} by {this}", "SUCCEEDED", "free")
    assert states_of(lake, "nsde-bronze-job")[:2] == ["SUCCEEDED", "TIMEOUT"]
    assert states_of(lake, "nsde-silver-job")[:2] == ["SUCCEEDED", "FAILED"]


@pytest.fixture(scope="module")
def published(observer: Observer) -> str:
    """Return how readers see the dataset after the first release."""
    return observer.readers()


def test_an_unchanged_source_is_skipped(lake: Lake, observer: Observer, published: str) -> None:
    seen = observer.seen(lake.run(source_url=lake.source_url(A)))
    told("unchanged", seen)
    assert (seen.readers, seen.record, seen.lease) == (published, "SKIPPED", "free")


def test_a_catalog_that_somebody_changed_is_repaired_by_a_run_that_finds_nothing_to_do(
    lake: Lake, observer: Observer, published: str
) -> None:
    jobs = states_of(lake, "nsde-bronze-job")
    lake.cloud.client("glue").delete_table(DatabaseName="nsde_db", Name="nsde")
    ended = lake.run(source_url=lake.source_url(A))
    seen = observer.seen(ended)
    told("unchanged, and a table is missing", seen)
    assert (seen.record, seen.readers, seen.lease) == ("SKIPPED", published, "free")
    record = observer.record(ended["executionArn"])
    assert record is not None
    assert record["reason"].endswith("; the catalog was repaired: nsde was missing")
    assert states_of(lake, "nsde-bronze-job") == jobs


def test_a_lease_that_has_expired_or_whose_owner_has_ended_is_taken_over(
    lake: Lake, observer: Observer, published: str
) -> None:
    ended = lake.cloud.client("stepfunctions").list_executions(stateMachineArn=lake.state_machine)["executions"][0]
    running_for_ever = "arn:aws:states:us-east-1:000000000000:execution:nsde-orchestrator:nobody"
    for path, owner, expires in (
        ("lease expired", running_for_ever, "2020-01-01T00:00:00Z"),
        ("lease held by an execution that has ended", ended["executionArn"], "2999-01-01T00:00:00Z"),
    ):
        lease = {"dataset": "nsde", "owner": owner, "acquired_at": "2020-01-01T00:00:00Z", "expires_at": expires}
        lake.cloud.client("s3").put_object(Bucket=lake.bucket, Key=LEASE, Body=json.dumps(lease).encode())
        seen = observer.seen(told_execution := lake.run(source_url=lake.source_url(A)))
        told(path, seen)
        record = observer.record(told_execution["executionArn"])
        assert record is not None
        assert "304" in record["reason"], record["reason"]
        assert (seen.readers, seen.record, seen.lease) == (published, "SKIPPED", "free")


def test_a_source_that_fails_and_recovers_is_no_failure(lake: Lake, observer: Observer, published: str) -> None:
    lake.faults.extend([503] * 8)
    ended = lake.run(source_url=lake.source_url(A))
    seen = observer.seen(ended)
    told("fetch fails, transient, then well", seen, " (8 x 503)")
    assert not lake.faults
    assert (ended["status"], seen.record, seen.readers) == ("SUCCEEDED", "SKIPPED", published)


def test_a_source_that_fails_for_ever_is_given_up(lake: Lake, observer: Observer, published: str) -> None:
    lake.faults.extend([503] * 1000)
    ended = lake.run(source_url=lake.source_url(A))
    asked = 1000 - len(lake.faults)
    lake.faults.clear()
    seen = observer.seen(ended)
    told("fetch fails, transient for ever", seen, f" ({asked} x 503)")
    assert seen.record == "FAILED FetchAndHash SourceUnavailableError"
    assert (seen.readers, seen.lease) == (published, "free")
    assert seen.alert == "nsde: FetchAndHash failed with SourceUnavailableError"


def test_an_input_of_a_wrong_shape_is_recorded_too(lake: Lake, observer: Observer, published: str) -> None:
    client = lake.cloud.client("stepfunctions")
    for document in ("[1, 2]", '"nsde"', "null", '{"dataset": "cder"}', '{"dataset": "nsde", "forse": true}'):
        arn = client.start_execution(stateMachineArn=lake.state_machine, input=document)["executionArn"]
        seen = observer.seen(lake.wait(arn))
        told("input of a wrong shape", seen, f": {document}")
        assert seen.record == "FAILED FetchAndHash InvalidInputError"
        assert (seen.readers, seen.lease) == (published, "free")


def test_a_changed_header_fails_in_bronze(lake: Lake, observer: Observer, published: str) -> None:
    seen = observer.seen(lake.run(source_url=lake.source_url(BROKEN)))
    told("bronze fails (a column renamed beyond its aliases)", seen)
    assert seen.record == "FAILED BronzeJob SchemaDriftError"
    assert (seen.readers, seen.lease) == (published, "free")


def test_a_failed_quality_check_publishes_nothing(lake: Lake, observer: Observer, published: str) -> None:
    seen = observer.seen(lake.run(source_url=lake.source_url(SMALL)))
    told("quality check fails (half of the rows gone)", seen)
    assert seen.record == "FAILED SilverJob QualityCheckFailedError"
    assert (seen.readers, seen.lease) == (published, "free")


def test_a_stopped_execution_stops_its_job_and_can_be_redriven(lake: Lake, observer: Observer, published: str) -> None:
    execution = start(lake, B)
    reached(lake, execution, "BronzeJob")
    wait_until(lambda: "RUNNING" in states_of(lake, "nsde-bronze-job")[:1], "bronze did not start")
    lake.cloud.client("stepfunctions").stop_execution(executionArn=execution, error="Tired", cause="by hand")
    seen = observer.seen(lake.wait(execution))
    told("stopped from outside, in bronze", seen)
    assert seen.record == "FAILED BronzeJob ExecutionAborted"
    assert (seen.readers, seen.lease) == (published, "free")
    wait_until(lambda: states_of(lake, "nsde-bronze-job")[0] == "STOPPED", "the job was not stopped")

    with Crawling(lake) as crawls:
        ended = redrive(lake, execution)
    seen = observer.seen(ended, 1)
    told("stopped from outside, redriven; crawler already running", seen)
    assert crawls, "no crawl of ours was ever in the way"
    assert (ended["status"], seen.record, seen.lease) == ("SUCCEEDED", "SUCCEEDED", "free")
    assert seen.readers.startswith(f"{B} by {run_id(lake, execution)}, ")


class Crawling:
    """Keeps the crawler busy from outside for as long as the context lasts; tells the crawls that it started."""

    def __init__(self, lake: Lake) -> None:
        self._glue = lake.cloud.client("glue")
        self._over = threading.Event()
        self._started: list[str] = []
        self._thread = threading.Thread(target=self._crawl)

    def _crawl(self) -> None:
        while not self._over.wait(0.5):
            try:
                self._glue.start_crawler(Name="nsde-bronze-crawler")
                self._started.append("started")
            except self._glue.exceptions.CrawlerRunningException:
                continue

    def __enter__(self) -> list[str]:
        self._thread.start()
        return self._started

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


def test_a_job_whose_driver_is_lost_is_repeated(lake: Lake, observer: Observer, published: str) -> None:
    del published
    execution = start(lake, B, force=True)
    reached(lake, execution, "BronzeJob")
    kill_driver(execution)
    reached(lake, execution, "BronzeJob (wait)")
    ended = lake.wait(execution)
    seen = observer.seen(ended)
    told("bronze loses its driver, and is repeated", seen)
    assert states_of(lake, "nsde-bronze-job")[:2] == ["SUCCEEDED", "FAILED"]
    assert seen.readers.startswith(f"{B} by {run_id(lake, execution)}, ")


def test_of_two_at_once_the_second_is_skipped_and_a_name_is_one_execution(lake: Lake, observer: Observer) -> None:
    client = lake.cloud.client("stepfunctions")
    first = start(lake, C, name="release-c")
    reached(lake, first, "BronzeJob")
    assert start(lake, C, name="release-c") == first
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        start(lake, C, name="release-c", force=True)
    second = lake.wait(start(lake, C))
    record = observer.record(second["executionArn"])
    assert record is not None
    assert (second["status"], record["status"]) == ("SUCCEEDED", "SKIPPED")
    assert first in record["reason"]
    told("lease held: two at once, the second", observer.seen(second))
    ended = lake.wait(first)
    seen = observer.seen(ended)
    told("two at once, the first; started twice with one name", seen)
    assert (ended["status"], seen.record, seen.lease) == ("SUCCEEDED", "SUCCEEDED", "free")
    assert seen.readers.startswith(f"{C} by {run_id(lake, first)}, ")
    with pytest.raises(client.exceptions.ExecutionAlreadyExists):
        start(lake, C, name="release-c")


def test_a_later_run_that_has_published_is_not_undone(lake: Lake, observer: Observer) -> None:
    """A manifest race: while a forced run is in silver, another publishes the same version."""
    before = observer.readers()
    execution = start(lake, C, force=True)
    reached(lake, execution, "SilverJob")
    manifest = lake.read_json(MANIFEST)
    current, later = manifest["publications"][manifest["current"]], "29990101T000000Z-ffffffff"
    raced = {
        **manifest,
        "publications": {**manifest["publications"], later: {**current, "run_id": later}},
        "current": later,
    }
    lake.cloud.client("s3").put_object(Bucket=lake.bucket, Key=MANIFEST, Body=json.dumps(raced).encode())
    ended = lake.wait(execution)
    seen = observer.seen(ended)
    told("manifest race (a later run has published the version)", seen)
    assert seen.record == "SUCCEEDED"
    assert (seen.readers, seen.lease) == (before, "free")
    record = observer.record(execution)
    assert record is not None
    assert record["published_as"] == "superseded"
    lake.cloud.client("s3").put_object(Bucket=lake.bucket, Key=MANIFEST, Body=json.dumps(manifest).encode())


def test_force_runs_an_unchanged_source(lake: Lake, observer: Observer) -> None:
    before = observer.readers()
    ended = lake.run(source_url=lake.source_url(C), force=True)
    seen = observer.seen(ended)
    told("forced", seen)
    assert (ended["status"], seen.record) == ("SUCCEEDED", "SUCCEEDED")
    assert seen.readers != before
    assert seen.readers.startswith(f"{C} by {run_id(lake, ended['executionArn'])}, ")


@pytest.fixture
def hurried(lake: Lake) -> Iterator[None]:
    """The state machine with a shorter time-out, which ends while BronzeJob waits, however busy the machine is."""
    client = lake.cloud.client("stepfunctions")
    machine = client.describe_state_machine(stateMachineArn=lake.state_machine)
    definition = json.loads(machine["definition"])
    waits = {"Type": "Wait", "Seconds": 6000, "Next": definition["States"]["BronzeJob"]["Next"]}
    states = {**definition["States"], "BronzeJob": waits}
    shorter = json.dumps({**definition, "States": states, "TimeoutSeconds": 20})
    client.update_state_machine(stateMachineArn=lake.state_machine, definition=shorter)
    yield
    client.update_state_machine(stateMachineArn=lake.state_machine, definition=machine["definition"])


@pytest.mark.usefixtures("hurried")
def test_an_execution_that_runs_out_of_time_is_recorded(lake: Lake, observer: Observer) -> None:
    before = observer.readers()
    ended = lake.run(source_url=lake.source_url(C), force=True)
    seen = observer.seen(ended)
    told("execution runs out of time", seen)
    assert ended["status"] == "TIMED_OUT"
    assert seen.record == "FAILED BronzeJob ExecutionTimedOut"
    assert (seen.readers, seen.lease) == (before, "free")


def test_an_older_release_becomes_a_version_and_not_the_current_one(lake: Lake, observer: Observer) -> None:
    before = observer.readers()
    older = lake.source_directory / "nsde" / "2019-12-01"
    shutil.copytree(lake.source_directory / "nsde" / A, older)
    ended = lake.run(source_url=lake.source_url("2019-12-01"), force=True)
    seen = observer.seen(ended)
    told("an older release", seen)
    assert (ended["status"], seen.record, seen.readers) == ("SUCCEEDED", "SUCCEEDED", before)
    (counted,) = lake.query("select count(*) as n from nsde_versions where version = '2019-12-01'")
    assert int(counted["n"] or 0) > 0

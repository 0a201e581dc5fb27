"""The functions die before or after any call to AWS; their repetition, or the next run, must make it whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConnectionClosedError

from _shared.contracts.codec import decode_text
from _shared.contracts.errors import CatalogBusyError, TransientError
from _shared.contracts.layout import lease_key, raw_prefix, release_key, run_record_key
from _shared.contracts.publications import current
from _shared.contracts.release import Release
from _shared.contracts.run_record import FAILED, SKIPPED, SUCCEEDED, RunRecord
from _shared.contracts.workflow import FetchResult
from _shared.lambdas.libs.time_utils import run_id
from tests._shared.lambdas.run_support import World
from tests._shared.lambdas.support import (
    BUCKET,
    EXECUTION,
    OTHER_EXECUTION,
    STARTED,
    archive,
    client,
    file_answers,
    glue_client,
    keys,
    lake,
    serve,
    text_of,
)
from tests.exhaustive import sides
from tests.local_cloud.step_functions.support import (
    sent_alerts,
    sns_client,
    start_stopped_execution,
)

# More than one part, so that the upload is a multipart one.
FILE = archive({"pills.csv": b"Code\r\n0001\r\n", "noise": hashlib.shake_256(b"noise").digest(9_000_000)})
NEWER = archive({"pills.csv": b"Code\r\n0001\r\n0002\r\n"})
LATER = "2026-03-03T06:30:00.000Z"
MOST_CALLS = 60


@contextmanager
def world() -> Iterator[World]:
    with lake() as storage, serve() as source, client() as http:
        glue = glue_client()
        glue.create_database(DatabaseInput={"Name": "pills_db"})
        source.answer = file_answers(FILE)
        start_stopped_execution()
        yield World(storage, glue, source, http, sns_client().create_topic(Name="alerts")["TopicArn"])


@contextmanager
def death(at: int, *, done: bool) -> Iterator[list[str]]:
    """Lose the connection at the n-th call to AWS, after it was ``done`` or before; yield the calls that were made."""
    calls: list[str] = []
    real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]

    def call(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append(operation)
        if len(calls) != at:
            return real(self, operation, arguments)
        if done:
            with suppress(ClientError):
                real(self, operation, arguments)
        raise ConnectionClosedError(endpoint_url="https://aws")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield calls


def dies(step: Callable[[], object], at: int, *, done: bool) -> bool:
    """Do a step that dies at the n-th call; return whether it had that many."""
    with death(at, done=done) as calls:
        try:
            step()
        except TransientError:
            return True
    assert len(calls) < at, f"{calls[at - 1]} failed, and nobody noticed"
    return False


def every_death(scenario: Callable[[World, int, bool], bool]) -> int:
    """Play a scenario with a death at each call, before or after it, until there are no more calls."""
    for at in range(1, MOST_CALLS):
        for done in sides(at):
            with world() as one:
                if not scenario(one, at, done):
                    return at - 1
    message = f"more than {MOST_CALLS} calls"
    raise AssertionError(message)


def test_a_fetch_that_failed_at_any_call_is_made_whole_by_its_retry() -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        failed = dies(one.fetch, at, done=done)
        result = one.fetch()
        release = decode_text(Release, text_of(one.storage, release_key("pills", result.run_id)), "release")
        assert release.states["pills"].sha256 == hashlib.sha256(FILE).hexdigest()
        assert text_of(one.storage, release.members[0].key) == "Code\r\n0001\r\n"
        assert one.statuses() == []
        return failed

    assert every_death(scenario) >= 8


def test_a_skip_that_failed_at_any_call_is_told_once_and_gives_the_lease_back() -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        one.source.answer = file_answers(NEWER)
        one.run()
        failed = dies(lambda: one.fetch(OTHER_EXECUTION, LATER), at, done=done)
        result = one.fetch(OTHER_EXECUTION, LATER)
        assert result.decision == "skip"
        assert sorted(one.statuses()) == [SKIPPED, SUCCEEDED]
        assert lease_key("pills") not in keys(one.storage)
        assert keys(one.storage, raw_prefix("pills", result.run_id)) == []
        return failed

    assert every_death(scenario) >= 5


@pytest.mark.parametrize("first", [True, False], ids=["first version", "next version"])
def test_a_publication_that_failed_at_any_call_is_made_whole_by_its_retry(*, first: bool) -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        one.source.answer = file_answers(NEWER)
        if not first:
            one.run(OTHER_EXECUTION, "2026-03-01T06:30:00.000Z")
            one.source.answer = file_answers(archive({"pills.csv": b"Code\n3\n"}), etag='"2"', last_modified=None)
        before = one.read()
        fetched = one.fetch()
        one.process(fetched)
        failed = dies(lambda: one.publish(fetched), at, done=done)
        location = f"s3://{BUCKET}/silver/pills/version={fetched.version}/run={fetched.run_id}/"
        assert one.read() in (before, {"pills": location})
        assert one.publish(fetched).locations == {"pills": location}
        assert one.read() == {"pills": location}
        assert current(one.manifest()).locations == {"pills": location}
        assert one.agrees()
        assert one.statuses() == [SUCCEEDED] * (1 if first else 2)
        assert lease_key("pills") not in keys(one.storage)
        return failed

    assert every_death(scenario) > 10


FIVE = ("product", "package", "part", "text", "pills")


class KilledError(Exception):
    """The process ends, and no code of ours sees it."""


@contextmanager
def killed_after_switching(tables: int) -> Iterator[None]:
    """End the process when so many current tables have been switched to another location."""
    real: Callable[..., Any] = vars(BaseClient)["_make_api_call"]
    switched = 0

    def call(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        nonlocal switched
        answer = real(self, operation, arguments)
        if operation == "UpdateTable" and arguments["TableInput"]["Name"] in FIVE:
            switched += 1
            if switched == tables:
                raise KilledError
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield


def killed_while_switching(one: World) -> FetchResult:
    """Publish one release, and die while a second one is published: two of five tables are switched."""
    one.names = FIVE
    one.source.answer = file_answers(NEWER)
    one.run(OTHER_EXECUTION, "2026-03-01T06:30:00.000Z")
    before = one.read()
    one.source.answer = file_answers(archive({"pills.csv": b"Code\n3\n"}), etag='"2"', last_modified=None)
    fetched = one.fetch()
    one.process(fetched)
    with killed_after_switching(2), pytest.raises(KilledError):
        one.publish(fetched)
    assert sum(one.read()[name] != before[name] for name in FIVE) == 2
    return fetched


def test_a_publication_that_was_killed_between_two_tables_is_made_whole_by_its_retry() -> None:
    with world() as one:
        fetched = killed_while_switching(one)
        assert one.publish(fetched).published_as == "current"
        assert one.agrees()
        assert set(one.read()) == set(FIVE)


def test_a_publication_that_was_killed_between_two_tables_for_good_is_made_whole_by_recording_it() -> None:
    with world() as one:
        fetched = killed_while_switching(one)
        alert = one.record_failure()
        assert one.agrees()
        record = decode_text(RunRecord, text_of(one.storage, run_record_key("pills", fetched.run_id)), "record")
        assert (record.status, record.published_as, len(record.repaired)) == (FAILED, "current", 3)
        assert "readers see it" in alert.message


def test_a_catalog_that_is_a_publication_behind_is_repaired_by_the_next_run_without_a_job() -> None:
    with world() as one:
        run, before = killed_while_switching(one).run_id, "20260301T063000Z-d8505ca9"
        one.ended = frozenset({EXECUTION})
        fetched = one.fetch(OTHER_EXECUTION, LATER)
        assert (fetched.decision, len(fetched.differences)) == ("repair", 3)
        # The record is written when the repair is done.
        assert run_record_key("pills", fetched.run_id) not in keys(one.storage)
        assert one.publish(fetched, OTHER_EXECUTION, LATER).published_as == "repaired"
        assert one.agrees()
        record = decode_text(RunRecord, text_of(one.storage, run_record_key("pills", fetched.run_id)), "record")
        assert (record.status, record.repaired) == (SKIPPED, fetched.differences)
        assert "source unchanged" in record.reason
        assert f"; the catalog was repaired: part showed run {before}, and not {run}; text showed" in record.reason
        assert [source.outcome for source in record.sources] == ["unchanged"]
        assert lease_key("pills") not in keys(one.storage)
        assert one.fetch(OTHER_EXECUTION, "2026-03-04T06:30:00.000Z").decision == "skip"


def test_a_repair_that_failed_at_any_call_is_made_whole_by_its_retry_or_by_recording_it() -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        one.source.answer = file_answers(NEWER)
        one.run(OTHER_EXECUTION, "2026-03-01T06:30:00.000Z")
        one.glue.delete_table(DatabaseName="pills_db", Name="pills")
        one.glue.delete_table(DatabaseName="pills_db", Name="pills_versions")
        fetched = one.fetch()
        assert fetched.decision == "repair"
        failed = dies(lambda: one.publish(fetched), at, done=done)
        if at % 2:
            one.record_failure()
        else:
            one.publish(fetched)
        assert one.agrees()
        assert lease_key("pills") not in keys(one.storage)
        return failed

    assert every_death(scenario) >= 8


def test_a_failure_after_the_commit_that_failed_to_be_recorded_at_any_call_leaves_the_catalog_right() -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        one.source.answer = file_answers(NEWER)
        fetched = one.fetch()
        one.process(fetched)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("_shared.lambdas.libs.steps.publish.follow_manifest", unreachable)
            with pytest.raises(CatalogBusyError):
                one.publish(fetched)
        failed = dies(one.record_failure, at, done=done)
        one.record_failure()
        assert one.agrees()
        assert one.statuses() == [FAILED]
        assert sent_alerts(one.topic)
        assert lease_key("pills") not in keys(one.storage)
        return failed

    assert every_death(scenario) >= 15


def unreachable(*_: object) -> None:
    message = "glue is away"
    raise CatalogBusyError(message)


def dies_in(one: World, step: str, at: int, *, done: bool) -> bool:
    """Let a run of a newer release die at one call of a step; tell whether it got that far."""
    one.source.answer = file_answers(NEWER)
    if step == "FetchAndHash":
        return dies(one.fetch, at, done=done)
    fetched = one.fetch()
    one.process(fetched)
    return dies(lambda: one.publish(fetched), at, done=done)


@pytest.mark.parametrize("step", ["FetchAndHash", "UpdateManifest"])
def test_after_a_run_that_died_at_any_call_and_was_recorded_the_next_run_publishes(step: str) -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        failed = dies_in(one, step, at, done=done)
        if failed:
            one.record_failure()
            assert one.statuses() in ([FAILED], [SUCCEEDED])
            assert one.agrees()
            assert lease_key("pills") not in keys(one.storage)
        return failed and next_run(one)

    assert every_death(scenario) >= 7


@pytest.mark.parametrize("step", ["FetchAndHash", "UpdateManifest"])
def test_after_a_run_that_was_stopped_at_any_call_the_next_run_is_not_kept_out(step: str) -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        failed = dies_in(one, step, at, done=done)
        one.ended = frozenset({EXECUTION})
        return failed and next_run(one)

    assert every_death(scenario) >= 7


def next_run(one: World) -> bool:
    """Run another execution; what it leaves is whole, whether it had work or not."""
    fetched = one.fetch(OTHER_EXECUTION, LATER)
    if fetched.decision == "process":
        one.process(fetched)
        one.publish(fetched, OTHER_EXECUTION, LATER)
    elif fetched.decision == "repair":
        one.publish(fetched, OTHER_EXECUTION, LATER)
    if fetched.decision != "process":
        assert fetched.reason.startswith("source unchanged")
    assert one.agrees()
    assert lease_key("pills") not in keys(one.storage)
    return True


def test_a_failure_is_recorded_once_and_told_whatever_call_its_recording_failed_at() -> None:
    def scenario(one: World, at: int, done: bool) -> bool:
        one.source.answer = file_answers(NEWER)
        one.fetch()
        failed = dies(one.record_failure, at, done=done)
        one.record_failure()
        assert keys(one.storage, run_record_key("pills", run_id(STARTED, EXECUTION)))
        assert one.statuses() == [FAILED]
        assert sent_alerts(one.topic)
        assert lease_key("pills") not in keys(one.storage)
        return failed

    assert every_death(scenario) >= 8

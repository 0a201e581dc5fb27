"""Lease, manifest, decision and run records: what keeps two runs apart, and tells what happened."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.errors import (
    ContractError,
    LeaseLostError,
    ManifestConflictError,
    StorageThrottledError,
    WorkflowBusyError,
    WorkflowRejectedError,
)
from _shared.contracts.layout import lease_key, manifest_key, run_record_key
from _shared.contracts.manifest import Lease, Manifest, Pin, Publication
from _shared.contracts.publications import with_publication
from _shared.contracts.release import FETCHED, UNCHANGED, FetchedSource, SourceState
from _shared.contracts.run_record import FAILED, SKIPPED, SUCCEEDED, RunRecord
from _shared.lambdas.libs.aws.executions import Executions, ExecutionStatus, execution_arn
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.run.decision import Decision, condition, decide
from _shared.lambdas.libs.run.records import StandingRecord, find_success, write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from tests._shared.lambdas.support import (
    BUCKET,
    EXECUTION,
    MACHINE,
    NOW,
    OTHER_EXECUTION,
    keys,
    lake,
    manifest_of,
    text_of,
)

URL = "https://download.open.fda.gov/x.zip"
CODE = "f" * 64
ONE = Publication(
    "2019-04-29", "r1", "t", {"pills": SourceState(URL, "a" * 64, 1, '"one"', "Mon, 29 Apr 2019 10:00:00 GMT")}, CODE
)
TWO = Publication("2026-03-01", "r2", "t", {"pills": SourceState(URL, "b" * 64, 1, '"two"')}, CODE, row_counts={"x": 5})
STATE = manifest_of(ONE, TWO)
MINE = lease.LeaseClaim("pills", EXECUTION, NOW, 3600)
THEIRS = replace(MINE, owner=OTHER_EXECUTION)
RECORD = RunRecord("pills", "r1", EXECUTION, SUCCEEDED, "first run", "2026", "2027")


@pytest.fixture(name="storage")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


def with_state(version: Publication, **changes: Any) -> Publication:
    return replace(version, sources={"pills": replace(version.sources["pills"], **changes)})


def seen(sha256: str | None) -> list[FetchedSource]:
    return [FetchedSource("pills", FETCHED, SourceState(URL, sha256, 1))]


def unmodified(version: Publication) -> Decision:
    state = manifest_of(version)
    answers = [FetchedSource("pills", UNCHANGED, version.sources["pills"])]
    return decide(state, answers, CODE, asked_about=version, force=False)


def running(_: str) -> bool:
    return True


def ended(_: str) -> bool:
    return False


def owner(storage: LakeStorage) -> str:
    return decode_text(Lease, text_of(storage, lease_key("pills")), "lease").owner


def test_a_free_lease_is_taken_with_its_expiry(storage: LakeStorage) -> None:
    assert lease.acquire(storage, MINE, running).etag is not None
    held = decode_text(Lease, text_of(storage, lease_key("pills")), "lease")
    assert held == Lease("pills", EXECUTION, "2026-03-02T06:31:00.000Z", "2026-03-02T07:31:00.000Z")


def test_a_lease_of_a_running_execution_keeps_others_out(storage: LakeStorage) -> None:
    lease.acquire(storage, THEIRS, running)
    refused = lease.acquire(storage, MINE, running)
    holder = refused.holder
    assert refused.etag is None
    assert holder is not None
    assert holder.owner == OTHER_EXECUTION
    assert owner(storage) == OTHER_EXECUTION


def test_the_same_execution_takes_its_lease_again_and_prolongs_it(storage: LakeStorage) -> None:
    lease.acquire(storage, MINE, running)
    assert lease.acquire(storage, replace(MINE, now=NOW + timedelta(minutes=10)), running).holder is None
    assert decode_text(Lease, text_of(storage, lease_key("pills")), "lease").expires_at == "2026-03-02T07:41:00.000Z"


def test_an_expired_lease_is_taken_over_without_asking(storage: LakeStorage) -> None:
    lease.acquire(storage, THEIRS, running)
    asked: list[str] = []

    def ask(arn: str) -> bool:
        asked.append(arn)
        return True

    assert lease.acquire(storage, replace(MINE, now=NOW + timedelta(hours=1)), ask).holder is None
    assert (owner(storage), asked) == (EXECUTION, [])


def test_the_lease_of_an_execution_that_ended_is_taken_over(storage: LakeStorage) -> None:
    lease.acquire(storage, THEIRS, running)
    assert lease.acquire(storage, MINE, ended).holder is None
    assert owner(storage) == EXECUTION


def test_a_lease_is_given_back_by_its_owner_only(storage: LakeStorage) -> None:
    assert not lease.release(storage, "pills", EXECUTION)
    lease.acquire(storage, MINE, running)
    assert not lease.release(storage, "pills", OTHER_EXECUTION)
    assert lease.release(storage, "pills", EXECUTION)
    assert keys(storage) == []


def test_a_lease_that_was_taken_again_or_given_back_is_lost(storage: LakeStorage) -> None:
    etag = lease.acquire(storage, MINE, running).etag
    lease.verify(storage, "pills", etag)
    # A later attempt of the execution is the same owner, and takes it anew.
    again = lease.acquire(storage, replace(MINE, now=NOW + timedelta(seconds=1)), running).etag
    with pytest.raises(LeaseLostError, match="no longer the lease"):
        lease.verify(storage, "pills", etag)
    lease.verify(storage, "pills", again)
    assert lease.release(storage, "pills", EXECUTION)
    with pytest.raises(LeaseLostError):
        lease.verify(storage, "pills", again)


def test_a_lease_is_kept_where_it_may_not_be_released_or_is_taken_again_meanwhile(storage: LakeStorage) -> None:
    lease.acquire(storage, MINE, running)
    assert not lease.release(storage, "pills", EXECUTION, lambda: False)
    assert owner(storage) == EXECUTION

    def redriven_right_after_the_answer() -> bool:
        lease.acquire(storage, replace(MINE, now=NOW + timedelta(seconds=1)), running)
        return True

    assert not lease.release(storage, "pills", EXECUTION, redriven_right_after_the_answer)
    assert owner(storage) == EXECUTION


def one_at_a_time(monkeypatch: pytest.MonkeyPatch, storage: LakeStorage) -> None:
    """Let requests be decided one by one, as S3 does; moto works in several steps that threads can interleave."""
    lock, put, get = threading.Lock(), storage._client.put_object, storage._client.get_object

    def put_object(**request: Any) -> Any:
        with lock:
            return put(**request)

    def get_object(**request: Any) -> Any:
        with lock:
            return get(**request)

    monkeypatch.setattr(storage._client, "put_object", put_object)
    monkeypatch.setattr(storage._client, "get_object", get_object)


def test_one_of_many_that_come_at_once_gets_the_lease(storage: LakeStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    one_at_a_time(monkeypatch, storage)
    claims = [replace(MINE, owner=f"{EXECUTION}-{number}") for number in range(8)]
    holders: dict[str, Lease | None] = {}
    barrier = threading.Barrier(len(claims))

    def claim(one: lease.LeaseClaim) -> None:
        barrier.wait()
        holders[one.owner] = lease.acquire(storage, one, running).holder

    threads = [threading.Thread(target=claim, args=(one,)) for one in claims]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [name for name, holder in holders.items() if holder is None]
    assert winners == [owner(storage)]
    assert len(holders) == 8


def test_who_loses_the_race_for_an_ended_executions_lease_stays_out(storage: LakeStorage) -> None:
    lease.acquire(storage, replace(MINE, owner="gone"), running)

    def overtaken(arn: str) -> bool:
        # Another execution takes over between our reading of the lease and our writing of it.
        if arn == "gone":
            lease.acquire(storage, THEIRS, ended)
            return False
        return True

    holder = lease.acquire(storage, MINE, overtaken).holder
    assert holder is not None
    assert holder.owner == owner(storage) == OTHER_EXECUTION


def test_a_lease_that_changes_at_every_attempt_is_transient(
    storage: LakeStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "put_json_if", lambda *_: None)
    with pytest.raises(StorageThrottledError, match="changed by others"):
        lease.acquire(storage, MINE, running)


def test_a_lease_that_cannot_be_read_is_told_by_address(storage: LakeStorage) -> None:
    storage.put(lease_key("pills"), b"{}")
    with pytest.raises(ContractError, match=f"s3://{BUCKET}/manifests/pills/lease.json"):
        lease.acquire(storage, MINE, running)


def step_functions(**answers: object) -> Executions:
    return Executions(MagicMock(**answers))


def refusal(code: str, status: int = 400) -> ClientError:
    return ClientError(
        {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]  # as AWS answers
        "X",
    )


@pytest.mark.parametrize(
    ("status", "live"),
    [("RUNNING", True), ("PENDING_REDRIVE", True), ("SUCCEEDED", False), ("FAILED", False), ("ABORTED", False)],
)
def test_an_execution_runs_by_its_status(status: str, *, live: bool) -> None:
    assert step_functions(**{"describe_execution.return_value": {"status": status}}).is_running(EXECUTION) is live


def test_an_execution_that_does_not_exist_does_not_run() -> None:
    unknown = step_functions(**{"describe_execution.side_effect": refusal("ExecutionDoesNotExist")})
    assert not unknown.is_running(EXECUTION)


def test_an_execution_tells_its_redrives() -> None:
    answer = {"describe_execution.return_value": {"status": "FAILED", "redriveCount": 2}}
    assert step_functions(**answer).describe(EXECUTION) == ExecutionStatus("FAILED", 2)
    # One that is older than redrives has no count.
    old = {"describe_execution.return_value": {"status": "RUNNING"}}
    assert step_functions(**old).describe(EXECUTION) == ExecutionStatus("RUNNING", 0)


def test_whether_an_execution_runs_is_not_guessed() -> None:
    with pytest.raises(WorkflowRejectedError, match="allow states:DescribeExecution"):
        step_functions(**{"describe_execution.side_effect": refusal("AccessDeniedException")}).is_running(EXECUTION)
    with pytest.raises(WorkflowBusyError):
        step_functions(**{"describe_execution.side_effect": refusal("Oops", 500)}).is_running(EXECUTION)


def test_a_name_that_is_taken_gives_the_execution_that_has_it() -> None:
    taken = step_functions(**{"start_execution.side_effect": refusal("ExecutionAlreadyExists")})
    assert taken.start(MACHINE, "one", "{}").arn == execution_arn(MACHINE, "one") == EXECUTION


def test_the_manifest_is_written_once_and_then_swapped(storage: LakeStorage) -> None:
    nothing = manifest.load(storage, "pills")
    assert nothing == manifest.LoadedManifest(None, None)
    first = manifest_of(ONE)
    manifest.save(storage, first, nothing)
    with pytest.raises(ManifestConflictError):
        manifest.save(storage, STATE, nothing)
    loaded = manifest.load(storage, "pills")
    assert loaded.manifest == first
    manifest.save(storage, STATE, loaded)
    with pytest.raises(ManifestConflictError):
        manifest.save(storage, replace(STATE, current=ONE.run_id), loaded)
    assert manifest.load(storage, "pills").manifest == STATE


def test_an_unchanged_manifest_is_not_written(storage: LakeStorage) -> None:
    manifest.save(storage, STATE, manifest.LoadedManifest(None, None))
    before = manifest.load(storage, "pills")
    manifest.save(storage, STATE, before)
    assert manifest.load(storage, "pills").etag == before.etag


def test_many_swaps_at_once_lose_nothing(storage: LakeStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    one_at_a_time(monkeypatch, storage)
    manifest.save(storage, manifest_of(replace(ONE, run_id="first")), manifest.LoadedManifest(None, None))

    def add(number: int) -> None:
        while True:
            loaded = manifest.load(storage, "pills")
            assert loaded.manifest is not None
            after = with_publication(loaded.manifest, "pills", replace(ONE, run_id=str(number)))
            try:
                manifest.save(storage, after, loaded)
            except ManifestConflictError:
                continue
            return

    threads = [threading.Thread(target=add, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    document = json.loads(text_of(storage, manifest_key("pills")))
    assert sorted(document["publications"]) == [*(str(number) for number in range(6)), "first"]


@pytest.mark.parametrize(
    ("version", "run_id", "compared_with"),
    [
        ("2026-03-02", "r3", "r2"),
        ("2026-03-01", "r3", "r2"),
        ("2025-01-01", "r3", "r1"),
        ("2019-04-29", "r3", "r1"),
        ("2019-04-29", "r0", None),
        ("2018-01-01", "r3", None),
    ],
)
def test_a_release_is_compared_with_the_one_before_it(version: str, run_id: str, compared_with: str | None) -> None:
    found = manifest.previous_version(STATE, version, run_id)
    assert (found.run_id if found else None) == compared_with
    assert manifest.previous_version(None, version, run_id) is None


def test_the_request_is_conditional_on_the_newest_version_of_the_address() -> None:
    assert condition(STATE, {"pills": URL}, CODE, force=False) == TWO
    older = manifest_of(ONE, with_state(TWO, url="y"))
    assert condition(older, {"pills": URL}, CODE, force=False) == ONE


@pytest.mark.parametrize(
    ("state", "url", "code", "force"),
    [(None, URL, CODE, False), (STATE, "other", CODE, False), (STATE, URL, "other", False), (STATE, URL, CODE, True)],
)
def test_the_request_is_unconditional_where_more_than_the_source_matters(
    state: Manifest | None, url: str, code: str, *, force: bool
) -> None:
    assert condition(state, {"pills": url}, code, force=force) is None


def test_a_304_says_since_when_and_by_which_etag() -> None:
    decision = unmodified(ONE)
    assert not decision.process
    assert decision.reason == (
        'source unchanged: 304 Not Modified since 2019-04-29 (ETag "one"), and the pipeline\'s code is unchanged'
    )


def test_a_long_etag_is_cut_in_the_reason() -> None:
    known = with_state(ONE, etag=f'"{"5d72f3ab11c7a917" * 4}"')
    assert '(ETag "5d72f3ab11c7a9175d7…")' in unmodified(known).reason


@pytest.mark.parametrize(
    ("state", "sha256", "code", "force", "reason"),
    [
        (None, "b" * 64, CODE, False, "first run"),
        (None, "b" * 64, CODE, True, "first run"),
        (STATE, "b" * 64, CODE, True, "forced"),
        (STATE, "c" * 64, CODE, False, "source content changed (sha256 bbbbbbbbbbbb… → cccccccccccc…)"),
        (STATE, "c" * 64, "other", False, "source content changed (sha256 bbbbbbbbbbbb… → cccccccccccc…)"),
        (STATE, "b" * 64, "other", False, "pipeline code or configuration changed"),
    ],
)
def test_there_is_work(state: Manifest | None, sha256: str, code: str, reason: str, *, force: bool) -> None:
    assert decide(state, seen(sha256), code, force=force) == Decision(process=True, reason=reason)


@pytest.mark.parametrize("version", [ONE, TWO])
def test_content_that_was_published_before_is_no_work(version: Publication) -> None:
    decision = decide(STATE, seen(version.sources["pills"].sha256), CODE, force=False)
    assert not decision.process
    assert decision.published == version
    assert f"as version {version.version}, and the pipeline's code is unchanged" in decision.reason


def test_a_source_that_takes_a_correction_back_is_followed() -> None:
    """What a later run of the same release date has superseded is not what readers see."""
    corrected = replace(with_state(ONE, sha256="c" * 64, etag='"three"'), run_id="r3")
    state = manifest_of(ONE, corrected)
    assert decide(state, seen("a" * 64), CODE, force=False).process
    assert not decide(state, seen("c" * 64), CODE, force=False).process
    assert condition(state, {"pills": URL}, CODE, force=False) == corrected


def test_a_pin_does_not_make_the_newest_release_new_again() -> None:
    state = replace(STATE, pin=Pin(ONE.run_id, "somebody", "t", "the newest is wrong"))
    assert not decide(state, seen("b" * 64), CODE, force=False).process
    assert condition(state, {"pills": URL}, CODE, force=False) == TWO


@given(st.sampled_from(["a", "b", "c"]), st.sampled_from([CODE, "other"]), st.booleans())
def test_a_run_is_skipped_only_if_content_and_code_are_published_and_nobody_forces(
    digit: str,
    code: str,
    force: bool,
) -> None:
    known = any(
        one.sources["pills"].sha256 == digit * 64 and one.fingerprint == code for one in STATE.publications.values()
    )
    assert decide(STATE, seen(digit * 64), code, force=force).process is (force or not known)


def test_the_first_record_of_an_attempt_stands(storage: LakeStorage) -> None:
    first = write_record(storage, RECORD)
    assert first == StandingRecord(run_record_key("pills", "r1"), RECORD)
    assert write_record(storage, replace(RECORD, ended_at="2028")) == first
    assert write_record(storage, replace(RECORD, status=FAILED, error="ExecutionAborted")) == first
    assert text_of(storage, first.key) == encode_text(RECORD)
    assert len(keys(storage)) == 1


def test_each_attempt_of_a_run_has_a_record_of_its_own_in_whatever_order_they_come(storage: LakeStorage) -> None:
    redriven = replace(RECORD, redrive_count=2)
    late = replace(RECORD, status=FAILED, reason="S3 was away", step="UpdateManifest")
    assert write_record(storage, redriven).key == run_record_key("pills", "r1-redrive-2")
    assert write_record(storage, late).record == late
    assert find_success(storage, "pills", "r1", 1) is None
    assert find_success(storage, "pills", "r1", 2) == redriven


def test_a_skipped_run_is_no_success(storage: LakeStorage) -> None:
    write_record(storage, replace(RECORD, status=SKIPPED))
    assert find_success(storage, "pills", "r1", 0) is None


def test_a_source_without_hash_is_the_same_by_its_watermark() -> None:
    page = SourceState(URL, watermark="2026-03-01T00:00:00")
    known = replace(ONE, sources={"pills": page})

    def decided(state: SourceState, outcome: str) -> Decision:
        return decide(manifest_of(known), [FetchedSource("pills", outcome, state)], CODE, force=False)

    same = decided(page, UNCHANGED)
    assert (same.process, same.published) == (False, known)
    assert same.reason == (
        "source unchanged: still at watermark 2026-03-01T00:00:00, and the pipeline's code is unchanged"
    )
    later = decided(replace(page, watermark="2026-03-02T00:00:00"), FETCHED)
    assert later == Decision(
        process=True,
        reason="source content changed (watermark 2026-03-01T00:00:00 → watermark 2026-03-02T00:00:00)",
    )
    assert decided(SourceState(URL), FETCHED).process

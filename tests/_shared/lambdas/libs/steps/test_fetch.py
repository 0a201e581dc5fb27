"""FetchAndHash as a whole: decisions, what lies in raw afterwards, and the lease."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import (
    CorruptArchiveError,
    DisallowedSourceError,
    MissingMemberError,
    SourceNotFoundError,
)
from _shared.contracts.layout import lease_key, manifest_key, raw_prefix, release_key, run_record_key
from _shared.contracts.manifest import Publication
from _shared.contracts.publications import with_publication
from _shared.contracts.release import FETCHED, FetchedSource, PreviousVersion, Release
from _shared.contracts.run_record import SKIPPED, RunRecord
from _shared.contracts.workflow import PROCESS, SKIP, FetchRequest, FetchResult
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.source.http.addresses import source_name
from _shared.lambdas.libs.source.release_date import release_version, released
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash
from tests._shared.lambdas.support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    NOW,
    OTHER_EXECUTION,
    RULES,
    STARTED,
    Answer,
    Source,
    archive,
    client,
    config_for,
    empty_catalog,
    file_answers,
    keys,
    lake,
    open_uploads,
    serve,
    text_of,
)
from tests.local_cloud.step_functions.support import context

FILE = archive({"pills.csv": b"Code\r\n0001\r\n"})
NEWER = archive({"pills.csv": b"Code\r\n0001\r\n0002\r\n"})
CODE = "f" * 64


@dataclass
class Pipeline:
    """The step with everything around it; calling it is a run."""

    storage: LakeStorage
    source: Source
    config: DatasetConfig
    services: FetchServices
    fingerprint: str = CODE

    def __call__(self, execution: str = EXECUTION, started_at: str = STARTED, **asked: Any) -> FetchResult:
        request = FetchRequest(context(execution, started_at, Input={"dataset": "pills", **asked}))
        settings = FetchSettings(BUCKET, "lake_db", self.fingerprint, RULES, 3600)
        return fetch_and_hash(request, self.config, settings, self.services)

    def release(self, result: FetchResult) -> Release:
        """Read the release document."""
        return decode_text(Release, text_of(self.storage, release_key("pills", result.run_id)), "release")

    def record(self, result: FetchResult) -> RunRecord:
        """Read the run record."""
        return decode_text(RunRecord, text_of(self.storage, run_record_key("pills", result.run_id)), "record")

    def publish(self, result: FetchResult) -> None:
        """Write what UpdateManifest would: the manifest, and the lease given back."""
        release = self.release(result)
        entry = Publication(release.version, release.run_id, "t", release.states, result.fingerprint, {}, {"pills": 1})
        loaded = manifest.load(self.storage, "pills")
        manifest.save(self.storage, with_publication(loaded.manifest, "pills", entry), loaded)
        lease.release(self.storage, "pills", EXECUTION)


@pytest.fixture(name="run")
def fixture_run() -> Iterator[Pipeline]:
    with lake() as storage, serve() as source, client() as http:
        services = FetchServices(storage, http, lambda _: True, empty_catalog(), lambda: NOW)
        yield Pipeline(storage, source, config_for(source.address), services)


def test_a_first_run_lays_out_raw_and_keeps_the_lease(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    result = run()
    prefix = raw_prefix("pills", result.run_id)
    assert (result.decision, result.reason, result.version) == (PROCESS, "first run", "2026-03-01")
    assert result.release_key == f"{prefix}_metadata.json"
    release = run.release(result)
    [fetched] = release.sources
    assert fetched.state is not None
    assert fetched.state.sha256 == hashlib.sha256(FILE).hexdigest()
    assert (fetched.state.bytes, fetched.state.etag, fetched.key) == (len(FILE), '"one"', f"{prefix}pills.zip")
    assert [(member.key, member.encoding) for member in release.members] == [(f"{prefix}pills.csv", "utf-8")]
    assert release.previous is None
    assert keys(run.storage) == sorted(
        [lease_key("pills"), f"{prefix}_metadata.json", f"{prefix}pills.csv", f"{prefix}pills.zip"]
    )


def test_an_unchanged_source_costs_one_conditional_request_and_gives_the_lease_back(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    before = keys(run.storage)
    run.source.asked.clear()
    result = run(OTHER_EXECUTION)
    assert (result.decision, result.version, result.release_key) == (SKIP, "2026-03-01", None)
    assert result.reason.startswith('source unchanged: 304 Not Modified since 2026-03-01 (ETag "one")')
    assert len(run.source.asked) == 1
    assert set(keys(run.storage)) - set(before) == {run_record_key("pills", result.run_id)}
    record = run.record(result)
    assert (record.status, record.reason, record.execution) == (SKIPPED, result.reason, OTHER_EXECUTION)


def test_the_same_content_under_new_validators_is_skipped_and_leaves_nothing_in_raw(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    run.source.answer = file_answers(FILE, etag='"touched"', last_modified="Mon, 02 Mar 2026 05:00:00 GMT")
    result = run(OTHER_EXECUTION)
    assert result.decision == SKIP
    assert "same content" in result.reason
    assert keys(run.storage, raw_prefix("pills", result.run_id)) == []
    assert open_uploads(run.storage) == 0


def test_changed_content_is_processed_and_knows_what_came_before(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    first = run()
    run.publish(first)
    run.source.answer = file_answers(NEWER, etag='"two"', last_modified="Mon, 02 Mar 2026 05:00:00 GMT")
    result = run(OTHER_EXECUTION)
    assert (result.decision, result.version) == (PROCESS, "2026-03-02")
    assert result.reason.startswith("source content changed (sha256 ")
    assert run.release(result).previous == PreviousVersion("2026-03-01", first.run_id, {"pills": 1})


def test_force_processes_an_unchanged_source(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    result = run(OTHER_EXECUTION, force=True)
    assert (result.decision, result.reason, result.forced) == (PROCESS, "forced", True)
    assert "if-none-match" not in run.source.asked[-1].headers


def test_changed_code_processes_an_unchanged_source(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    run.fingerprint = "0" * 64
    result = run(OTHER_EXECUTION)
    assert (result.decision, result.reason) == (PROCESS, "pipeline code or configuration changed")


def test_a_source_that_went_back_to_old_content_is_not_processed_every_day(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    run.source.answer = file_answers(NEWER, etag='"two"', last_modified="Mon, 02 Mar 2026 05:00:00 GMT")
    run.publish(run(started_at="2026-03-02T07:00:00Z"))
    run.source.answer = file_answers(FILE)
    result = run(OTHER_EXECUTION)
    assert result.decision == SKIP
    assert "as version 2026-03-01" in result.reason


def test_a_lease_of_a_running_execution_skips_without_a_request(run: Pipeline) -> None:
    lease.acquire(run.storage, lease.LeaseClaim("pills", OTHER_EXECUTION, NOW, 60), lambda _: True)
    result = run()
    assert result.decision == SKIP
    assert result.reason.startswith(
        f"another run is in progress: {OTHER_EXECUTION} has held the lease since 2026-03-02"
    )
    assert run.source.asked == []
    assert OTHER_EXECUTION in text_of(run.storage, lease_key("pills"))
    assert run.record(result).status == SKIPPED


@pytest.mark.parametrize("etag", ["\xa0x", "\x0cx"])
def test_an_etag_that_cannot_be_sent_does_not_stop_the_next_run(run: Pipeline, etag: str) -> None:
    run.source.answer = file_answers(FILE, etag=etag)
    first = run()
    assert run.release(first).states["pills"].etag is None
    run.publish(first)
    result = run(OTHER_EXECUTION)
    assert result.decision == SKIP
    assert "still the" in result.reason


@pytest.mark.parametrize("etag", ["\xa0x", "\x0cx"])
def test_a_manifest_with_an_etag_that_cannot_be_sent_heals(run: Pipeline, etag: str) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    for key in keys(run.storage):
        if key.endswith(".json"):
            text = text_of(run.storage, key).replace(json.dumps('"one"'), json.dumps(etag))
            run.storage.put(key, text.encode())
    assert json.dumps(etag) in text_of(run.storage, manifest_key("pills"))
    result = run(OTHER_EXECUTION)
    assert (result.decision, etag in result.reason) == (SKIP, False)
    assert "if-none-match" not in run.source.asked[-1].headers
    run.source.answer = file_answers(NEWER, etag='"two"')
    changed = run(f"{OTHER_EXECUTION}-3")
    assert run.release(changed).states["pills"].etag == '"two"'


def test_a_retried_run_writes_where_it_wrote_before(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    first = run()
    before = {key: text_of(run.storage, key) for key in keys(run.storage) if not key.endswith(".zip")}
    assert run() == first
    assert {key: text_of(run.storage, key) for key in keys(run.storage) if not key.endswith(".zip")} == before


def test_a_retried_skip_is_recorded_once(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE)
    run.publish(run())
    first = run(OTHER_EXECUTION)
    before = keys(run.storage)
    assert run(OTHER_EXECUTION) == first
    assert keys(run.storage) == before


@pytest.mark.parametrize("ranges", [True, False], ids=["resumed", "begun anew"])
def test_a_broken_download_ends_in_the_right_bytes_and_hash(run: Pipeline, *, ranges: bool) -> None:
    body = archive({"pills.csv": hashlib.sha512().digest() * 10, "filler": bytes(range(256)) * 9000})
    padded = archive({"pills.csv": b"Code\n", "pad.bin": hashlib.shake_256(b"x").digest(9_000_000)})
    assert len(padded) > len(body)
    run.source.answer = file_answers(padded, break_at=8_600_000, breaks=1, ranges=ranges)
    result = run()
    release = run.release(result)
    [fetched] = release.sources
    assert fetched.state is not None
    assert fetched.state.sha256 == hashlib.sha256(padded).hexdigest()
    assert hashlib.sha256(b"".join(run.storage.stream(fetched.key or ""))).hexdigest() == fetched.state.sha256
    assert open_uploads(run.storage) == 0


def test_a_failure_keeps_the_lease_and_writes_no_release(run: Pipeline) -> None:
    run.source.say(Answer(404))
    with pytest.raises(SourceNotFoundError):
        run()
    assert keys(run.storage) == [lease_key("pills")]


@pytest.mark.parametrize(
    ("body", "error"), [(FILE[:-30], CorruptArchiveError), (archive({"read.me": b"x"}), MissingMemberError)]
)
def test_a_wrong_archive_stops_the_run_without_a_release(run: Pipeline, body: bytes, error: type[Exception]) -> None:
    run.source.answer = file_answers(body)
    with pytest.raises(error):
        run()
    assert not any(key.endswith("_metadata.json") for key in keys(run.storage))


def test_another_release_may_be_asked_for(run: Pipeline) -> None:
    run.source.answer = file_answers(FILE, last_modified="Mon, 29 Apr 2019 10:00:00 GMT")
    result = run(source_url=f"{run.source.address}/old/2019 april.zip".replace(" ", "%20"))
    assert result.version == "2019-04-29"
    assert (run.release(result).sources[0].key or "").endswith("/2019_april.zip")


def test_a_source_that_is_not_allowed_is_refused_wherever_it_comes_from(run: Pipeline) -> None:
    with pytest.raises(DisallowedSourceError):
        run(source_url="https://example.org/x.zip")
    run.config = replace(run.config, sources=(replace(run.config.sources[0], url="https://example.org/x.zip"),))
    with pytest.raises(DisallowedSourceError):
        run()
    assert keys(run.storage) == []


@pytest.mark.parametrize(
    ("last_modified", "version"),
    [
        ("Mon, 29 Apr 2019 10:00:00 GMT", "2019-04-29"),
        ("Mon, 02 Mar 2026 23:00:00 GMT", "2026-03-02"),
        ("Tue, 03 Mar 2026 01:00:00 GMT", "2026-03-02"),
        ("whenever", "2026-03-02"),
        (None, "2026-03-02"),
    ],
)
def test_the_version_is_the_sources_date_else_the_runs(last_modified: str | None, version: str) -> None:
    fetched = FetchedSource("pills", FETCHED, released=released(None, (), last_modified, STARTED))
    assert release_version(CONFIG.sources, [fetched], STARTED) == version


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x/a/File.zip?b=c", "File.zip"),
        ("https://x/%2e%2e%2f..%5cx.zip", "_x.zip"),
        ("https://x/_metadata.json", "metadata.json"),
        ("https://x/", "source"),
        ("https://x", "source"),
        ("https://x/a b\u20ac.zip", "a_b_.zip"),
    ],
)
def test_the_name_in_the_lake_is_harmless(url: str, name: str) -> None:
    assert source_name(url).lstrip("_") == name.lstrip("_")
    assert not source_name(url).startswith(("_", "."))
    assert "/" not in source_name(url)

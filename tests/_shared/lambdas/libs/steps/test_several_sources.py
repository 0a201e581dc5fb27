"""FetchAndHash of a dataset with several sources: each asked, hashed and, where it is unchanged, left alone."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from _shared.contracts.codec import decode_text, encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.errors import (
    DisallowedSourceError,
    EmptySourceError,
    InvalidInputError,
    MedallionError,
    MissingMemberError,
    SourceForbiddenError,
    SourceNotFoundError,
    SourceRejectedError,
    SourceUnavailableError,
)
from _shared.contracts.layout import manifest_key, raw_prefix, release_key, run_record_key
from _shared.contracts.manifest import Publication
from _shared.contracts.release import ABSENT, FETCHED, UNCHANGED, FetchedSource, Release
from _shared.contracts.source import Member, ReleaseDate, SourceColumn
from _shared.contracts.source import Source as Configured
from _shared.contracts.workflow import PROCESS, SKIP, FetchRequest, FetchResult
from _shared.lambdas.libs.run import lease
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.source.http.addresses import source_name
from _shared.lambdas.libs.source.http.licensed import LicensedClient
from _shared.lambdas.libs.source.http.limits import Limits
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
    Asked,
    Source,
    archive,
    client,
    empty_catalog,
    file_answers,
    keys,
    lake,
    manifest_of,
    open_uploads,
    serve,
    text_of,
)
from tests.local_cloud.step_functions.support import context

CODE = "f" * 64
KEY = "s3cr3t+key/=="
LICENSED_PATH = "/download?url=https://x/RxNorm_full_current.zip&apiKey="
COLUMNS = (SourceColumn("code", "Code"),)
FINISHED = archive({"product.txt": b"Code\n1\n", "package.txt": b"Code\n1\n"})
LESS = archive({"product.txt": b"Code\n1\n"})
EXTRA = archive({"product.txt": b"Code\n7\n"})
EXTRA_NEWER = archive({"product.txt": b"Code\n7\n8\n"})


@dataclass
class Pipeline:
    """The step with everything around it; calling it is a run."""

    storage: LakeStorage
    source: Source
    config: DatasetConfig
    services: FetchServices
    files: dict[str, Any] = field(default_factory=dict)
    secret: str | None = None

    def answer(self, asked: Asked) -> Answer:
        """Answer by path."""
        found = self.files.get(asked.path.rsplit("/", 1)[-1])
        answer: Answer = found(asked) if found else Answer(404)
        return answer

    def __call__(self, execution: str = EXECUTION, **asked: Any) -> FetchResult:
        self.source.asked.clear()
        request = FetchRequest(context(execution, STARTED, Input={"dataset": "pills", **asked}))
        settings = FetchSettings(BUCKET, "lake_db", CODE, RULES, 3600, self.secret)
        return fetch_and_hash(request, self.config, settings, self.services)

    def release(self, result: FetchResult) -> Release:
        """Read the release document."""
        return decode_text(Release, text_of(self.storage, release_key("pills", result.run_id)), "release")

    def publish(self, result: FetchResult) -> None:
        """Write what UpdateManifest would: the manifest, and the lease given back."""
        release = self.release(result)
        entry = Publication(release.version, release.run_id, "t", release.states, result.fingerprint)
        self.storage.put(manifest_key("pills"), encode_text(manifest_of(entry)).encode())
        lease.release(self.storage, "pills", EXECUTION)


@pytest.fixture(name="run")
def fixture_run() -> Iterator[Pipeline]:
    with lake() as storage, serve() as source, client() as http:
        sources = (
            Configured(
                "finished",
                f"{source.address}/finished.zip",
                (Member("product", "product.txt", COLUMNS), Member("package", "package.txt", COLUMNS, optional=True)),
            ),
            Configured(
                "extra", f"{source.address}/extra.zip", (Member("other", "product.txt", COLUMNS),), optional=True
            ),
        )
        services = FetchServices(storage, http, lambda _: True, empty_catalog(), lambda: NOW, lambda _: KEY)
        one = Pipeline(storage, source, replace(CONFIG, sources=sources), services)
        one.files = {"finished.zip": file_answers(FINISHED, etag='"f"'), "extra.zip": file_answers(EXTRA, etag='"e"')}
        source.answer = one.answer
        yield one


def test_each_source_has_a_folder_so_that_files_of_one_name_stay_apart(run: Pipeline) -> None:
    result = run()
    prefix = raw_prefix("pills", result.run_id)
    release = run.release(result)
    assert {member.table: member.key for member in release.members} == {
        "product": f"{prefix}finished/product.txt",
        "package": f"{prefix}finished/package.txt",
        "other": f"{prefix}extra/product.txt",
    }
    assert [(one.name, one.outcome, one.fetched_by) for one in release.sources] == [
        ("finished", FETCHED, result.run_id),
        ("extra", FETCHED, result.run_id),
    ]
    assert release.source_of("other").sha256 == release.states["extra"].sha256


def test_of_two_sources_the_unchanged_one_is_not_fetched_again(run: Pipeline) -> None:
    first = run()
    run.publish(first)
    run.files["extra.zip"] = file_answers(EXTRA_NEWER, etag='"e2"')
    result = run(OTHER_EXECUTION)
    assert result.decision == PROCESS
    assert result.reason.startswith(
        'source content changed: finished: 304 Not Modified since 2026-03-01 (ETag "f"); extra: changed'
    )
    assert [asked.path for asked in run.source.asked] == ["/finished.zip", "/extra.zip"]
    finished, extra = run.release(result).sources
    assert (finished.outcome, finished.fetched_by, finished.released) == (UNCHANGED, first.run_id, "2026-03-01")
    assert finished.members == run.release(first).sources[0].members
    assert (extra.outcome, extra.fetched_by) == (FETCHED, result.run_id)
    assert not keys(run.storage, f"{raw_prefix('pills', result.run_id)}finished/")


def test_an_unchanged_source_whose_files_have_expired_is_fetched_again(run: Pipeline) -> None:
    first = run()
    run.publish(first)
    run.storage._client.delete_object(Bucket=BUCKET, Key=run.release(first).members[0].key)
    run.files["extra.zip"] = file_answers(EXTRA_NEWER, etag='"e2"')
    result = run(OTHER_EXECUTION)
    finished = run.release(result).sources[0]
    assert (finished.outcome, finished.fetched_by) == (FETCHED, result.run_id)
    assert [asked.path for asked in run.source.asked] == ["/finished.zip", "/extra.zip", "/finished.zip"]
    assert "if-none-match" not in run.source.asked[-1].headers


def test_all_unchanged_is_a_skip_that_names_each_and_leaves_nothing_in_raw(run: Pipeline) -> None:
    run.publish(run())
    run.files["extra.zip"] = file_answers(EXTRA, etag='"touched"')
    result = run(OTHER_EXECUTION)
    assert result.decision == SKIP
    assert result.reason.startswith(
        '2 sources unchanged since version 2026-03-01: finished: 304 Not Modified since 2026-03-01 (ETag "f"); '
        "extra: same content (sha256 "
    )
    assert keys(run.storage, raw_prefix("pills", result.run_id)) == []
    assert open_uploads(run.storage) == 0


def test_an_optional_source_that_is_not_there_is_absent_and_stays_so(run: Pipeline) -> None:
    del run.files["extra.zip"]
    first = run()
    extra = run.release(first).sources[1]
    assert (extra.outcome, extra.state, extra.absent_tables) == (ABSENT, None, ("other",))
    run.publish(first)
    again = run(OTHER_EXECUTION)
    assert again.decision == SKIP
    assert "extra: absent as before" in again.reason
    run.files["extra.zip"] = file_answers(EXTRA, etag='"e"')
    third = run(f"{OTHER_EXECUTION}-3")
    assert third.decision == PROCESS
    assert "extra: new (sha256 " in third.reason


def test_an_optional_source_that_went_away_is_a_change(run: Pipeline) -> None:
    run.publish(run())
    del run.files["extra.zip"]
    result = run(OTHER_EXECUTION)
    assert result.reason.endswith("extra: no longer there")
    assert run.release(result).absent_tables == ("other",)


def test_only_its_absence_makes_an_optional_source_optional(run: Pipeline) -> None:
    run.files["extra.zip"] = lambda _: Answer(403)
    with pytest.raises(SourceForbiddenError):
        run()
    run.files["extra.zip"] = lambda _: Answer(500)
    with pytest.raises(SourceUnavailableError):
        run()
    assert keys(run.storage, "raw/") == []
    assert open_uploads(run.storage) == 0


@pytest.mark.parametrize("status", [404, 410])
def test_a_redirect_to_what_is_not_there_is_no_absence(run: Pipeline, status: int) -> None:
    run.files["extra.zip"] = lambda _: Answer(302, headers={"Location": "/apology.html"})
    run.files["apology.html"] = lambda _: Answer(status)
    with pytest.raises(
        SourceRejectedError, match=rf"extra\.zip: redirected to http://\S+/apology\.html: HTTP {status}"
    ):
        run()
    assert keys(run.storage, "raw/") == []


def test_an_unchanged_source_that_is_fetched_again_has_the_time_that_is_left(
    run: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = run()
    run.publish(first)
    run.storage._client.delete_object(Bucket=BUCKET, Key=run.release(first).members[0].key)
    run.files["extra.zip"] = file_answers(EXTRA_NEWER, etag='"e2"')
    given: list[float | None] = []
    limits = Limits.of

    def noted(source: Configured, seconds: float | None = None) -> Limits:
        given.append(seconds)
        return limits(source, seconds)

    monkeypatch.setattr(Limits, "of", noted)
    run(OTHER_EXECUTION)
    assert given[:2] == [None, None]
    assert given[2] is not None
    assert 590 < given[2] < 600


def test_a_required_source_that_is_not_there_fails_the_run(run: Pipeline) -> None:
    del run.files["finished.zip"]
    with pytest.raises(SourceNotFoundError, match=r"finished\.zip"):
        run()


def test_an_optional_member_may_be_missing_and_a_required_one_may_not(run: Pipeline) -> None:
    run.files["finished.zip"] = file_answers(LESS, etag='"f"')
    assert run.release(run()).absent_tables == ("package",)
    run.files["finished.zip"] = file_answers(archive({"package.txt": b"Code\n"}), etag='"f2"')
    with pytest.raises(MissingMemberError, match=r"product\.txt"):
        run()


def test_an_optional_member_without_a_byte_is_absent_and_a_required_one_fails_the_run(run: Pipeline) -> None:
    run.files["finished.zip"] = file_answers(archive({"product.txt": b"Code\n1\n", "package.txt": b""}), etag='"f"')
    result = run()
    assert run.release(result).absent_tables == ("package",)
    assert [member.table for member in run.release(result).members] == ["product", "other"]
    assert f"{raw_prefix('pills', result.run_id)}finished/package.txt" not in keys(run.storage)
    run.files["finished.zip"] = file_answers(archive({"product.txt": b"", "package.txt": b"Code\n"}), etag='"f2"')
    with pytest.raises(EmptySourceError, match=r"product\.txt is empty"):
        run()


def test_members_are_chosen_by_their_whole_path(run: Pipeline) -> None:
    member = Member("conso", "rrf/RXNCONSO.RRF", COLUMNS)
    run.config = replace(run.config, sources=(replace(run.config.sources[0], members=(member,)),))
    run.files["finished.zip"] = file_answers(
        archive({"prescribe/rrf/RXNCONSO.RRF": b"no|", "rrf/RXNCONSO.RRF": b"yes|"})
    )
    [found] = run.release(run()).members
    assert (found.name, text_of(run.storage, found.key)) == ("rrf/RXNCONSO.RRF", "yes|")


def test_a_release_of_several_files_is_asked_for_by_its_folder(run: Pipeline) -> None:
    result = run(source_url=f"{run.source.address}/2019-04-29/")
    assert [asked.path for asked in run.source.asked] == ["/2019-04-29/finished.zip", "/2019-04-29/extra.zip"]
    assert run.release(result).states["extra"].url.endswith("/2019-04-29/extra.zip")
    with pytest.raises(InvalidInputError, match=r"which ends in '/'.*finished\.zip, extra\.zip"):
        run(source_url=f"{run.source.address}/2019-04-29")


@pytest.mark.parametrize(
    ("names", "day"),
    [
        (("RxNorm_full_04292019.zip",), "2019-04-29"),
        (("RxNorm_full_current.zip", "Readme_Full_04012019.txt"), "2019-04-01"),
        (("RxNorm_full_99992019.zip", "Readme_Full_04012019.txt"), "2019-04-01"),
        (("RxNorm_full_04292031.zip",), "2026-03-01"),
        (("RxNorm_full_current.zip",), "2026-03-01"),
    ],
)
def test_a_release_date_is_in_the_files_name_else_inside_else_the_servers(names: tuple[str, ...], day: str) -> None:
    rule = ReleaseDate(r"_(\d{8})\.", "%m%d%Y")
    assert released(rule, names, "Sun, 01 Mar 2026 09:00:00 GMT", STARTED) == day


REQUIRED, OTHER, OPTIONAL = (
    Configured(name, f"https://x/{name}.zip", (), optional=name == "optional")
    for name in ("required", "other", "optional")
)
STARTED_IN_2019 = "2019-04-29T10:00:00Z"


@pytest.mark.parametrize(
    ("required", "other", "optional", "version"),
    [
        ("2019-04-01", "2018-06-25", "2017-01-01", "2019-04-01"),
        ("2018-06-25", "2019-04-01", None, "2019-04-01"),
        ("2018-06-25", "2018-06-24", "2019-04-01", "2018-06-25"),
        ("2018-06-25", None, "2018-06-25", "2019-04-29"),
        (None, None, "2018-06-25", "2019-04-29"),
        ("2018-06-25", "2018-06-25", None, "2018-06-25"),
    ],
)
def test_the_version_of_a_release_is_the_latest_date_of_the_sources_that_every_release_has(
    required: str | None, other: str | None, optional: str | None, version: str
) -> None:
    dates = {"required": required, "other": other, "optional": optional}
    fetched = [FetchedSource(name, FETCHED, released=day) for name, day in dates.items()]
    assert release_version((REQUIRED, OTHER, OPTIONAL), fetched, STARTED_IN_2019) == version


def test_a_release_without_its_newest_optional_source_is_no_older_than_the_one_before(run: Pipeline) -> None:
    run.files["finished.zip"] = file_answers(FINISHED, etag='"f"', last_modified="Mon, 29 Apr 2019 10:00:00 GMT")
    first = run()
    assert first.version == "2019-04-29"
    assert [source.released for source in run.release(first).sources] == ["2019-04-29", "2026-03-01"]
    run.publish(first)
    del run.files["extra.zip"]
    assert run(OTHER_EXECUTION).version == "2019-04-29"


def test_a_release_of_the_time_of_one_source_lends_its_files(run: Pipeline) -> None:
    run.config = replace(run.config, sources=(replace(run.config.sources[0], name="pills"),))
    first = run()
    run.publish(first)
    key = release_key("pills", first.run_id)
    new = json.loads(text_of(run.storage, key))
    (source,) = new.pop("sources")
    old = {**new, "source": source["state"], "source_key": source["key"], "members": source["members"]}
    run.storage.put(key, json.dumps(old).encode())
    key = manifest_key("pills")
    manifest = json.loads(text_of(run.storage, key))
    (entry,) = manifest.pop("publications").values()
    entry["source"] = entry.pop("sources")["pills"]
    manifest = {"dataset": "pills", "current": entry["version"], "versions": {entry["version"]: entry}}
    run.storage.put(key, json.dumps(manifest).encode())
    assert run(OTHER_EXECUTION).decision == SKIP
    assert [asked.headers.get("if-none-match") for asked in run.source.asked] == ['"f"']


def licensed(run: Pipeline) -> None:
    template = f"{run.source.address}{LICENSED_PATH}{{key}}"
    one = replace(run.config.sources[0], licensed_url=template)
    run.config = replace(run.config, sources=(one,))
    run.secret = "pp-raws/uts"


def test_the_key_reaches_the_source_and_nothing_else(run: Pipeline, caplog: pytest.LogCaptureFixture) -> None:
    licensed(run)
    run.source.answer = file_answers(FINISHED)
    with caplog.at_level(logging.DEBUG):
        first = run()
    assert run.source.asked[0].path.endswith("&apiKey=s3cr3t%2Bkey%2F%3D%3D")
    assert run.release(first).states["finished"].url.endswith("&apiKey={key}")
    assert run.release(first).sources[0].key == f"{raw_prefix('pills', first.run_id)}finished/RxNorm_full_current.zip"
    run.publish(first)
    skipped = run(OTHER_EXECUTION)
    assert skipped.decision == SKIP
    kept = [text_of(run.storage, key) for key in keys(run.storage) if key.endswith(".json")]
    assert run_record_key("pills", skipped.run_id) in keys(run.storage)
    for text in (*kept, caplog.text, encode_text(first), encode_text(skipped)):
        assert "s3cr3t" not in text


@pytest.mark.parametrize(
    "answer",
    [
        Answer(403),
        Answer(404),
        Answer(500),
        Answer(302, headers={"Location": "https://elsewhere.example/get?apiKey=s3cr3t+key/==&sig=s3cr3t"}),
        Answer(302, headers={"Location": "/download?apiKey=s3cr3t%2Bkey%2F%3D%3D"}),
        Answer(302, headers={"Location": "https://elsewhere.example/get?a=1;sig=s3cr3t"}),
        Answer(302, headers={"Location": "https://elsewhere.example/get?a=1,'\"sig=s3cr3t"}),
        Answer(302, headers={"Location": "/get?a=1 \\';sig=s3cr3t"}),
        Answer(302, headers={"Location": "/get?a=1;sig=s3cr3t"}),
        Answer(302, headers={"Location": f"{LICENSED_PATH}s3cr3t%2Bkey%2F%3D%3D;sig=s3cr3t"}),
        Answer(200, b"<html>no</html>"),
    ],
    ids=[
        "forbidden",
        "missing",
        "broken",
        "elsewhere",
        "round and round",
        "semicolon",
        "quotes",
        "space",
        "round with semicolon",
        "longer than asked",
        "page",
    ],
)
def test_no_error_has_the_key_in_it(run: Pipeline, answer: Answer) -> None:
    licensed(run)
    run.source.say(answer)
    with pytest.raises(MedallionError) as caught:
        run()
    assert "s3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None or "s3cr3t" not in str(caught.value.__cause__)
    assert "s3cr3t" not in repr(caught.value.args)


@pytest.mark.parametrize("answer", [file_answers(FINISHED)(Asked("", {})), Answer(500)], ids=["file", "broken"])
def test_no_log_line_has_the_key_in_it_whatever_the_server_sends(
    run: Pipeline, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    licensed(run)
    broken = {**answer.headers, "X-Told": f"so\r\nno header, but {LICENSED_PATH}s3cr3t"}
    run.source.say(replace(answer, headers=broken))
    with caplog.at_level(logging.DEBUG), suppress(MedallionError):
        run()
    assert run.source.asked
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("before", range(180, 201))
def test_a_key_is_out_of_a_text_before_it_is_cut(before: int) -> None:
    with client() as http:
        shown = LicensedClient.of(http, KEY).shown("x" * before + KEY)
    assert "s3" not in shown
    assert len(shown) <= 201


def test_a_message_without_the_key_still_says_what_is_wrong(run: Pipeline) -> None:
    licensed(run)
    run.source.say(Answer(302, headers={"Location": "https://elsewhere.example/get?a=1;sig=s3cr3t"}))
    with pytest.raises(
        DisallowedSourceError, match=r"'https://elsewhere\.example/get\?…': host 'elsewhere\.example' is"
    ):
        run()


def test_a_callers_address_is_never_given_the_key(run: Pipeline) -> None:
    licensed(run)
    run.source.answer = file_answers(FINISHED)
    run(source_url=f"{run.source.address}/mine?apiKey={{key}}")
    assert "s3cr3t" not in run.source.asked[0].path


def test_the_name_of_a_file_that_a_service_hands_out_is_in_its_query() -> None:
    assert source_name("https://x/download?url=https://y/RxNorm_full.zip&apiKey={key}") == "RxNorm_full.zip"

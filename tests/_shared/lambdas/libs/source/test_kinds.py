"""Kinds of source and of packing: the fetch step knows none of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

import pytest

from _shared.contracts.errors import MissingMemberError, UnexpectedContentError, UnsupportedSourceError
from _shared.contracts.layout import raw_prefix
from _shared.contracts.release import FETCHED, UNCHANGED, FetchedSource, RawMember, SourceState
from _shared.contracts.source import GZIP, PLAIN, ZIP, Member, Source, SourceColumn
from _shared.contracts.workflow import PROCESS, SKIP
from _shared.lambdas.libs.source.base import SourceReader, SourceRun
from _shared.lambdas.libs.source.kinds import KINDS
from _shared.lambdas.libs.steps.fetch import FetchServices
from tests._shared.lambdas.libs.steps.test_fetch import Pipeline
from tests._shared.lambdas.raw_server import CHUNKED, serve_raw
from tests._shared.lambdas.support import (
    NOW,
    OTHER_EXECUTION,
    Answer,
    archive,
    client,
    config_for,
    empty_catalog,
    file_answers,
    keys,
    lake,
    open_uploads,
    serve,
)

CSV = b"Code\r\n0001\r\n"
NEWER = CSV + b"0002\r\n"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    ZIP: lambda content: archive({"pills.csv": content}),
    GZIP: gzip.compress,
    PLAIN: lambda content: content,
}


@pytest.fixture(name="run")
def fixture_run() -> Iterator[Pipeline]:
    with lake() as storage, serve() as source, client() as http:
        services = FetchServices(storage, http, lambda _: True, empty_catalog(), lambda: NOW)
        yield Pipeline(storage, source, config_for(source.address), services)


def packed(run: Pipeline, packing: str, **member: object) -> None:
    """Let the source of the dataset be packed so."""
    run.config = config_for(run.source.address, packing)
    (source,) = run.config.sources
    members = tuple(replace(one, **member) for one in source.members)  # type: ignore[arg-type]
    run.config = replace(run.config, sources=(replace(source, members=members),))


@pytest.mark.parametrize("packing", [ZIP, GZIP, PLAIN])
def test_a_file_is_laid_out_as_text_however_it_is_packed(run: Pipeline, packing: str) -> None:
    packed(run, packing)
    body = PACKERS[packing](CSV)
    run.source.answer = file_answers(body)
    result = run()
    release = run.release(result)
    (source,) = release.sources
    (raw,) = release.members
    assert source.state is not None
    assert source.state.sha256 == hashlib.sha256(body).hexdigest()
    assert (raw.name, raw.key) == ("pills.csv", f"{raw_prefix('pills', result.run_id)}pills.csv")
    assert (raw.bytes, raw.sha256) == (len(CSV), hashlib.sha256(CSV).hexdigest())
    assert b"".join(run.storage.stream(raw.key)) == CSV
    # A length says that the file came whole, a checksum that it was whole when it was packed.
    assert raw.verified == (packing != PLAIN)
    made = [key for key in keys(run.storage, raw_prefix("pills", result.run_id)) if not key.endswith(".json")]
    assert len(made) == (1 if packing == PLAIN else 2)


@pytest.mark.parametrize("packing", [ZIP, GZIP, PLAIN])
def test_an_unchanged_file_is_used_again_and_a_new_one_unpacked(run: Pipeline, packing: str) -> None:
    packed(run, packing)
    run.source.answer = file_answers(PACKERS[packing](CSV))
    run.publish(run())
    assert run(OTHER_EXECUTION).decision == SKIP
    run.source.answer = file_answers(PACKERS[packing](NEWER), etag='"two"')
    third = run(f"{OTHER_EXECUTION}-3")
    assert third.decision == PROCESS
    assert run.release(third).members[0].sha256 == hashlib.sha256(NEWER).hexdigest()
    assert open_uploads(run.storage) == 0


@pytest.mark.parametrize(
    ("declared", "sent", "sees", "remedy"),
    [
        (ZIP, GZIP, "expected a zip archive, found a gzip file", "if that is right, write 'gzip' for packing"),
        (GZIP, ZIP, "expected a gzip file, found a zip archive", "if that is right, write 'zip' for packing"),
        (GZIP, PLAIN, "expected a gzip file, found something else that begins 'Code", "open the address in a browser"),
        (PLAIN, ZIP, "expected a plain file, found a zip archive", "if that is right, write 'zip' for packing"),
        (PLAIN, GZIP, "expected a plain file, found a gzip file", "if that is right, write 'gzip' for packing"),
    ],
)
def test_a_file_that_is_packed_otherwise_is_refused(
    run: Pipeline, declared: str, sent: str, sees: str, remedy: str
) -> None:
    packed(run, declared)
    run.source.answer = file_answers(PACKERS[sent](CSV))
    with pytest.raises(UnexpectedContentError) as raised:
        run()
    assert sees in raised.value.what
    assert raised.value.remedy.startswith(remedy)


@pytest.mark.parametrize("packing", [GZIP, PLAIN])
def test_an_optional_file_without_rows_is_absent(run: Pipeline, packing: str) -> None:
    packed(run, packing, optional=True)
    run.source.answer = file_answers(PACKERS[packing](b"Code\r\n"))
    release = run.release(run())
    assert (release.members, release.absent_tables) == ((), ("pills",))


def test_the_pattern_is_compared_with_the_files_own_name(run: Pipeline) -> None:
    packed(run, GZIP, pattern="*.txt")
    run.source.answer = file_answers(gzip.compress(CSV))
    with pytest.raises(MissingMemberError, match=r"no file matches '\*\.txt' of table 'pills'; it has 'pills\.csv'"):
        run()


def test_a_gzip_file_whose_address_does_not_say_so(run: Pipeline) -> None:
    packed(run, GZIP, pattern="*")
    source = replace(run.config.sources[0], url=f"{run.source.address}/download")
    run.config = replace(run.config, sources=(source,))
    run.source.answer = file_answers(gzip.compress(CSV))
    result = run()
    prefix = raw_prefix("pills", result.run_id)
    assert [raw.key for raw in run.release(result).members] == [f"{prefix}download"]
    assert f"{prefix}download.gz" in keys(run.storage)


def test_a_body_without_a_declared_length_vouches_for_nothing(run: Pipeline) -> None:
    body = PACKERS[ZIP](CSV)
    with serve_raw(lambda _: (CHUNKED, f"{len(body):x}\r\n".encode(), body, b"\r\n0\r\n\r\n")) as server:
        run.config = config_for(server.address)
        (raw,) = run.release(run()).members
    assert not raw.verified


def test_many_files_of_a_member_are_in_the_order_of_their_names(run: Pipeline) -> None:
    packed(run, ZIP, many=True)
    files = {"b/2.csv": NEWER, "a/10.csv": CSV, "a/._10.csv": b"\0", "read.me": b""}
    run.source.answer = file_answers(archive(files))
    release = run.release(run())
    assert [(raw.table, raw.name) for raw in release.members] == [("pills", "a/10.csv"), ("pills", "b/2.csv")]
    assert release.absent_tables == ()


def test_many_optional_files_may_each_be_without_rows(run: Pipeline) -> None:
    packed(run, ZIP, many=True, optional=True)
    run.source.answer = file_answers(archive({"1.csv": b"Code\r\n", "2.csv": CSV, "3.csv": b""}))
    assert [raw.name for raw in run.release(run()).members] == ["2.csv"]


@dataclass
class Pages(SourceReader):
    """A source that tells how far it has come, and gives pages."""

    run: SourceRun
    source: Source
    discarded: list[str] = field(default_factory=list)
    state: SourceState = field(default_factory=lambda: SourceState("", watermark="one"))
    found: FetchedSource | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is open."""

    def probe(self, known: SourceState | None) -> FetchedSource:
        state = replace(self.state, url=self.run.urls[self.source.name])
        self.found = FetchedSource(self.source.name, UNCHANGED if state == known else FETCHED, state)
        return self.found

    def discard(self) -> None:
        self.discarded.append(self.source.name)

    def fetch(self, published_by: str | None) -> FetchedSource:  # noqa: ARG002 - it keeps no files of earlier runs
        assert self.found is not None
        files = []
        for number in (1, 2):
            key = f"{raw_prefix(self.run.dataset, self.run.run_id)}{number}.csv"
            self.run.storage.put(key, CSV)
            files.append(RawMember("pills", f"{number}.csv", key, len(CSV), hashlib.sha256(CSV).hexdigest(), "utf-8"))
        return replace(self.found, members=tuple(files), fetched_by=self.run.run_id)


def test_another_kind_of_source_needs_nothing_of_the_step(run: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "pages", Pages)
    source = Source("pills", run.source.address, (Member("pills", "*", (SourceColumn("code", "Code"),)),), kind="pages")
    run.config = replace(run.config, sources=(source,))
    first = run()
    assert [raw.name for raw in run.release(first).members] == ["1.csv", "2.csv"]
    run.publish(first)
    second = run(OTHER_EXECUTION)
    assert (second.decision, second.reason) == (
        SKIP,
        "source unchanged: still at watermark one, and the pipeline's code is unchanged",
    )
    monkeypatch.setitem(KINDS, "pages", lambda run, source: Pages(run, source, state=SourceState("", watermark="two")))
    third = run(f"{OTHER_EXECUTION}-3")
    assert third.decision == PROCESS
    assert "(watermark one → watermark two)" in third.reason


def test_a_kind_that_is_not_built_is_refused_by_name(run: Pipeline) -> None:
    source = replace(run.config.sources[0], kind="pages")
    run.config = replace(run.config, sources=(source,))
    with pytest.raises(UnsupportedSourceError) as raised:
        run()
    assert raised.value.what == "source 'pills': no reader for sources of kind 'pages'"
    assert raised.value.remedy == "use one of http_file"


def test_files_that_came_whole_stay_where_another_source_is_bad(run: Pipeline) -> None:
    source = run.config.sources[0]
    second = replace(source, name="more", url=f"{run.source.address}/more.zip")
    third = replace(source, name="last", url=f"{run.source.address}/last.zip")
    tables = [replace(one, members=(replace(one.members[0], table=one.name),)) for one in (source, second, third)]
    run.config = replace(run.config, sources=tuple(tables))
    bodies = {"/pills.zip": PACKERS[ZIP](CSV), "/more.zip": archive({"x": b""}), "/last.zip": PACKERS[ZIP](CSV)}
    run.source.answer = lambda asked: Answer(200, bodies[asked.path])
    with pytest.raises(MissingMemberError):
        run()
    came = [key.rsplit("/", 1)[-1] for key in keys(run.storage, "raw/") if key.endswith(".zip")]
    assert sorted(came) == ["last.zip", "more.zip", "pills.zip"]

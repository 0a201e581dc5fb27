"""Contracts round-trip through JSON and refuse every other shape by name."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from _shared.contracts.codec import decode, decode_text, encode, encode_text
from _shared.contracts.errors import ContractError, TerminalError, TransientError
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.release import Release, SourceState
from _shared.contracts.report import TableCounts
from _shared.contracts.run_record import RunRecord

SOURCE = SourceState(url="https://example.org/a.zip", sha256="ab" * 32, bytes=10, etag='"x"')
PUBLICATION = Publication(
    version="2019-04-29",
    run_id="r1",
    published_at="2019-04-30T00:00:00Z",
    sources={"nsde": SOURCE},
    fingerprint="f" * 64,
    locations={"nsde": "s3://lake/silver/nsde/version=2019-04-29/run=r1/"},
    row_counts={"nsde": 3},
)
MANIFEST = Manifest(dataset="nsde", current="r1", publications={"r1": PUBLICATION})


def test_a_contract_survives_json() -> None:
    assert decode_text(Manifest, encode_text(MANIFEST), "manifest.json") == MANIFEST


def test_lists_become_tuples() -> None:
    counts = TableCounts(table="t", rows_in=1, rows_out=1, location="s3://lake/x/", source_header=("A", "B"))
    assert decode(TableCounts, encode(counts), "report").source_header == ("A", "B")


def test_text_is_stable() -> None:
    assert encode_text(MANIFEST) == encode_text(decode(Manifest, json.loads(encode_text(MANIFEST)), "x"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"surprise": 1}, "surprise"),
        ({"current": 7}, "current"),
        ({"publications": {"r": {"version": 1}}}, "version"),
        ({"publications": []}, "publications"),
    ],
)
def test_a_wrong_document_is_refused_by_field(change: dict[str, object], named: str) -> None:
    document = {**encode(MANIFEST), **change}
    with pytest.raises(ContractError, match=named) as raised:
        decode(Manifest, document, "s3://lake/manifests/nsde/manifest.json")
    assert "s3://lake/manifests/nsde/manifest.json" in str(raised.value)


def test_a_missing_field_is_named() -> None:
    document = encode(MANIFEST)
    del document["dataset"]
    with pytest.raises(ContractError, match="dataset"):
        decode(Manifest, document, "x")


@pytest.mark.parametrize("text", ["[]", "null", '"text"', "{", "\udcff"])
def test_what_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="here"):
        decode_text(Manifest, text, "here")


@pytest.mark.parametrize(
    ("counts", "balanced"),
    [
        (TableCounts("t", rows_in=10, rows_out=7, location="x/", duplicates=2, quarantined={"a": 1}), True),
        (TableCounts("t", rows_in=10, rows_out=7, location="x/", duplicates=2), False),
    ],
)
def test_rows_are_accounted_for(counts: TableCounts, balanced: bool) -> None:
    assert counts.balanced is balanced


def test_errors_tell_the_remedy_and_survive_pickling() -> None:
    error = TransientError("nsde: no answer", "wait")
    assert str(error) == "nsde: no answer; wait"
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(copy) is TransientError
    assert (copy.what, copy.remedy) == ("nsde: no answer", "wait")
    assert str(TerminalError("plain")) == "plain"


def test_a_manifest_of_the_time_of_one_publication_for_each_date_is_still_read() -> None:
    older, newer = (
        encode(replace(PUBLICATION, version=day, run_id=run)) for day, run in (("2019", "r1"), ("2020", "r2"))
    )
    document = {"dataset": "nsde", "current": "2020", "versions": {"2020": newer, "2019": older}}
    read = decode(Manifest, document, "x")
    assert (read.current, read.pin, sorted(read.publications)) == ("r2", None, ["r1", "r2"])
    assert decode(Manifest, encode(read), "x") == read


@pytest.mark.parametrize(
    "wrong", [{"current": 7}, {"current": []}, {"versions": {"2019": 7}}, {"versions": {"2019": {}}}]
)
def test_a_wrong_manifest_of_that_time_is_refused(wrong: dict[str, object]) -> None:
    document = {"dataset": "nsde", "current": "2019", "versions": {"2019": encode(PUBLICATION)}, **wrong}
    with pytest.raises(ContractError):
        decode(Manifest, document, "x")


def test_documents_of_the_time_of_one_source_are_still_read() -> None:
    source = {
        "url": "https://example.org/a.zip",
        "sha256": "ab" * 32,
        "bytes": 10,
        "etag": '"x"',
        "last_modified": None,
    }
    entry = encode(MANIFEST)["publications"]["r1"]
    del entry["sources"]
    versions = {"2019-04-29": {**entry, "source": source}}
    assert decode(Manifest, {"dataset": "nsde", "current": "2019-04-29", "versions": versions}, "x") == MANIFEST
    member = {"table": "nsde", "name": "a.csv", "key": "raw/a.csv", "bytes": 3, "sha256": "0" * 64, "encoding": "utf-8"}
    known = {"dataset": "nsde", "run_id": "r1", "version": "2019-04-29", "started_at": "t", "previous": None}
    release = decode(Release, {**known, "source": source, "source_key": "raw/a.zip", "members": [member]}, "x")
    assert (release.states, release.sources[0].key, release.members[0].key) == (
        {"nsde": SOURCE},
        "raw/a.zip",
        "raw/a.csv",
    )
    record = {"dataset": "nsde", "run_id": "r1", "execution": "e", "reason": "r", "started_at": "t", "ended_at": "t"}
    skipped = decode(RunRecord, {**record, "status": "SKIPPED", "source": source}, "x")
    assert [(one.name, one.outcome, one.state) for one in skipped.sources] == [("nsde", "unchanged", SOURCE)]
    assert decode(RunRecord, {**record, "status": "FAILED", "source": None}, "x").sources == ()


def test_what_earlier_runs_recorded_of_a_source_is_read() -> None:
    state = {"url": "https://example.org/a.zip", "sha256": "ab" * 32, "bytes": 10, "etag": None, "last_modified": None}
    outcome = {"name": "pills", "outcome": "fetched", "state": state, "absent_tables": ["extra"]}
    times = {"started_at": "2026", "ended_at": "2027"}
    told = {"dataset": "pills", "run_id": "r", "execution": "e", "status": "SUCCEEDED", "reason": "first run", **times}
    (source,) = decode(RunRecord, {**told, "sources": [outcome]}, "record").sources
    assert (source.outcome, source.absent_tables, source.members) == ("fetched", ("extra",), ())
    assert source.state == SourceState("https://example.org/a.zip", "ab" * 32, 10)
    raw = {"table": "pills", "name": "a.csv", "key": "raw/a.csv", "bytes": 3, "sha256": "0" * 64, "encoding": "utf-8"}
    fetched = {**outcome, "members": [{**raw, "has_byte_order_mark": False}], "absent_tables": []}
    head = {"dataset": "pills", "run_id": "r", "version": "2026-03-01", "started_at": "2026"}
    (member,) = decode(Release, {**head, "sources": [fetched]}, "release").members
    assert (member.undecodable_lines, member.verified) == (0, False)

"""FetchAndHash as a whole, given each bad source: the error, what readers keep, and what lies in raw afterwards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

import pytest

from _shared.contracts.codec import decode_text
from _shared.contracts.layout import lease_key, manifest_key, raw_prefix
from _shared.contracts.manifest import Publication
from _shared.contracts.release import RawMember, Release, SourceState
from _shared.contracts.workflow import FetchRequest, FetchResult
from _shared.lambdas.libs.run import manifest
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash
from tests._shared.lambdas.support import (
    BUCKET,
    EXECUTION,
    NOW,
    STARTED,
    Asked,
    Source,
    client,
    config_for,
    empty_catalog,
    keys,
    lake,
    manifest_of,
    open_uploads,
    serve,
    text_of,
)
from tests.bad_input.archives import ARCHIVES
from tests.bad_input.case import SourceCase, check_counted, check_error
from tests.bad_input.sources import KNOWN_DATE, SOURCES

FINGERPRINT = "f" * 64


@pytest.fixture(name="source", scope="module")
def fixture_source() -> Iterator[Source]:
    with serve() as source:
        yield source


@pytest.fixture(name="storage")
def fixture_storage(source: Source) -> Iterator[LakeStorage]:
    """A lake in which an earlier version is published, from a server that gives no ETags."""
    url = config_for(source.address).sources[0].url
    known = SourceState(url, hashlib.sha256(b"before").hexdigest(), 6, None, KNOWN_DATE)
    version = Publication("2026-03-01", "r", "t", {"pills": known}, FINGERPRINT, {}, {"pills": 1})
    with lake() as storage:
        manifest.save(storage, manifest_of(version), manifest.load(storage, "pills"))
        yield storage


def run(case: SourceCase, storage: LakeStorage, source: Source) -> FetchResult:
    request = FetchRequest({"Id": EXECUTION, "StartTime": STARTED, "Input": {"dataset": "pills"}})
    source.answer = case.answers(source.address)
    with client(rules=case.rules) as http:
        services = FetchServices(storage, http, lambda _: True, empty_catalog(), lambda: NOW)
        settings = FetchSettings(BUCKET, "lake_db", FINGERPRINT, case.rules, 3600)
        config = config_for(source.address, case.packing)
        limited = replace(config, sources=(replace(config.sources[0], max_seconds=case.max_seconds),))
        return fetch_and_hash(request, limited, settings, services)


@pytest.mark.parametrize("case", [case for case in (*SOURCES, *ARCHIVES) if case.error], ids=lambda case: case.id)
def test_a_bad_source_is_told_by_name_and_nothing_is_published_or_lost(
    case: SourceCase, storage: LakeStorage, source: Source
) -> None:
    published = text_of(storage, manifest_key("pills"))
    check_error(case, _kind(case), lambda: run(case, storage, source))
    assert text_of(storage, manifest_key("pills")) == published
    assert open_uploads(storage) == 0
    raw = keys(storage, raw_prefix("pills", "").split("run_id=")[0])
    (file_name,) = (one.url.rsplit("/", 1)[-1] for one in config_for("", case.packing).sources)
    assert [key.rsplit("/", 1)[-1] for key in raw] == ([file_name] if case.kept else [])
    if case.kept:
        assert b"".join(storage.stream(raw[0])) == source.answer(Asked(f"/{file_name}", {})).body
    assert set(keys(storage)) - {manifest_key("pills"), lease_key("pills")} == set(raw)


@pytest.mark.parametrize("case", [case for case in (*SOURCES, *ARCHIVES) if not case.error], ids=lambda case: case.id)
def test_a_source_that_is_only_unusual_is_processed(case: SourceCase, storage: LakeStorage, source: Source) -> None:
    result = run(case, storage, source)
    assert result.release_key is not None
    release = decode_text(Release, text_of(storage, result.release_key), "release")
    check_counted(case, _kind(case), f"processed: {', '.join(map(_told, release.members))}")


def _told(member: RawMember) -> str:
    mark = ", with a byte-order mark" if member.has_byte_order_mark else ""
    lines = f", with {member.undecodable_lines} undecodable line" if member.undecodable_lines else ""
    return f"{member.name!r} in {member.encoding}{mark}{lines}"


def _kind(case: SourceCase) -> str:
    return "the source's server" if case in SOURCES else "the archive"

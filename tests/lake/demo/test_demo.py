"""Which run the demo forces, and what it leaves behind for the shell."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from _shared.contracts import layout
from _shared.contracts.codec import encode_text
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.release import SourceState
from lake import local
from lake.commands.demo import is_published, refuse_among_other_releases
from lake.commands.status import export_lines
from lake.context import Context, open_context
from lake.demo.release import Source
from lake.errors import UserMistakeError
from lake.project import state_directory
from lake.ui.output import Output
from tests.lake.support import BUCKET, REGION, put_records, simulated_aws

URL = "http://127.0.0.1:8417/nsde/2019-04-29/release.zip"


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


@pytest.fixture
def source(tmp_path: Path) -> Source:
    (tmp_path / "release.zip").write_bytes(b"release")
    return Source(tmp_path, "release.zip")


def published(url: str, sha256: str) -> Context:
    put_records()
    state = SourceState(url=url, sha256=sha256, bytes=7)
    version = Publication("2019-04-29", "run", "2025-01-31T06:31:00Z", {"nsde": state}, "fingerprint")
    manifest = Manifest("nsde", version.run_id, {version.run_id: version})
    boto3.client("s3", region_name=REGION).put_object(
        Bucket=BUCKET, Key=layout.manifest_key("nsde"), Body=encode_text(manifest).encode()
    )
    return open_context(Output(), "aws", None)


def test_only_the_very_same_release_counts_as_published(source: Source) -> None:
    assert is_published(published(URL, source.sha256()), source, URL)


@pytest.mark.parametrize(("url", "sha256"), [(URL, "0" * 64), ("http://127.0.0.1:1/other.zip", None)])
def test_another_content_or_address_is_processed_without_force(source: Source, url: str, sha256: str | None) -> None:
    assert not is_published(published(url, sha256 or source.sha256()), source, URL)


def test_nothing_is_published_in_a_new_lake(source: Source) -> None:
    put_records()
    assert not is_published(open_context(Output(), "aws", None), source, URL)


def test_the_sample_does_not_come_among_other_releases(source: Source) -> None:
    with pytest.raises(UserMistakeError, match=r"2019-04-29.*FRESH=1"):
        refuse_among_other_releases(published(URL, "0" * 64), source)


def test_the_sample_may_come_again(source: Source) -> None:
    refuse_among_other_releases(published(URL, source.sha256()), source)


def test_exports_are_safe_for_eval() -> None:
    assert export_lines({"B": "a b; rm", "A": "1"}) == ["export A=1", "export B='a b; rm'"]


def test_only_a_folder_that_a_local_cloud_used_is_wiped() -> None:
    state_directory().mkdir(parents=True)
    (state_directory() / "letter.txt").write_text("mine")
    local.wipe()
    assert (state_directory() / "letter.txt").exists()
    (state_directory() / "cloud.json").write_text("{}")
    local.wipe()
    assert not state_directory().exists()

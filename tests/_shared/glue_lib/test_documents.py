from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import boto3
import pytest
from moto import mock_aws

from _shared.contracts.errors import MissingMemberError, ObjectMissingError
from _shared.contracts.release import FetchedSource, RawMember, Release, SourceState
from _shared.contracts.report import JobReport, TableCounts
from _shared.contracts.source import Member, SourceColumn
from _shared.glue_lib.documents import raw_members, read_report, write_report
from _shared.glue_lib.objects import S3Lake

RAW = RawMember("nsde", "a.csv", "raw/a.csv", 3, "0" * 64, "utf-8")
FETCHED = FetchedSource("nsde", "fetched", SourceState("u", "0", 1), "raw/a.zip", (RAW,))
RELEASE = Release("nsde", "r1", "2019-04-29", "2019-04-29T00:00:00Z", (FETCHED,))
MEMBER = Member("nsde", "*.csv", (SourceColumn("a", "A"),))


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Lake]:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        client = boto3.client("s3", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test")
        client.create_bucket(Bucket="lake")
        yield S3Lake("lake", client)


def test_a_report_comes_back_as_it_was_written(lake: S3Lake) -> None:
    report = JobReport("nsde", "r1", "bronze", (TableCounts("nsde", 3, 3, "s3://lake/bronze/nsde/run=r1/"),))
    write_report(lake, report)
    assert read_report(lake, "nsde", "r1", "bronze") == report


def test_a_missing_document_is_named_with_its_address(lake: S3Lake) -> None:
    with pytest.raises(ObjectMissingError, match=r"s3://lake/quality/nsde/run_id=r1/bronze\.json does not exist"):
        read_report(lake, "nsde", "r1", "bronze")


def test_the_head_of_an_object_is_as_long_as_asked_or_as_the_object(lake: S3Lake) -> None:
    lake.write_text("a", "äbc")
    lake.write_text("b", "")
    assert lake.read_head("a", 3) == "äb".encode()
    assert lake.read_head("a", 100) == "äbc".encode()
    assert lake.read_head("b", 100) == b""
    assert [lake.read_tail("a", 1), lake.read_tail("a", 100), lake.read_tail("b", 1)] == [b"c", "äbc".encode(), b""]
    assert lake.uri("silver/x/") == "s3://lake/silver/x/"


def test_a_declared_member_must_be_there_exactly_once() -> None:
    assert raw_members(RELEASE, MEMBER) == (RAW,)
    with pytest.raises(MissingMemberError, match="expected one file for table 'nsde' in run r1, found none"):
        raw_members(replace(RELEASE, sources=()), MEMBER)
    with pytest.raises(MissingMemberError, match=r"found 'a\.csv', 'a\.csv'"):
        raw_members(replace(RELEASE, sources=(FETCHED, FETCHED)), MEMBER)


def test_a_member_of_many_files_must_be_there_at_least_once() -> None:
    many = replace(MEMBER, many=True)
    assert raw_members(replace(RELEASE, sources=(FETCHED, FETCHED)), many) == (RAW, RAW)
    with pytest.raises(MissingMemberError, match="expected at least one file for table 'nsde' in run r1, found none"):
        raw_members(replace(RELEASE, sources=()), many)

"""What the tests of the Lambda functions share: a lake in memory, archives, and a source that can misbehave."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from unittest.mock import MagicMock

import boto3
import pytest
import requests
from moto import mock_aws

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig, SilverColumn, SilverTable
from _shared.contracts.layout import report_key, silver_prefix
from _shared.contracts.manifest import Manifest, Publication
from _shared.contracts.publications import with_publication
from _shared.contracts.release import SourceState
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.contracts.source import GZIP, PLAIN, ZIP, Member, SourceColumn
from _shared.contracts.source import Source as ConfiguredSource
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.openlineage.emit import LineageSettings
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.source.http import download as sources
from _shared.lambdas.libs.source.http.backoff import RetryPolicy
from _shared.lambdas.libs.source.http.bounded import Deadline
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.download import Download
from _shared.lambdas.libs.source.http.limits import Limits
from _shared.lambdas.libs.source.http.rules import SourceRules

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

BUCKET = "pp-raws-lake-000000000000-us-east-1"
REGION = "us-east-1"
ACCOUNT = "123456789012"
"""That of moto."""
NOW = datetime(2026, 3, 2, 6, 31, tzinfo=UTC)
STARTED = "2026-03-02T06:30:00.000Z"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:pills-orchestrator"
EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:pills-orchestrator:one"
OTHER_EXECUTION = f"arn:aws:states:{REGION}:{ACCOUNT}:execution:pills-orchestrator:two"
LINEAGE = LineageSettings("test/PP-RAWS")
RULES = SourceRules(("127.0.0.1",), ("http", "https"))

CONFIG = DatasetConfig(
    dataset="pills",
    display_name="PILLS",
    title="Pills",
    sources=(
        ConfiguredSource(
            "pills", "http://127.0.0.1/pills.zip", (Member("pills", "*.csv", (SourceColumn("code", "Code"),)),)
        ),
    ),
    silver_tables=(
        SilverTable("pills", "One row per pill", ("code",), (SilverColumn("code", "string", "Code of the pill"),)),
    ),
    bronze_job_name="pills-bronze-job",
    silver_job_name="pills-silver-job",
    bronze_crawler_name="pills-bronze-crawler",
    database_name="pills_db",
    glue_version="5.1",
    worker_type="G.1X",
    number_of_workers=2,
    job_timeout_minutes=30,
)


# Made once, because making a client is most of a short test's time; moto answers them in each lake anew.
@cache
def s3_client() -> S3Client:
    """Return the client of S3."""
    return boto3.client("s3", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


@cache
def glue_client() -> GlueClient:
    """Return the client of Glue."""
    return boto3.client("glue", region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


@contextmanager
def lake() -> Iterator[LakeStorage]:
    """Yield an empty bucket, whose S3 and Glue are moto's."""
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        client = s3_client()
        client.create_bucket(Bucket=BUCKET)
        yield LakeStorage(client, BUCKET, sleep=lambda _: None)


def keys(storage: LakeStorage, prefix: str = "") -> list[str]:
    """List the bucket."""
    listing = storage._client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)
    return sorted(entry["Key"] for entry in listing.get("Contents", []))


def open_uploads(storage: LakeStorage) -> int:
    """Count multipart uploads that were neither completed nor aborted."""
    return len(storage._client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []))


def text_of(storage: LakeStorage, key: str) -> str:
    """Read an object that must be there."""
    found = storage.get(key)
    assert found is not None, key
    return found.body.decode()


def archive(files: Mapping[str, bytes]) -> bytes:
    """Make a zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files.items():
            made.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; ``declared`` is a Content-Length that differs from the body's."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    declared: int | None = None
    pieces: Callable[[], Iterator[bytes]] | None = None


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    path: str
    headers: dict[str, str]


class Source:
    """A server on loopback whose answers the test writes: in order, the last one for ever."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.asked: list[Asked] = []
        self.answer: Callable[[Asked], Answer] = lambda _: Answer(404)

    def say(self, *answers: Answer) -> None:
        """Give these answers, one for each request."""
        left = list(answers)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]


def file_answers(
    body: bytes,
    *,
    etag: str | None = '"one"',
    last_modified: str | None = "Sun, 01 Mar 2026 09:00:00 GMT",
    break_at: int | None = None,
    breaks: int = 0,
    ranges: bool = True,
) -> Callable[[Asked], Answer]:
    """Answer as a file server does, which hangs up ``breaks`` times after ``break_at`` bytes."""
    left = [breaks]
    headers = {name: value for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value is not None}

    def answer(asked: Asked) -> Answer:
        if etag is not None and asked.headers.get("if-none-match") == etag:
            return Answer(304, headers=headers)
        start = 0
        honoured = ranges and "range" in asked.headers and asked.headers.get("if-range") in {etag, last_modified}
        if honoured:
            start = int(asked.headers["range"].removeprefix("bytes=").removesuffix("-"))
        rest = body[start:]
        declared = len(rest)
        if left[0] > 0 and break_at is not None:
            left[0] -= 1
            rest = rest[:break_at]
        given = dict(headers)
        if honoured:
            given["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
        return Answer(206 if honoured else 200, rest, given, declared)

    return answer


@contextmanager
def serve() -> Iterator[Source]:
    """Run a source on a free port of loopback."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = Asked(self.path, {name.lower(): value for name, value in self.headers.items()})
            source.asked.append(asked)
            answer = source.answer(asked)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            length = len(answer.body) if answer.declared is None else answer.declared
            self.send_header("Content-Length", str(length))
            self.end_headers()
            # The client hangs up as soon as it has seen enough.
            with suppress(ConnectionError):
                for piece in answer.pieces() if answer.pieces else (answer.body,):
                    self.wfile.write(piece)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    source = Source(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def client(pauses: list[float] | None = None, rules: SourceRules = RULES) -> Iterator[SourceClient]:
    """Yield a client that notes its pauses instead of sleeping."""
    noted = pauses if pauses is not None else []
    with requests.Session() as session:
        session.trust_env = False
        yield SourceClient(rules, RetryPolicy(sleep=noted.append, draw=lambda: 1.0), session)


def open_source(
    http: SourceClient, url: str, known: SourceState | None = None, limits: Limits | None = None
) -> Download:
    """Request a source, within limits that nothing meets by accident."""
    return sources.open_source(http, url, known, limits or Limits(10**9, Deadline(60)))


def empty_catalog() -> Catalog:
    """Return a catalog without tables, for tests whose publications have none."""
    catalog: Catalog = MagicMock(spec=Catalog, **{"tables.return_value": {}})
    return catalog


def manifest_of(*entries: Publication) -> Manifest:
    """Return the manifest that has these publications."""
    made = None
    for entry in entries:
        made = with_publication(made, "pills", entry)
    assert made is not None
    return made


def reports_of(
    run_id: str, version: str, *, rows: int = 3, quarantined: int = 0, passed: bool = True
) -> tuple[JobReport, JobReport]:
    """Return what the jobs would report of ``rows`` raw rows."""
    bronze = JobReport(
        "pills", run_id, "bronze", (TableCounts("pills", rows, rows, f"s3://{BUCKET}/bronze/pills/run={run_id}/"),)
    )
    location = f"s3://{BUCKET}/{silver_prefix('pills', version, run_id)}"
    kept_back = {"INVALID_CODE": quarantined} if quarantined else {}
    counts = TableCounts("pills", rows, rows - quarantined, location, quarantined=kept_back)
    check = CheckResult("unique_grain", "pills", passed, "0 repeated", "0 repeated")
    return bronze, JobReport("pills", run_id, "silver", (counts,), (check,))


def write_reports(storage: LakeStorage, *reports: JobReport) -> None:
    """Leave the reports as the jobs do."""
    for report in reports:
        storage.put(report_key(report.dataset, report.run_id, report.layer), encode_text(report).encode())


_FILE_NAMES = {ZIP: "pills.zip", GZIP: "pills.csv.gz", PLAIN: "pills.csv"}


def config_for(address: str, packing: str = ZIP) -> DatasetConfig:
    """Return the configuration with the source at this server."""
    url = f"{address}/{_FILE_NAMES[packing]}"
    return replace(CONFIG, sources=(replace(CONFIG.sources[0], url=url, packing=packing),))

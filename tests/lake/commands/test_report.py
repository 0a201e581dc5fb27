"""``lake report`` and ``lake requeue``: can a version be trusted, and try its source again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from _shared.contracts import layout
from _shared.contracts.codec import encode_text
from _shared.contracts.report import CheckResult, JobReport, TableCounts
from _shared.glue_lib.quality.report_page import CONTENT_POLICY, page
from lake import exit_codes
from lake.project import state_directory
from tests.lake.support import BUCKET, RECORD, REGION, deploy_state_machine, lake, put_records, simulated_aws

FAILED = CheckResult("keys_against_previous", "nsde", False, "30 of 99 removed", "at most 10.00%", "item_code")
WARNING = CheckResult("anomaly", "nsde", False, "rows is 9", "90 to 99", None, "warning", remedy="look <here>")
PASSED = CheckResult("unique_grain", "nsde", True, "0 rows repeat", "(item_code) identifies a row")
REPORT = JobReport(
    "nsde",
    RECORD.run_id,
    "silver",
    (TableCounts("nsde", 1000, 990, "s3://x/", 4, {"NO_ITEM_CODE": 6}),),
    (PASSED, FAILED, WARNING),
)


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        put_records(RECORD)
        yield


def put(key: str, text: str) -> None:
    boto3.client("s3", region_name=REGION).put_object(Bucket=BUCKET, Key=key, Body=text.encode())


def put_report() -> None:
    put(layout.report_key("nsde", RECORD.run_id, "silver"), encode_text(REPORT))
    put(layout.data_docs_key("nsde", RECORD.run_id, "index"), page(REPORT, "2019-04-29"))
    put(layout.data_docs_key("nsde", RECORD.run_id, "nsde"), "<html>docs</html>")


def test_the_report_shows_what_failed_and_copies_the_pages() -> None:
    put_report()
    result = lake("report", "nsde")
    assert result.exit_code == exit_codes.OK, result.output
    assert "3 checks: 1 critical failed, 1 warnings" in result.stdout
    assert "30 of 99 removed" in result.stdout
    assert "unique_grain" not in result.stdout
    folder = state_directory() / "reports" / "nsde" / RECORD.run_id
    assert {path.name for path in folder.iterdir()} == {"index.html", "nsde.html"}


def test_scripts_get_every_check() -> None:
    put_report()
    document = json.loads(lake("report", "nsde", RECORD.run_id, "--json").stdout)
    assert [check["name"] for check in document["checks"]] == ["unique_grain", "keys_against_previous", "anomaly"]
    assert Path(document["page"]).is_file()


def test_a_run_without_a_report_is_told_with_where_to_look() -> None:
    result = lake("report", "nsde")
    assert result.exit_code == exit_codes.USAGE
    assert f"lake watch nsde {RECORD.run_id}" in " ".join(result.output.split())


def test_the_page_says_first_whether_the_version_can_be_trusted_and_escapes_what_it_shows() -> None:
    html = page(REPORT, "2019-04-29")
    assert "Not published: 1 critical of 3 checks failed." in html
    assert html.index("30 of 99 removed") < html.index("rows is 9") < html.index("0 rows repeat")
    assert "look &lt;here&gt;" in html
    assert "6 (NO_ITEM_CODE 6)" in html
    assert "src=" not in html
    assert CONTENT_POLICY in html


def test_the_page_trusts_no_version_that_lost_rows() -> None:
    lost = replace(REPORT, checks=(PASSED,), tables=(replace(REPORT.tables[0], rows_in=1001),))
    assert "Not published: the rows of nsde are not all accounted for." in page(lost, "2019-04-29")


def test_requeue_starts_the_same_source_again() -> None:
    deploy_state_machine()
    url = "https://download.open.fda.gov/older.zip"
    first = json.loads(lake("run", "nsde", "--source-url", url, "--no-wait", "--json").stdout)["execution"]
    again = json.loads(lake("requeue", "nsde", first, "--no-wait", "--json").stdout)["execution"]
    assert again != first
    execution = boto3.client("stepfunctions", region_name=REGION).describe_execution(executionArn=again)
    assert json.loads(execution["input"]) == {"dataset": "nsde", "source_url": url, "force": True}

"""``lake dashboard``: the picture has what CloudWatch has."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest

from lake import exit_codes
from lake.aws.connection import Connection
from lake.aws.dashboards import graphs
from lake.targets import TargetChoice, choose_target
from tests.lake.support import REGION, lake, simulated_aws

NAMESPACE = "dev/PP-RAWS"


@pytest.fixture(autouse=True)
def simulated(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    with simulated_aws(monkeypatch, tmp_path):
        yield


def metric(name: str, label: str) -> list[object]:
    return [NAMESPACE, name, "service", "nsde", {"label": label, "stat": "Sum", "period": 86_400}]


def put_dashboard() -> None:
    body = {
        "widgets": [
            {"type": "metric", "properties": {"title": "Runs", "metrics": [metric("RunsFailed", "failed <runs>")]}},
            {"type": "metric", "properties": {"title": "Rows", "metrics": [metric("RowsPublished", "rows")]}},
            {"type": "text", "properties": {"markdown": "words"}},
        ]
    }
    boto3.client("cloudwatch", region_name=REGION).put_dashboard(
        DashboardName="dev-nsde", DashboardBody=json.dumps(body)
    )


def put_value(value: float, at: datetime) -> None:
    boto3.client("cloudwatch", region_name=REGION).put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": "RunsFailed",
                "Dimensions": [{"Name": "service", "Value": "nsde"}],
                "Timestamp": at,
                "Value": value,
            }
        ],
    )


def test_values_of_each_graph() -> None:
    put_dashboard()
    now = datetime.now(UTC)
    for value, days in ((1, 3), (2, 1), (9, 30)):
        put_value(value, now - timedelta(days=days))
    connection = Connection(choose_target(TargetChoice.AWS, {}, None), REGION, "dev")
    runs, rows = graphs(connection, "dev-nsde", now - timedelta(days=7), now)
    assert (runs.title, rows.title) == ("Runs", "Rows")
    (failed,) = runs.lines
    assert (failed.label, failed.values) == ("failed <runs>", (1, 2))
    assert list(failed.times) == sorted(failed.times)
    assert rows.lines[0].values == ()


@pytest.mark.parametrize(("ending", "begin"), [("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_picture_is_written_where_the_user_wants_it(tmp_path: Path, ending: str, begin: bytes) -> None:
    put_dashboard()
    put_value(1, datetime.now(UTC) - timedelta(days=1))
    picture = tmp_path / "there" / f"d.{ending}"
    result = lake("dashboard", "nsde", "--output", str(picture))
    assert result.exit_code == exit_codes.OK, result.output
    assert picture.read_bytes().startswith(begin)
    if ending == "svg":
        assert "failed &lt;runs&gt;" in picture.read_text("utf-8"), "a label is text"


def test_another_kind_of_file_is_refused_before_anything_is_read() -> None:
    result = lake("dashboard", "nsde", "--output", "d.docx")
    assert result.exit_code == exit_codes.USAGE
    assert ".svg, .png, .pdf" in result.stderr


def test_a_dashboard_that_is_not_deployed() -> None:
    result = lake("dashboard")
    assert result.exit_code == exit_codes.UNAVAILABLE
    assert "dev-pp-raws" in result.stderr
    assert "lake deploy" in result.stderr

"""A dashboard of Amazon CloudWatch, with the values of its graphs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from lake.aws.connection import Connection, error_code
from lake.errors import NotDeployedError

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

_MISSING = {"ResourceNotFound", "ResourceNotFoundException", "DashboardNotFoundError"}


@dataclass(frozen=True)
class Line:
    """One metric of a graph: its times, oldest first, and values."""

    label: str
    times: tuple[datetime, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Graph:
    """One graph of a dashboard."""

    title: str
    lines: tuple[Line, ...]


def graphs(connection: Connection, name: str, start: datetime, end: datetime) -> list[Graph]:
    """Return the graphs of a dashboard with their values between two times.

    Raises
    ------
    NotDeployedError
        There is no such dashboard.
    """
    try:
        body = connection.cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]
    except ClientError as error:
        if error_code(error) not in _MISSING:
            raise
        msg = f"there is no dashboard {name} at {connection.target.description}"
        raise NotDeployedError(msg, "deploy it with: lake deploy") from error
    widgets = [widget["properties"] for widget in json.loads(body)["widgets"] if widget["type"] == "metric"]
    return [_graph(connection, properties, start, end) for properties in widgets]


def _graph(connection: Connection, properties: dict[str, Any], start: datetime, end: datetime) -> Graph:
    pages = connection.cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(_queries(properties["metrics"])),
        StartTime=start,
        EndTime=end,
        ScanBy="TimestampAscending",
    )
    found: dict[str, list[tuple[datetime, float]]] = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            points = zip(result["Timestamps"], result["Values"], strict=True)
            found.setdefault(result["Id"], []).extend(points)
    labels = [metric[-1].get("label", metric[1]) for metric in properties["metrics"]]
    return Graph(
        properties["title"],
        tuple(_line(label, found.get(f"m{number}", [])) for number, label in enumerate(labels)),
    )


def _line(label: str, points: Sequence[tuple[datetime, float]]) -> Line:
    ordered = sorted(points)
    return Line(label, tuple(at for at, _ in ordered), tuple(value for _, value in ordered))


def _queries(metrics: Sequence[list[Any]]) -> Iterator[MetricDataQueryTypeDef]:
    """Yield a query for each metric of a graph: namespace, name, dimensions as names and values, options."""
    for number, (namespace, name, *dimensions, options) in enumerate(metrics):
        pairs = zip(dimensions[::2], dimensions[1::2], strict=True)
        yield {
            "Id": f"m{number}",
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": name,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in pairs],
                },
                "Period": options["period"],
                "Stat": options["stat"],
            },
        }

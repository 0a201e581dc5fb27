"""Dashboards of the metrics that runs emit: one for each dataset, and one for the lake."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from _shared.contracts import metrics, naming

_WIDTH, _HEIGHT = 8, 6
_PERIOD = Duration.days(1)
_SHOWN = "-P14D"
"""Two weeks, as an ISO 8601 duration before now."""

_GRAPHS: dict[str, tuple[tuple[str, str], ...]] = {
    "Runs": ((metrics.RUNS_COMPLETED, "Sum"), (metrics.RUNS_FAILED, "Sum")),
    "Rows published": ((metrics.ROWS_PUBLISHED, "Maximum"),),
    "Failed checks": (
        (metrics.CRITICAL_FAILURES, "Maximum"),
        (metrics.WARNINGS, "Maximum"),
        (metrics.ANOMALIES, "Maximum"),
    ),
    "Rows in quarantine, %": ((metrics.QUARANTINED_SHARE, "Maximum"),),
    "Seconds of a run": ((metrics.RUN_SECONDS, "Maximum"),),
    "Longest job, % of its time-out": ((metrics.JOB_TIMEOUT_SHARE, "Maximum"),),
    "DPU-hours of a day": ((metrics.DPU_HOURS, "Sum"),),
    "Bytes fetched in a day": ((metrics.BYTES_FETCHED, "Sum"),),
}
"""Metrics and statistics of each graph, by its title."""

_OF_THE_LAKE = ("Runs", "Rows published", "Failed checks", "Rows in quarantine, %", "DPU-hours of a day")


def dataset_dashboard(scope: Construct, environment: str, dataset: str) -> cloudwatch.Dashboard:
    """Add the dashboard of one dataset: a graph of each kind."""
    graphs = [_graph(title, environment, [dataset]) for title in _GRAPHS]
    return _dashboard(scope, naming.dashboard(environment, dataset), graphs)


def lake_dashboard(scope: Construct, environment: str, prefix: str, datasets: Sequence[str]) -> cloudwatch.Dashboard:
    """Add the dashboard of all datasets: graphs with lines of each."""
    graphs = [_graph(title, environment, datasets) for title in _OF_THE_LAKE]
    return _dashboard(scope, naming.dashboard(environment, prefix), graphs)


def _dashboard(scope: Construct, name: str, graphs: Sequence[cloudwatch.GraphWidget]) -> cloudwatch.Dashboard:
    dashboard = cloudwatch.Dashboard(scope, "Dashboard", dashboard_name=name, start=_SHOWN)
    dashboard.add_widgets(*graphs)
    return dashboard


def _graph(title: str, environment: str, datasets: Sequence[str]) -> cloudwatch.GraphWidget:
    left = [
        cloudwatch.Metric(
            namespace=metrics.namespace(environment),
            metric_name=name,
            dimensions_map={metrics.DIMENSION: dataset},
            statistic=statistic,
            period=_PERIOD,
            label=name if len(datasets) == 1 else f"{dataset} {name}",
        )
        for dataset in datasets
        for name, statistic in _GRAPHS[title]
    ]
    return cloudwatch.GraphWidget(
        title=title, left=left, width=_WIDTH, height=_HEIGHT, left_y_axis=cloudwatch.YAxisProps(min=0)
    )

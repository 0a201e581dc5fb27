"""The dashboards of a dataset and of the lake show metrics that runs emit, in a shape that can be drawn."""

from __future__ import annotations

import json

from _shared.contracts import metrics
from config.datasets import dataset_names
from tests.infrastructure.conftest import Document, Synthesized


def bodies(prod: Synthesized) -> dict[str, Document]:
    found = {}
    for template in (prod.base, prod.orchestrator):
        (dashboard,) = (
            resource["Properties"]
            for resource in template["Resources"].values()
            if resource["Type"] == "AWS::CloudWatch::Dashboard"
        )
        parts = dashboard["DashboardBody"]["Fn::Join"][1]
        found[dashboard["DashboardName"]] = json.loads("".join(p if isinstance(p, str) else "us-east-1" for p in parts))
    return found


def test_each_graph_shows_metrics_that_runs_emit(prod: Synthesized) -> None:
    emitted = {value for name, value in vars(metrics).items() if name.isupper()}
    shown: dict[str, set[str]] = {}
    for dashboard, body in bodies(prod).items():
        for widget in body["widgets"]:
            for namespace, name, dimension, dataset, options in widget["properties"]["metrics"]:
                assert (namespace, dimension) == (metrics.namespace("prod"), metrics.DIMENSION)
                assert name in emitted
                assert options.keys() >= {"label", "stat", "period"}
                shown.setdefault(dashboard, set()).add(dataset)
    assert shown == {"prod-nsde": {"nsde"}, "prod-pp-raws": set(dataset_names())}

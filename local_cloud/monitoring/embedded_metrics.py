"""Take metrics out of log lines in the embedded metric format. MiniStack stores the lines only.

Source: Amazon CloudWatch User Guide, "Specification: Embedded metric format".
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud import seams
from local_cloud.glue.answers import HTTP_OK, Response

_logger = logging.getLogger("local_cloud.monitoring")
_MARK = '"_aws"'


@dataclass(frozen=True)
class Datum:
    """Values of one metric at a time, in Unix seconds."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    at: float
    values: tuple[float, ...]


def install() -> None:
    """Read the lines of functions and those that PutLogEvents stores."""
    emit, put = seams.EMIT_LAMBDA_LOGS.value, seams.PUT_LOG_EVENTS.value

    def emit_lambda_logs(function: dict[str, Any], request_id: str, log: str, *rest: Any, **options: Any) -> None:
        emit(function, request_id, log, *rest, **options)
        store((log or "").splitlines())

    def put_log_events(data: dict[str, Any]) -> Response:
        response: Response = put(data)
        if response[0] == HTTP_OK:
            store(event.get("message", "") for event in data.get("logEvents", []))
        return response

    seams.EMIT_LAMBDA_LOGS.replace(emit_lambda_logs)
    seams.PUT_LOG_EVENTS.replace(put_log_events)


def store(lines: Iterable[str]) -> None:
    """Store the metrics of log lines, and evaluate the alarms if there are any."""
    found = [datum for line in lines if _MARK in line for datum in embedded(line)]
    for datum in found:
        values = list(datum.values)
        seams.STORE_DATUM.value(
            datum.namespace, datum.name, dict(datum.dimensions), datum.at, datum.unit, None, values, None, None
        )
    if found:
        seams.EVALUATE_ALL_ALARMS.value()


def embedded(line: str) -> Iterator[Datum]:
    """Yield the metrics of a line: one for each set of dimensions. A line that is not in the format has none."""
    try:
        document = json.loads(line)
        head = document["_aws"]
        at = head["Timestamp"] / 1000
        for directive in head["CloudWatchMetrics"]:
            for names in directive["Dimensions"]:
                dimensions = {name: str(document[name]) for name in names}
                for metric in directive["Metrics"]:
                    found = document[metric["Name"]]
                    values = tuple(map(float, found if isinstance(found, list) else [found]))
                    unit = metric.get("Unit", "None")
                    yield Datum(directive["Namespace"], metric["Name"], dimensions, unit, at, values)
    except (ValueError, KeyError, TypeError) as error:
        _logger.warning("a log line is not in the embedded metric format: %r", error)

"""Log lines of the jobs: one JSON object each, with the keys of the functions' lines (AWS Lambda Powertools)."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

from _shared.contracts.naming import job_step

PACKAGE = "_shared"
"""Only loggers of this package write JSON lines. Spark and its libraries log to standard error."""

_SERVICE = "pp-raws-data-lake"
_OF_EVERY_RECORD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """Format a record as JSON: its level, message, exception and ``extra``, and what all lines of the job have.

    Parameters
    ----------
    common
        Keys of all lines: dataset, run and step.
    """

    def __init__(self, common: Mapping[str, str]) -> None:
        super().__init__()
        self._common = common

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Values that JSON does not have become text."""
        document: dict[str, object] = {
            "level": record.levelname,
            "location": f"{record.funcName}:{record.lineno}",
            "message": record.getMessage(),
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "service": _SERVICE,
            **self._common,
            **{key: value for key, value in record.__dict__.items() if key not in _OF_EVERY_RECORD},
        }
        if record.exc_info and record.exc_info[0]:
            document["exception_name"] = record.exc_info[0].__name__
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document, default=str, ensure_ascii=False)


def log_as_json(dataset: str, layer: str, run_id: str) -> None:
    """Write the log of this process's job to standard output, as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines({"dataset": dataset, "run_id": run_id, "step": job_step(layer)}))
    logger = logging.getLogger(PACKAGE)
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)

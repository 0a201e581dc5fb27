"""Structured logs: one JSON object per line, with dataset and run id."""

from __future__ import annotations

from aws_lambda_powertools import Logger

LOGGER = Logger(service="pp-raws-data-lake")


def log_run(dataset: str, run_id: str) -> Logger:
    """Add dataset and run id to all following log lines, and return the logger."""
    LOGGER.append_keys(dataset=dataset, run_id=run_id)
    return LOGGER

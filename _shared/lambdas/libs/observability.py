"""Structured logs: one JSON object a line, with dataset and run on every one."""

from __future__ import annotations

from aws_lambda_powertools import Logger

LOGGER = Logger(service="pp-raws-data-lake")


def log_run(dataset: str, run_id: str) -> Logger:
    """Return the logger, with the run that every following line is about."""
    LOGGER.append_keys(dataset=dataset, run_id=run_id)
    return LOGGER

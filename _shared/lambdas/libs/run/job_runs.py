"""Glue job runs in the state data."""

from __future__ import annotations

from collections.abc import Mapping

from _shared.contracts.naming import job_step


def job_run_ids(state: Mapping[str, object]) -> dict[str, str]:
    """Return the run ids of the successful jobs by step. The state data has each under the name of the layer."""
    return {
        job_step(layer): part["JobRunId"]
        for layer, part in state.items()
        if isinstance(part, Mapping) and isinstance(part.get("JobRunId"), str)
    }

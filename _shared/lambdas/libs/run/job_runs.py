"""Glue job runs, as the state data names them."""

from __future__ import annotations

from collections.abc import Mapping

from _shared.contracts.naming import job_step


def job_run_ids(state: Mapping[str, object]) -> dict[str, str]:
    """Return the job run ids by step, of the jobs that ended well: each leaves its own under its layer's name."""
    return {
        job_step(layer): part["JobRunId"]
        for layer, part in state.items()
        if isinstance(part, Mapping) and isinstance(part.get("JobRunId"), str)
    }

"""Glue job runs, as the state data names them."""

from __future__ import annotations

from collections.abc import Mapping

_STEPS = {"bronze": "BronzeJob", "silver": "SilverJob"}


def job_run_ids(state: Mapping[str, object]) -> dict[str, str]:
    """Return the job run ids by state name, of the jobs that ended well."""
    found = {}
    for key, step in _STEPS.items():
        part = state.get(key)
        if isinstance(part, Mapping) and isinstance(part.get("JobRunId"), str):
            found[step] = part["JobRunId"]
    return found

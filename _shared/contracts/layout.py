"""Layout of the lake bucket: the only module that builds S3 keys.

All prefixes end in ``/``, so that a prefix never matches a sibling.
"""

from __future__ import annotations

BRONZE_RUN_KEY = "run"
"""Partition key of every bronze table."""


def raw_prefix(dataset: str, run_id: str) -> str:
    """Prefix of the files that one run fetched: original files, unpacked members, release document."""
    return f"raw/{dataset}/run_id={run_id}/"


def source_prefix(dataset: str, run_id: str, source: str) -> str:
    """Prefix of one source's files. A source with the dataset's name has no subfolder."""
    prefix = raw_prefix(dataset, run_id)
    return prefix if source == dataset else f"{prefix}{source}/"


def release_key(dataset: str, run_id: str) -> str:
    """Key of the :class:`~_shared.contracts.release.Release` document."""
    return f"{raw_prefix(dataset, run_id)}_metadata.json"


def bronze_table_prefix(table: str) -> str:
    """Prefix of one bronze table, as the crawler registers it."""
    return f"bronze/{table}/"


def bronze_prefix(table: str, run_id: str) -> str:
    """Prefix of one run's bronze Parquet."""
    return f"{bronze_table_prefix(table)}{BRONZE_RUN_KEY}={run_id}/"


def silver_table_prefix(table: str) -> str:
    """Prefix of all versions of one silver table."""
    return f"silver/{table}/"


def silver_prefix(table: str, version: str, run_id: str) -> str:
    """Prefix of one run's silver Parquet."""
    return f"{silver_table_prefix(table)}version={version}/run={run_id}/"


def quarantine_prefix(table: str, run_id: str) -> str:
    """Prefix of the rows that one run quarantined, with the reason."""
    return f"quarantine/{table}/run={run_id}/"


def report_key(dataset: str, run_id: str, layer: str) -> str:
    """Key of a job's :class:`~_shared.contracts.report.JobReport`; ``layer`` is bronze or silver."""
    return f"quality/{dataset}/run_id={run_id}/{layer}.json"


def profile_key(dataset: str, run_id: str) -> str:
    """Key of a run's :class:`~_shared.contracts.quality.profile.RunProfile`."""
    return f"quality/{dataset}/run_id={run_id}/profile.json"


def data_docs_key(dataset: str, run_id: str, table: str) -> str:
    """Key of the page with the results of a table's expectations in one run."""
    return f"quality/{dataset}/run_id={run_id}/data_docs/{table}.html"


def quality_results_prefix() -> str:
    """Prefix of the results of all checks of all runs, which is one table of the catalog."""
    return "quality_results/"


def quality_results_key(dataset: str, run_id: str) -> str:
    """Key of one run's results."""
    return f"{quality_results_prefix()}{dataset}/{run_id}.parquet"


def manifest_prefix(dataset: str) -> str:
    """Prefix of a dataset's manifest, lease and run records."""
    return f"manifests/{dataset}/"


def manifest_key(dataset: str) -> str:
    """Key of the manifest, which is replaced by compare-and-swap."""
    return f"{manifest_prefix(dataset)}manifest.json"


def lease_key(dataset: str) -> str:
    """Key of the lease that prevents concurrent executions of one dataset."""
    return f"{manifest_prefix(dataset)}lease.json"


def runs_prefix(dataset: str) -> str:
    """Prefix of a dataset's run records."""
    return f"{manifest_prefix(dataset)}runs/"


def lineage_prefix(dataset: str) -> str:
    """Prefix of the lineage events of a dataset's runs."""
    return f"lineage/{dataset}/"


def lineage_key(dataset: str, run_id: str, redrive_count: int = 0) -> str:
    """Key of the OpenLineage events of one attempt, one JSON object per line."""
    return f"{lineage_prefix(dataset)}{_attempt(run_id, redrive_count)}.ndjson"


def run_record_key(dataset: str, run_id: str, redrive_count: int = 0) -> str:
    """Key of the run record of one attempt, written once.

    Parameters
    ----------
    redrive_count
        0 for the first attempt. Each redrive has its own record.
    """
    return f"{runs_prefix(dataset)}{_attempt(run_id, redrive_count)}.json"


def _attempt(run_id: str, redrive_count: int) -> str:
    return f"{run_id}-redrive-{redrive_count}" if redrive_count else run_id

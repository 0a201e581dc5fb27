"""SilverJob converts bronze tables to silver tables and quarantine."""

from __future__ import annotations

from _shared.contracts import layout
from stacks.access.lake_access import READ, REPLACE, UPLOAD, WRITE, folder_markers, listing, objects, zone
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import PipelineFunction
from stacks.constructs.jobs import Jobs, JobSettings
from stacks.steps.job import job_step
from stacks.steps.step import Step

LAYER = "silver"


def step(jobs: Jobs, retry: PipelineFunction) -> Step:
    """Add the job, and return the step."""
    name = jobs.deployment.dataset.silver_job_name
    jobs.add(JobSettings(LAYER, name, "bronze to silver", _permissions(jobs.deployment), needs_wheels=True))
    return job_step(LAYER, name, jobs, retry)


def _permissions(deployment: Deployment) -> list[Permission]:
    shared, config = deployment.shared, deployment.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    bronze = [layout.bronze_table_prefix(member.table) for member in config.members]
    written = [
        prefix
        for table in config.silver_tables
        for prefix in (layout.silver_table_prefix(table.name), zone("quarantine", table.name))
    ]
    return [
        objects(shared, READ, layout.release_key(config.dataset, "*"), *(f"{prefix}*" for prefix in bronze)),
        objects(shared, (*REPLACE, *UPLOAD), *(f"{prefix}*" for prefix in written)),
        objects(shared, WRITE, f"{quality}*"),
        objects(shared, ("s3:PutObject",), layout.quality_results_key(config.dataset, "*")),
        folder_markers(shared, *bronze, *written),
        listing(shared, raw, quality, *bronze, *written),
    ]

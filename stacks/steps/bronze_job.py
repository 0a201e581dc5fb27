"""BronzeJob converts raw files to bronze tables."""

from __future__ import annotations

from _shared.contracts import layout
from stacks.access.lake_access import READ, REPLACE, UPLOAD, WRITE, folder_markers, listing, objects, zone
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import PipelineFunction
from stacks.constructs.jobs import Jobs, JobSettings
from stacks.steps.job import job_step
from stacks.steps.step import Step

LAYER = "bronze"


def step(jobs: Jobs, retry: PipelineFunction) -> Step:
    """Add the job, and return the step."""
    name = jobs.deployment.dataset.bronze_job_name
    jobs.add(JobSettings(LAYER, name, "raw to bronze", _permissions(jobs.deployment)))
    return job_step(LAYER, name, jobs, retry)


def _permissions(deployment: Deployment) -> list[Permission]:
    shared, config = deployment.shared, deployment.dataset
    raw, quality = zone("raw", config.dataset), zone("quality", config.dataset)
    bronze = [layout.bronze_table_prefix(member.table) for member in config.members]
    return [
        objects(shared, READ, f"{raw}*"),
        objects(shared, (*REPLACE, *UPLOAD), *(f"{prefix}*" for prefix in bronze)),
        objects(shared, WRITE, f"{quality}*"),
        folder_markers(shared, *bronze),
        listing(shared, raw, quality, *bronze),
    ]

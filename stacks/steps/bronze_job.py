"""BronzeJob converts raw files to bronze tables."""

from __future__ import annotations

from aws_cdk import Stack

from _shared.contracts import layout
from _shared.contracts.dataset import hashes_personal_data
from stacks.access.lake_access import READ, REPLACE, UPLOAD, WRITE, folder_markers, listing, objects, read_secret, zone
from stacks.access.permissions import Permission
from stacks.constructs.deployment import Deployment
from stacks.constructs.function import PipelineFunction
from stacks.constructs.jobs import Jobs, JobSettings
from stacks.steps.job import job_step
from stacks.steps.step import Step

LAYER = "bronze"


def step(jobs: Jobs, retry: PipelineFunction) -> Step:
    """Add the job, and return the step."""
    deployment, name = jobs.deployment, jobs.deployment.dataset.bronze_job_name
    permissions, arguments = _permissions(deployment), {}
    secret = deployment.environment.personal_key_secret
    if secret and hashes_personal_data(deployment.dataset):
        permissions.append(read_secret(Stack.of(jobs), secret))
        arguments["--personal_key_secret"] = secret
    jobs.add(JobSettings(LAYER, name, "raw to bronze", permissions, arguments))
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

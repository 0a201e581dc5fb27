"""What a dataset of several sources and tables is given: every one of its tables, and nothing of the others'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts import layout, naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import Artefacts
from tests.infrastructure.conftest import Synthesized, cdk_app, deployable, spelt_out, template
from tests.infrastructure.test_permissions import (
    ANY_RESOURCE,
    BUCKET,
    DATABASE,
    ROLES,
    allows,
    resources_of,
    roles_with,
    statements,
)

LARGEST_POLICIES = 10_240
"""Characters that IAM takes of a role's inline policies: IAM User Guide, "IAM and AWS STS quotas"."""

RUN = "20260101T000000Z-00000000"
SECRET = "pp-raws/uts-key"


def policy_text(properties: dict[str, Any]) -> str:
    text = json.dumps([spelt_out_deep(policy["PolicyDocument"]) for policy in properties["Policies"]])
    account = {"<AWS::AccountId>": "1" * 12, "<AWS::Region>": "ap-southeast-2", "<AWS::Partition>": "aws-us-gov"}
    for name, value in account.items():
        text = text.replace(name, value)
    return "".join(text.split())


def spelt_out_deep(value: object) -> object:
    match value:
        case {"Fn::Join": _} | {"Fn::GetAtt": _} | {"Ref": _} | {"Fn::ImportValue": _} | {"Fn::Sub": _}:
            return spelt_out(value)
        case dict():
            return {key: spelt_out_deep(part) for key, part in value.items()}
        case list():
            return [spelt_out_deep(part) for part in value]
        case _:
            return value


def test_policies_are_as_long_as_iam_takes_them(each: Synthesized) -> None:
    long = {
        name: len(policy_text(properties))
        for name, properties in each.resources("AWS::IAM::Role").items()
        if len(policy_text(properties)) > LARGEST_POLICIES
    }
    assert long == {}


def bronze_of(dataset: DatasetConfig) -> Iterator[str]:
    for member in dataset.members:
        yield f"{BUCKET}/{layout.bronze_prefix(member.table, RUN)}part-0.parquet"


def silver_of(dataset: DatasetConfig) -> Iterator[str]:
    for table in dataset.silver_tables:
        yield f"{BUCKET}/{layout.silver_prefix(table.name, '2026-01-01', RUN)}part-0.parquet"
        yield f"{BUCKET}/{layout.quarantine_prefix(table.name, RUN)}part-0.parquet"


def test_jobs_and_crawler_reach_every_table_of_their_dataset(each: Synthesized) -> None:
    for resource in bronze_of(each.dataset):
        assert allows(each, "JobsBronze", "s3:PutObject", resource)
        assert allows(each, "JobsSilver", "s3:GetObject", resource)
        assert not allows(each, "JobsSilver", "s3:PutObject", resource)
        assert allows(each, "Crawler", "s3:GetObject", resource)
    for resource in silver_of(each.dataset):
        assert allows(each, "JobsSilver", "s3:PutObject", resource)
        assert not allows(each, "JobsBronze", "s3:PutObject", resource)


def test_every_source_has_its_place_in_raw(each: Synthesized) -> None:
    for source in each.dataset.sources:
        key = f"{BUCKET}/{layout.source_prefix(each.dataset.dataset, RUN, source.name)}source.zip"
        assert allows(each, "FetchAndHash", "s3:PutObject", key)
        assert allows(each, "JobsBronze", "s3:GetObject", key)


def test_publication_and_crawl_register_every_table_and_no_other(each: Synthesized) -> None:
    silver = {name for table in each.dataset.silver_tables for name in (table.name, naming.versions_table(table.name))}
    bronze = {naming.bronze_table(member.table) for member in each.dataset.members}
    database = each.dataset.database_name
    for role, names in (("UpdateManifest", silver), ("RecordFailure", silver), ("Crawler", bronze)):
        prefix = f"{DATABASE}table/{database}/"
        found = {r.removeprefix(prefix) for r in resources_of(each, role, "glue:CreateTable") if r.startswith(prefix)}
        assert found == names


def test_publication_drops_current_tables_only_where_a_release_may_lack_some(each: Synthesized) -> None:
    optional = [*(source.optional for source in each.dataset.sources), *(m.optional for m in each.dataset.members)]
    tables = {f"{DATABASE}table/{each.dataset.database_name}/{table.name}" for table in each.dataset.silver_tables}
    found = {arn for arn in resources_of(each, "UpdateManifest", "glue:DeleteTable") if ":table/" in arn}
    assert found == (tables if any(optional) else set())
    assert roles_with(each, "glue:DeleteTable") == ({"UpdateManifest", "RecordFailure"} if any(optional) else set())


@pytest.mark.parametrize("role", ROLES)
def test_no_role_of_a_dataset_reaches_the_tables_of_another(
    each: Synthesized, datasets: list[DatasetConfig], role: str
) -> None:
    for other in datasets:
        if other.dataset == each.dataset.dataset:
            continue
        for resource in (*bronze_of(other), *silver_of(other)):
            for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
                assert not allows(each, role, action, resource)


@pytest.mark.parametrize("role", ROLES)
def test_any_resource_is_named_only_by_actions_that_know_none(each: Synthesized, role: str) -> None:
    for actions, resources, _ in statements(each, role):
        assert not [action for action in actions if "*" in action]
        assert "*" not in resources or set(actions) <= set(ANY_RESOURCE)


@pytest.fixture(name="licensed", scope="module")
def fixture_licensed(
    tmp_path_factory: pytest.TempPathFactory, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts]
) -> dict[str, Synthesized]:
    """Templates of an environment that has a key for RxNorm."""
    directory: Path = tmp_path_factory.mktemp("cdk-licensed")
    app = cdk_app(directory)
    environment = deployable(load_environment("prod")).model_copy(update={"source_secrets": {"rxnorm": SECRET}})
    build_stacks(app, environment, datasets, artefacts)
    app.synth()

    @cache
    def of(dataset: DatasetConfig) -> Synthesized:
        stack = naming.orchestrator_stack(dataset.display_name)
        base = template(directory, naming.BASE_STACK)
        return Synthesized(directory, base, template(directory, stack), artefacts[dataset.dataset], dataset)

    return {dataset.dataset: of(dataset) for dataset in datasets}


def test_one_function_reads_the_one_secret_of_the_dataset_that_has_a_licence(licensed: dict[str, Synthesized]) -> None:
    action = "secretsmanager:GetSecretValue"
    readers = {name: roles_with(synthesized, action) for name, synthesized in licensed.items()}
    assert {name: roles for name, roles in readers.items() if roles} == {"rxnorm": {"FetchAndHash"}}
    [resource] = resources_of(licensed["rxnorm"], "FetchAndHash", action)
    assert resource == f"arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:{SECRET}-??????"


def test_only_the_secrets_name_is_in_a_template(licensed: dict[str, Synthesized]) -> None:
    variables = {
        name: synthesized.only("AWS::Lambda::Function", FunctionName=f"prod-{name}-fetch-and-hash")["Environment"]
        for name, synthesized in licensed.items()
    }
    assert variables["rxnorm"]["Variables"]["SOURCE_SECRET"] == SECRET
    assert "SOURCE_SECRET" not in {**variables["nsde"]["Variables"], **variables["cder"]["Variables"]}


def test_without_a_key_nobody_reads_secrets(each: Synthesized) -> None:
    assert roles_with(each, "secretsmanager:GetSecretValue") == set()
    fetch = each.only("AWS::Lambda::Function", FunctionName=f"prod-{each.dataset.dataset}-fetch-and-hash")
    assert "SOURCE_SECRET" not in fetch["Environment"]["Variables"]

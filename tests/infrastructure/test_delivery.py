"""The delivery pipeline: off by default, and what it does in which order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import Environment as CdkEnvironment

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.delivery import read_delivery
from config.environment import load_environment
from config.errors import ConfigError
from config.rules import check_delivery
from stacks.assembly import build_stacks
from stacks.compliance import check_templates
from stacks.delivery_stack import DeliveryStack, cdk_version
from stacks.packaging.artefacts import Artefacts
from tests.infrastructure.conftest import ACCOUNT, REGION, Document, Synthesized, cdk_app, deployable, template

ROOT = Path(__file__).parents[2]
SETTINGS: dict[str, Any] = {
    "account": ACCOUNT,
    "region": REGION,
    "repository": "owner/name",
    "connection_arn": f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/1234",
}


@pytest.fixture(scope="module")
def assembly(
    tmp_path_factory: pytest.TempPathFactory, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts]
) -> Path:
    directory = tmp_path_factory.mktemp("delivery")
    app = cdk_app(directory)
    check_templates(app)
    DeliveryStack(
        app,
        naming.DELIVERY_STACK,
        delivery=read_delivery(SETTINGS),
        environments=(deployable(load_environment("dev")), deployable(load_environment("prod"))),
        build=lambda stage, environment: build_stacks(stage, environment, datasets, artefacts),
        env=CdkEnvironment(account=ACCOUNT, region=REGION),
    )
    app.synth()
    return directory


@pytest.fixture(scope="module")
def stack(assembly: Path) -> Document:
    return template(assembly, naming.DELIVERY_STACK)


def properties(stack: Document, kind: str) -> list[Document]:
    return [one["Properties"] for one in stack["Resources"].values() if one["Type"] == kind]


def resources(stack: Document) -> Document:
    """Properties by logical id. The CDK names a rule's permission after its path, which begins with the stage."""
    path = "FailuresRuleAllowEventRule"
    return {
        path if name.startswith(path) else name: resource.get("Properties")
        for name, resource in stack["Resources"].items()
    }


def build_spec(stack: Document, step: str) -> Document:
    [found] = [
        project["Source"]["BuildSpec"]
        for project in properties(stack, "AWS::CodeBuild::Project")
        if step in json.dumps(project["Source"]["BuildSpec"])
    ]
    document: Document = json.loads(found)
    return document


def test_there_is_no_pipeline_until_a_team_asks_for_one() -> None:
    assert "delivery" not in json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]


def test_first_is_deployed_and_smoke_tested_then_a_person_approves_then_last_is_deployed(stack: Document) -> None:
    [pipeline] = properties(stack, "AWS::CodePipeline::Pipeline")
    stages = {
        stage["Name"]: [action["Name"] for action in sorted(stage["Actions"], key=lambda one: int(one["RunOrder"]))]
        for stage in pipeline["Stages"]
    }
    assert list(stages) == ["Source", "Build", "UpdatePipeline", "Assets", "dev", "prod"]
    assert stages["Build"] == ["Test"]
    assert (stages["dev"][0], stages["dev"][-1]) == ("Diff-dev", "Smoke-dev")
    assert stages["prod"][:2] == ["Diff-prod", "Approve-prod"]
    deployed = [name for name in stages["prod"] if name.endswith(".Deploy")]
    assert deployed[0].startswith("PP-RAWS-DataLake-Base")
    assert len(deployed) == 4


def test_nothing_is_deployed_before_lint_and_tests_have_passed(stack: Document) -> None:
    spec = build_spec(stack, "make test")
    assert spec["phases"]["build"]["commands"] == ["make lint", "make test", "npx cdk synth --quiet"]
    assert spec["phases"]["install"]["runtime-versions"] == {"python": "3.11", "nodejs": "22", "java": "corretto17"}
    assert spec["artifacts"]["base-directory"] == "cdk.out"


def test_the_smoke_test_is_the_command_that_people_use(stack: Document) -> None:
    commands = build_spec(stack, "lake smoke")["phases"]["build"]["commands"]
    assert commands == ["make install", ".venv/bin/lake smoke nsde --env dev --target aws"]


def test_differences_are_shown_with_the_pinned_cdk_and_the_right_to_look_only(stack: Document) -> None:
    commands = build_spec(stack, "assembly-*prod")["phases"]["build"]["commands"]
    assert commands == [f"npx --yes aws-cdk@{cdk_version()} diff --app assembly-*prod '**'"]
    roles = json.dumps(properties(stack, "AWS::IAM::Policy"))
    assert f"cdk-hnb659fds-lookup-role-{ACCOUNT}-{REGION}" in roles


def test_the_pipeline_deploys_the_templates_that_a_person_would_deploy(assembly: Path, prod: Synthesized) -> None:
    [nested] = assembly.glob("assembly-*prod")
    for path, direct in (("*PPRAWSDataLakeBase*", prod.base), ("*PPRAWSNSDEOrchestrator*", prod.orchestrator)):
        [found] = nested.glob(f"{path}.template.json")
        delivered, by_hand = resources(json.loads(found.read_text("utf-8"))), resources(direct)
        assert set(delivered) == set(by_hand)
        assert [name for name in by_hand if delivered[name] != by_hand[name]] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"repository": "name"}, r"cdk\.json: context\.delivery: repository: "),
        ({"account": "1"}, "account: "),
        ({"colour": "blue"}, "colour: unknown key"),
        ({"connection_arn": "arn:aws:s3:::x"}, "connection_arn: "),
    ],
)
def test_a_mistake_in_the_settings_is_told_with_its_key(change: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        read_delivery({**SETTINGS, **change})


def test_the_first_environment_is_in_the_pipelines_account() -> None:
    delivery = read_delivery({**SETTINGS, "account": "999988887777"})
    dev, prod = (deployable(load_environment(name)) for name in ("dev", "prod"))
    with pytest.raises(ConfigError, match="account: 999988887777, but dev is in 111122223333; put the pipeline into"):
        check_delivery(delivery, dev, prod)

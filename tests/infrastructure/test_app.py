from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT
from tests.bad_input.configuration import SMALLEST
from tests.dataset_files import write_dataset
from tests.infrastructure.conftest import ACCOUNT, PLACE, REGION, Synthesized, cdk_app, deployable


def run_app(tree: Path, environment: str, output: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run ``app.py`` as the CDK command line does, with no AWS credentials or settings but the given variables."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | variables
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"] | {"env": environment}
    settings |= {"CDK_OUTDIR": str(output), "CDK_CONTEXT_JSON": json.dumps(context)}
    return subprocess.run(
        [sys.executable, "app.py"], cwd=tree, env=settings, capture_output=True, text=True, timeout=300, check=False
    )


def copy_of_the_app(target: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("_shared", "config", "domains", "stacks", "requirements"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    shutil.copy(ROOT / "app.py", target)
    for installed in BUILD_DIRECTORY.glob("third-party-*"):
        shutil.copytree(installed, target / "build" / installed.name)
    return target


def stacks_of(output: Path) -> dict[str, tuple[str, str]]:
    """Name and environment of each synthesized stack, by its id."""
    manifest = json.loads((output / "manifest.json").read_text("utf-8"))
    return {
        name: (artifact["properties"].get("stackName", name), artifact["environment"])
        for name, artifact in manifest["artifacts"].items()
        if artifact["type"] == "aws:cloudformation:stack"
    }


def completed(tree: Path, environment: str) -> Path:
    """Return a copy of the app whose environment names account, region and alert address."""
    path = copy_of_the_app(tree) / "config" / f"{environment}.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **PLACE}), "utf-8")
    return tree


def test_app_synthesizes_without_credentials(tmp_path: Path, datasets: list[DatasetConfig]) -> None:
    result = run_app(completed(tmp_path / "tree", "dev"), "dev", tmp_path / "out")
    assert result.returncode == 0, result.stderr
    expected = {naming.orchestrator_stack(dataset.display_name) for dataset in datasets if dataset.belongs_to("dev")}
    where = f"aws://{ACCOUNT}/{REGION}"
    assert stacks_of(tmp_path / "out") == {name: (f"dev-{name}", where) for name in (naming.BASE_STACK, *expected)}


def test_an_environment_of_aws_names_its_account_region_and_alert_address(tmp_path: Path) -> None:
    tree = copy_of_the_app(tmp_path / "tree")
    path = tree / "config" / "prod.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({key: value for key, value in document.items() if key not in PLACE}), "utf-8")
    result = run_app(tree, "prod", tmp_path / "out")
    assert result.returncode == 1
    for key in PLACE:
        assert f"config/prod.json: {key}: required to deploy the environment, and missing" in result.stderr
    assert "Traceback" not in result.stderr


def test_credentials_of_another_account_stop_the_synth(tmp_path: Path) -> None:
    tree = completed(tmp_path / "tree", "prod")
    result = run_app(tree, "prod", tmp_path / "out", CDK_DEFAULT_ACCOUNT="999999999999")
    assert result.returncode == 1
    assert f"config/prod.json: account: {ACCOUNT}, but the credentials belong to 999999999999" in result.stderr
    assert run_app(tree, "prod", tmp_path / "out", CDK_DEFAULT_ACCOUNT=ACCOUNT).returncode == 0


def test_environments_share_no_name(synthesize: Callable[..., Synthesized]) -> None:
    dev, prod = (named(synthesize(environment)) for environment in ("dev", "prod"))
    assert dev
    assert dev & prod == set()
    assert {name.replace("dev", "prod", 1) for name in dev} == prod


NAMES = ("BucketName", "QueueName", "TopicName", "AliasName", "FunctionName", "StateMachineName", "LogGroupName")


def named(synthesized: Synthesized) -> set[str]:
    """All physical names that the templates give."""
    found = set()
    for template in (synthesized.base, synthesized.orchestrator):
        for resource in template["Resources"].values():
            properties = resource.get("Properties", {})
            database = properties.get("DatabaseInput", {})
            names = [properties.get(key) for key in (*NAMES, "Name", "RoleName")] + [database.get("Name")]
            found |= {name for name in names if isinstance(name, str)}
    return found


def test_production_stacks_cannot_be_deleted_by_mistake(
    prod: Synthesized, synthesize: Callable[..., Synthesized]
) -> None:
    for synthesized, protected in ((prod, True), (synthesize("dev"), False)):
        manifest = json.loads((synthesized.directory / "manifest.json").read_text("utf-8"))
        found = {
            artifact["properties"].get("terminationProtection", False)
            for artifact in manifest["artifacts"].values()
            if artifact["type"] == "aws:cloudformation:stack"
        }
        assert found == {protected}


def test_new_folder_under_domains_is_a_new_stack(tmp_path: Path, prod: Synthesized) -> None:
    tree = copy_of_the_app(tmp_path / "tree")
    shutil.copytree(tree / "domains" / "nsde", tree / "domains" / "sample")
    for folder in ("config", "expectations"):
        shutil.rmtree(tree / "domains" / "sample" / folder)
    write_dataset(tree / "domains", SMALLEST)

    result = run_app(tree, "local", tmp_path / "out")

    assert result.returncode == 0, result.stderr
    template = json.loads((tmp_path / "out" / "PP-RAWS-SAMPLE-Orchestrator.template.json").read_text("utf-8"))
    names = {
        resource["Properties"]["FunctionName"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    }
    functions = prod.resources("AWS::Lambda::Function").values()
    assert names == {function["FunctionName"].replace("prod-nsde-", "sample-") for function in functions}
    base = json.loads((tmp_path / "out" / f"{naming.BASE_STACK}.template.json").read_text("utf-8"))
    databases = {
        resource["Properties"]["DatabaseInput"]["Name"]
        for resource in base["Resources"].values()
        if resource["Type"] == "AWS::Glue::Database"
    }
    assert {"nsde_db", "sample_db"} <= databases


def test_a_copied_folder_would_write_into_the_tables_of_the_first_and_is_refused(tmp_path: Path) -> None:
    tree = copy_of_the_app(tmp_path / "tree")
    shutil.copytree(tree / "domains" / "nsde", tree / "domains" / "sample")
    path = tree / "domains" / "sample" / "config" / "dataset.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**document, "dataset": "sample"}), "utf-8")

    result = run_app(tree, "local", tmp_path / "out")

    assert result.returncode == 1
    assert (
        "domains/nsde/config/tables/nsde.json and domains/sample/config/tables/nsde.json: both declare the table 'nsde'"
    ) in result.stderr


def test_mistake_in_the_configuration_is_told_without_a_stack_trace(tmp_path: Path) -> None:
    tree = copy_of_the_app(tmp_path / "tree")
    path = tree / "domains" / "nsde" / "config" / "dataset.json"
    document = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**document, "number_of_workers": "many"}), "utf-8")

    result = run_app(tree, "local", tmp_path / "out")

    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "error: domains/nsde/config/dataset.json: number_of_workers: " in result.stderr


def test_unknown_environment_is_told_with_the_known_ones(tmp_path: Path) -> None:
    result = run_app(ROOT, "production", tmp_path)
    assert result.returncode == 1
    assert "error: there is no environment 'production'; choose one of dev, local, prod" in result.stderr
    assert "Traceback" not in result.stderr


def test_local_stacks_deploy_with_the_callers_credentials_others_with_the_bootstrap_roles(
    prod: Synthesized, local: Synthesized
) -> None:
    for synthesized, assumes in ((prod, True), (local, False)):
        manifest = json.loads((synthesized.directory / "manifest.json").read_text("utf-8"))
        properties = manifest["artifacts"][naming.BASE_STACK]["properties"]
        assert ("assumeRoleArn" in properties) is assumes


def test_stacks_are_bound_to_the_account_and_region_that_the_environment_names(
    tmp_path: Path, nsde: DatasetConfig, prod: Synthesized
) -> None:
    environment = deployable(load_environment("prod")).model_copy(
        update={"account": "111122223333", "region": "eu-west-1"}
    )
    app = cdk_app(tmp_path)
    build_stacks(app, environment, [nsde], {"nsde": prod.artefacts})
    app.synth()
    manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    assert manifest["artifacts"][naming.BASE_STACK]["environment"] == "aws://111122223333/eu-west-1"
    template = (tmp_path / "PP-RAWS-NSDE-Orchestrator.template.json").read_text("utf-8")
    assert "prod-pp-raws-lake-111122223333-eu-west-1" in template


def test_datasets_may_share_a_database(tmp_path: Path, nsde: DatasetConfig, prod: Synthesized) -> None:
    twin = replace(nsde, dataset="twin", display_name="TWIN")
    app = cdk_app(tmp_path)
    build_stacks(
        app, deployable(load_environment("prod")), [nsde, twin], dict.fromkeys(("nsde", "twin"), prod.artefacts)
    )
    app.synth()
    template = json.loads((tmp_path / f"{naming.BASE_STACK}.template.json").read_text("utf-8"))
    kinds = [resource["Type"] for resource in template["Resources"].values()]
    # Theirs, and the platform's own.
    assert kinds.count("AWS::Glue::Database") == 2


@pytest.mark.parametrize("environment", ["dev", "local", "prod"])
def test_every_environment_builds_the_same_kinds_of_resources_but_those_it_switches_off(
    request: pytest.FixtureRequest, environment: str
) -> None:
    synthesized: Synthesized = request.getfixturevalue("synthesize")(environment)
    kinds = {resource["Type"] for resource in synthesized.orchestrator["Resources"].values()}
    expected = {
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Events::Rule",
        "AWS::Glue::Crawler",
        "AWS::Glue::Job",
        "AWS::IAM::Role",
        "AWS::Lambda::Function",
        "AWS::Lambda::LayerVersion",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Scheduler::Schedule",
        "AWS::StepFunctions::StateMachine",
    }
    switched = {"AWS::Glue::SecurityConfiguration"} if environment != "local" else set()
    assert kinds == expected | switched


def differences(one: object, other: object, place: str = "") -> set[str]:
    """Return the places in which two documents differ, without positions in lists."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = one.keys() | other.keys()
        return {found for key in keys for found in differences(one.get(key), other.get(key), f"{place}.{key}")}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return {found for pair in zip(one, other, strict=True) for found in differences(*pair, place)}
    return set() if one == other else {place}


def by_kind(template: dict[str, Any], environment: str) -> dict[str, Any]:
    """Resources by kind, ordered by logical id and without the environment's name."""
    text = json.dumps(template["Resources"])
    for separator in '-_/"':
        text = text.replace(f"{environment}{separator}", f"ENV{separator}")
    resources: dict[str, list[Any]] = {}
    for _, resource in sorted(json.loads(text).items()):
        resources.setdefault(resource["Type"], []).append(resource)
    return dict(resources)


def without_overdue(template: dict[str, Any]) -> dict[str, Any]:
    """Leave out the alarm that only an environment with schedules has."""
    resources = template["Resources"]
    kept = {name: resources[name] for name in resources if not name.startswith("AlarmsOverdue")}
    assert len(kept) in {len(resources), len(resources) - 1}
    return {"Resources": kept}


def test_development_and_production_differ_in_what_the_documentation_says(
    prod: Synthesized, synthesize: Callable[..., Synthesized]
) -> None:
    dev = synthesize("dev")
    found = {
        re.sub(r"(?<=\.Rules)\..*", "", place.replace(".Properties", "").lstrip("."))
        for one, other in ((dev.base, prod.base), (dev.orchestrator, prod.orchestrator))
        for place in differences(by_kind(one, "dev"), by_kind(without_overdue(other), "prod"))
    }
    assert found == {
        "AWS::S3::Bucket.LifecycleConfiguration.Rules",
        "AWS::S3::Bucket.DeletionPolicy",
        "AWS::S3::Bucket.UpdateReplacePolicy",
        "AWS::KMS::Key.DeletionPolicy",
        "AWS::KMS::Key.UpdateReplacePolicy",
        "AWS::Logs::LogGroup.RetentionInDays",
        "AWS::Scheduler::Schedule.State",
        "AWS::Athena::WorkGroup.RecursiveDeleteOption",
    }

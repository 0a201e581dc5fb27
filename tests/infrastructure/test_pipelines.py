"""A kind of pipeline is a module of its own; a step that it does not name leaves nothing behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks import pipelines
from stacks.assembly import build_stacks
from tests.config.test_personal_data import hashing
from tests.infrastructure.conftest import Synthesized, cdk_app, deployable, spelt_out, template

WITHOUT_CRAWL = """
from aws_cdk import Stack
from stacks.constructs.functions import Functions
from stacks.constructs.glue_security import GlueSecurity
from stacks.constructs.jobs import Jobs
from stacks.constructs.state_machine import Definition
from stacks.pipelines.release import longest_run
from stacks.steps import bronze_job, fetch_and_hash
from stacks.steps.job import add_retry
from stacks.steps.step import SUCCEED, in_order

def assemble(functions: Functions) -> Definition:
    stack, deployment = Stack.of(functions), functions.deployment
    security = GlueSecurity(stack, "GlueSecurity", deployment=deployment)
    jobs = Jobs(stack, "Jobs", deployment=deployment, security=security)
    longest = longest_run(deployment.dataset.job_timeout_minutes)
    steps = fetch_and_hash.step(functions, lease=longest), bronze_job.step(jobs, add_retry(functions))
    states = {**in_order(*steps, then="Done"), "Done": SUCCEED}
    calls = [call for step in steps for call in step.calls]
    return Definition("a kind of two steps", steps[0].name, longest, states, calls)
"""


@pytest.fixture
def without_crawl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A kind of pipeline in one new file."""
    (tmp_path / "without_crawl.py").write_text(WITHOUT_CRAWL, "utf-8")
    monkeypatch.setattr(pipelines, "__path__", [*pipelines.__path__, str(tmp_path)])
    yield "without_crawl"
    sys.modules.pop("stacks.pipelines.without_crawl", None)


def test_a_new_kind_is_a_new_file_and_has_the_steps_that_it_names(
    without_crawl: str, tmp_path: Path, nsde: DatasetConfig, prod: Synthesized
) -> None:
    assert pipelines.kinds() == ["release", without_crawl]
    app, dataset = cdk_app(tmp_path / "out"), replace(nsde, pipeline=without_crawl)  # type: ignore[arg-type]  # a kind of this test's own
    build_stacks(app, deployable(load_environment("prod")), [dataset], {"nsde": prod.artefacts})
    app.synth()
    stack = template(tmp_path / "out", naming.orchestrator_stack(nsde.display_name))
    made = Synthesized(tmp_path / "out", {"Resources": {}}, stack, prod.artefacts, dataset)

    machine = json.loads(spelt_out(made.only("AWS::StepFunctions::StateMachine")["DefinitionString"]))
    assert list(machine["States"]) == [*("FetchAndHash", "BronzeJob", "BronzeJob (failed)", "BronzeJob (wait)", "Done")]
    functions = {one["FunctionName"] for one in made.resources("AWS::Lambda::Function").values()}
    assert functions == {f"prod-nsde-{name}" for name in ("fetch-and-hash", "retry-job", "record-failure", "trigger")}
    assert [one["Name"] for one in made.resources("AWS::Glue::Job").values()] == ["prod-nsde-bronze-job"]
    assert not made.resources("AWS::Glue::Crawler")
    assert "crawl" not in json.dumps(stack).lower().replace("aws-glue/crawlers", "")


def test_flex_is_a_setting_of_the_dataset_and_waits_without_a_queue(
    tmp_path: Path, nsde: DatasetConfig, prod: Synthesized
) -> None:
    app, dataset = cdk_app(tmp_path / "out"), replace(nsde, execution_class="FLEX")
    build_stacks(app, deployable(load_environment("prod")), [dataset], {"nsde": prod.artefacts})
    app.synth()
    stack = template(tmp_path / "out", naming.orchestrator_stack(nsde.display_name))
    made = Synthesized(tmp_path / "out", {"Resources": {}}, stack, prod.artefacts, dataset)
    found = [(job["ExecutionClass"], job["JobRunQueuingEnabled"]) for job in made.resources("AWS::Glue::Job").values()]
    assert found == [("FLEX", False)] * 2
    standard = prod.resources("AWS::Glue::Job").values()
    assert [(job.get("ExecutionClass"), job["JobRunQueuingEnabled"]) for job in standard] == [(None, True)] * 2


def test_a_dataset_that_hashes_personal_data_may_read_the_key_in_its_bronze_job_alone(
    tmp_path: Path, nsde: DatasetConfig, prod: Synthesized
) -> None:
    app, dataset = cdk_app(tmp_path / "out"), hashing(nsde)
    environment = deployable(load_environment("prod")).model_copy(update={"personal_key_secret": "lake/personal"})
    build_stacks(app, environment, [dataset], {"nsde": prod.artefacts})
    app.synth()
    stack = template(tmp_path / "out", naming.orchestrator_stack(nsde.display_name))
    made = Synthesized(tmp_path / "out", {"Resources": {}}, stack, prod.artefacts, dataset)
    arguments = {job["Name"]: job["DefaultArguments"] for job in made.resources("AWS::Glue::Job").values()}
    assert arguments["prod-nsde-bronze-job"]["--personal_key_secret"] == "lake/personal"
    assert "--personal_key_secret" not in arguments["prod-nsde-silver-job"]
    readers = [
        name for name, role in made.resources("AWS::IAM::Role").items() if "secret:lake/personal-" in json.dumps(role)
    ]
    assert [name.partition("Role")[0] for name in readers] == ["JobsBronze"]


def test_a_kind_that_there_is_not_is_told_with_those_that_there_are() -> None:
    with pytest.raises(pipelines.UnknownPipelineError, match="no kind of pipeline 'mart'; choose one of release"):
        pipelines.assembler("mart")

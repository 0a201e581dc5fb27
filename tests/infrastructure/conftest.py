"""One synth of each environment, shared by every test of the templates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from _shared.contracts import naming
from _shared.contracts.dataset import DatasetConfig
from config.datasets import dataset_names, in_environment, load_dataset
from config.environment import Environment, load_environment
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import ROOT, Artefacts, build

Document = dict[str, Any]


@dataclass(frozen=True)
class Synthesized:
    """The templates of one environment and dataset.

    Parameters
    ----------
    directory
        Has those of the environment's other datasets as well.
    """

    directory: Path
    base: Document
    orchestrator: Document
    artefacts: Artefacts
    dataset: DatasetConfig

    def resources(self, kind: str) -> dict[str, Document]:
        """Properties by logical id of every resource of one type, in both stacks."""
        return {
            name: resource.get("Properties", {})
            for template in (self.base, self.orchestrator)
            for name, resource in template["Resources"].items()
            if resource["Type"] == kind
        }

    def only(self, kind: str, **properties: object) -> Document:
        """Properties of the one resource of a type that has these properties."""
        found = [
            resource
            for resource in self.resources(kind).values()
            if all(resource.get(name) == value for name, value in properties.items())
        ]
        assert len(found) == 1, f"{len(found)} resources of type {kind} with {properties}"
        return found[0]


def cdk_app(directory: Path) -> cdk.App:
    """Return an app with the feature flags that ``cdk.json`` sets."""
    return cdk.App(context=json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"], outdir=str(directory))


def spelt_out(value: object) -> str:
    """Spell intrinsic functions as text; what pseudo parameters stand for, in angle brackets."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(spelt_out(part) for part in parts)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::ImportValue": name}:
            return f"<{name}>"
        case {"Fn::Sub": template}:
            return str(template)
        case _:
            text = str(value).replace("arn:aws:", "arn:<AWS::Partition>:")
            return text.replace(ACCOUNT, "<AWS::AccountId>").replace(REGION, "<AWS::Region>")


ACCOUNT, REGION = "111122223333", "us-east-1"
PLACE = {"account": ACCOUNT, "region": REGION, "alert_email": "data@example.org"}
"""What a team adds to an environment before it deploys it."""


def deployable(environment: Environment) -> Environment:
    """Return an environment as a team completes it; the local one needs nothing."""
    return environment if environment.is_local else environment.model_copy(update=PLACE)


@pytest.fixture(scope="session")
def datasets() -> list[DatasetConfig]:
    return [load_dataset(name) for name in dataset_names()]


@pytest.fixture(scope="session")
def artefacts(datasets: list[DatasetConfig]) -> dict[str, Artefacts]:
    return build(datasets)


@pytest.fixture(scope="session")
def nsde() -> DatasetConfig:
    return load_dataset("nsde")


@pytest.fixture(scope="session")
def synthesize(
    tmp_path_factory: pytest.TempPathFactory, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts]
) -> Callable[..., Synthesized]:
    @cache
    def directory_of(environment: str) -> Path:
        directory = tmp_path_factory.mktemp(f"cdk-{environment}")
        app = cdk_app(directory)
        settings = deployable(load_environment(environment))
        build_stacks(app, settings, datasets, artefacts)
        app.synth()
        return directory

    @cache
    def of(environment: str, name: str = "nsde") -> Synthesized:
        directory, dataset = directory_of(environment), in_environment(load_dataset(name), environment)
        stack = naming.orchestrator_stack(dataset.display_name)
        return Synthesized(
            directory, template(directory, naming.BASE_STACK), template(directory, stack), artefacts[name], dataset
        )

    return of


def template(directory: Path, stack: str) -> Document:
    """Read a stack's template."""
    document: Document = json.loads((directory / f"{stack}.template.json").read_text("utf-8"))
    return document


@pytest.fixture(scope="session", params=dataset_names())
def each(request: pytest.FixtureRequest, synthesize: Callable[..., Synthesized]) -> Synthesized:
    """The production templates of every dataset, one after the other."""
    return synthesize("prod", request.param)


@pytest.fixture(scope="session")
def prod(synthesize: Callable[..., Synthesized]) -> Synthesized:
    return synthesize("prod")


@pytest.fixture(scope="session")
def local(synthesize: Callable[..., Synthesized]) -> Synthesized:
    return synthesize("local")


@pytest.fixture(scope="session")
def definition(prod: Synthesized) -> Document:
    """The state machine's definition as deployed."""
    machine = prod.only("AWS::StepFunctions::StateMachine")
    document: Document = json.loads(spelt_out(machine["DefinitionString"]))
    return document

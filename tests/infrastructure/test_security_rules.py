from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks.access.permissions import Permission, service_role
from stacks.assembly import build_stacks
from stacks.compliance import check_templates
from stacks.packaging.artefacts import Artefacts
from tests.infrastructure.conftest import cdk_app, deployable

SHORTEST_REASON = 25
"""Characters below which a reason says nothing."""


@dataclass(frozen=True)
class Acknowledged:
    """An acknowledgement that was not made, so that its finding is reported."""

    path: str
    rule: str
    reason: str


@dataclass
class Unheard:
    """Takes the acknowledgements of one construct and keeps them from the checks."""

    path: str
    heard: list[Acknowledged]

    def acknowledge(self, *given: cdk.Acknowledgment) -> None:
        self.heard.extend(Acknowledged(self.path, one.id, one.reason) for one in given)


SECRETS = {"rxnorm": "pp-raws/uts"}


def checked(app: cdk.App, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts]) -> cdk.App:
    environment = deployable(load_environment("prod")).model_copy(update={"source_secrets": SECRETS})
    build_stacks(app, environment, datasets, artefacts)
    check_templates(app)
    return app


def findings(report: Path) -> set[tuple[str, str]]:
    """Construct and rule of each violation."""
    return {
        (construct["constructPath"].removesuffix("/Resource"), violation["ruleName"])
        for plugin in json.loads(report.read_text("utf-8"))["pluginReports"]
        for violation in plugin["violations"]
        for construct in violation["violatingConstructs"]
    }


def test_aws_solutions_checks_find_nothing_unacknowledged(
    tmp_path: Path, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts]
) -> None:
    checked(cdk_app(tmp_path), datasets, artefacts).synth()


def test_each_acknowledgement_answers_a_finding_and_gives_a_reason(
    tmp_path: Path, datasets: list[DatasetConfig], artefacts: dict[str, Artefacts], monkeypatch: pytest.MonkeyPatch
) -> None:
    app, heard, of = cdk_app(tmp_path), list[Acknowledged](), cdk.Validations.of
    monkeypatch.setattr(
        cdk.Validations, "of", lambda scope: of(scope) if scope is app else Unheard(scope.node.path, heard)
    )
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        checked(app, datasets, artefacts).synth()
    # What the CDK itself warns of is reported to its command line only.
    of_packs = {(one.path, one.rule) for one in heard if not one.rule.startswith("Annotation::")}
    assert findings(tmp_path / "validation-report.json") == of_packs
    assert [one for one in heard if len(one.reason) < SHORTEST_REASON] == []


def test_aws_solutions_checks_find_a_wildcard_that_nobody_justified(tmp_path: Path) -> None:
    app = cdk.App(outdir=str(tmp_path))
    stack = cdk.Stack(app, "Careless")
    statement = iam.PolicyStatement(actions=["s3:GetObject"], resources=["arn:aws:s3:::somewhere/*"])
    iam.Role(
        stack,
        "Role",
        assumed_by=iam.ServicePrincipal("glue.amazonaws.com"),
        inline_policies={"careless": iam.PolicyDocument(statements=[statement])},
    )
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match=r"IAM5\[Resource::arn:aws:s3:::somewhere/\*\]"):
        app.synth()


def test_wildcard_without_a_reason_cannot_be_built() -> None:
    stack = cdk.Stack(cdk.App(), "Careless")
    with pytest.raises(ValueError, match=r"arn:aws:s3:::somewhere/\* has a wildcard without a reason"):
        service_role(
            stack, "glue.amazonaws.com", "read", [Permission(("s3:GetObject",), ("arn:aws:s3:::somewhere/*",))]
        )

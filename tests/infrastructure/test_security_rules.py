from __future__ import annotations

from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_iam as iam
from cdk_nag import AwsSolutionsChecks

from _shared.contracts.dataset import DatasetConfig
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.constructs.permissions import Permission, service_role
from tests.infrastructure.conftest import Synthesized, cdk_app


def test_aws_solutions_checks_find_nothing_unacknowledged(
    tmp_path: Path, nsde: DatasetConfig, prod: Synthesized
) -> None:
    app = cdk_app(tmp_path)
    build_stacks(app, load_environment("prod"), [nsde], lambda _: prod.artefacts)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()


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

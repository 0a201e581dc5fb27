from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from _shared.contracts import naming
from tests.infrastructure.conftest import Synthesized

REDUNDANT_DEPENDENCY = "W3005"
"""Ignored: the CDK writes ``DependsOn`` for a role although ``GetAtt`` implies it, which changes nothing."""


@pytest.mark.parametrize("environment", ["prod", "local"])
def test_cfn_lint_is_clean(request: pytest.FixtureRequest, environment: str) -> None:
    synthesized: Synthesized = request.getfixturevalue(environment)
    stacks = (naming.BASE_STACK, naming.orchestrator_stack("NSDE"))
    templates = [str(synthesized.directory / f"{stack}.template.json") for stack in stacks]
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--ignore-checks", REDUNDANT_DEPENDENCY, "--template", *templates]
    result = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == ""

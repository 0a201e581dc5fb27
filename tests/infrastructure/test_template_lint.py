from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config.datasets import dataset_names
from tests.infrastructure.conftest import Synthesized

REDUNDANT_DEPENDENCY = "W3005"
"""Ignored: the CDK writes ``DependsOn`` for a role although ``GetAtt`` implies it, which changes nothing."""


def lint(*templates: Path) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("cfn-lint"))
    command = [program, "--ignore-checks", REDUNDANT_DEPENDENCY, "--template", *(str(path) for path in templates)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize("environment", ["prod", "local"])
def test_cfn_lint_is_clean(request: pytest.FixtureRequest, environment: str) -> None:
    synthesized: Synthesized = request.getfixturevalue(environment)
    templates = sorted(synthesized.directory.glob("*.template.json"))
    assert len(templates) == 1 + len(dataset_names())
    result = lint(*templates)
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout == ""


def test_cfn_lint_finds_mistakes(prod: Synthesized, tmp_path: Path) -> None:
    template = json.loads(json.dumps(prod.orchestrator))
    (job, *_) = [name for name, made in template["Resources"].items() if made["Type"] == "AWS::Glue::Job"]
    template["Resources"][job]["Properties"]["WorkerSort"] = "G.1X"
    template["Resources"][job]["Properties"]["Role"] = {"Ref": "Nobody"}
    path = tmp_path / "mistaken.template.json"
    path.write_text(json.dumps(template), "utf-8")
    result = lint(path)
    assert result.returncode != 0
    assert {"E3002", "E1020"} <= {line.split(" ")[0] for line in result.stdout.splitlines() if line.strip()}

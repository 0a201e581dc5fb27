"""The check of the lock files never takes silence for a clean result."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from requirements import audit

CLEAN = {"dependencies": [{"name": "six", "version": "1.17.0", "vulns": []}], "fixes": []}
FINDING = {"id": "PYSEC-2025-1", "fix_versions": ["2.6.3"], "aliases": [], "description": ""}
FOUND = {"dependencies": [{"name": "urllib3", "version": "2.5.0", "vulns": [FINDING]}]}
SKIPPED = {"dependencies": [{"name": "x", "skip_reason": "not found on PyPI"}]}
NODE = {"vulnerabilities": {"ws": {"range": "<8.17.1", "severity": "high"}}, "metadata": {}}


def test_answers_of_pip_audit() -> None:
    assert audit.python_findings(CLEAN) == []
    assert audit.python_findings(FOUND) == ["urllib3 2.5.0: PYSEC-2025-1, fixed in 2.6.3"]
    assert audit.python_findings(SKIPPED) is None
    assert audit.python_findings({"dependencies": []}) is None


def test_answers_of_npm() -> None:
    assert audit.node_findings({"vulnerabilities": {}, "metadata": {}}) == []
    assert audit.node_findings(NODE) == ["ws <8.17.1: high"]
    assert audit.node_findings({"message": "405 Method Not Allowed", "error": {}}) is None


@pytest.mark.parametrize("text", ["", "error sending request", "[]", "null"])
def test_no_answer_is_no_result(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=text))
    assert audit.audit_python(Path("x.lock")) is None
    assert audit.audit_node(Path()) is None


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ({"a.lock": []}, 0),
        ({"a.lock": [], "b.lock": None}, 3),
        ({"a.lock": ["x 1: Y"], "b.lock": None}, 1),
        ({"a.lock": None, "b.lock": ["x 1: Y"]}, 1),
        ({"glue-sdk.lock": ["urllib3 2.5.0: Y"]}, 0),
        ({"glue-sdk.lock": None}, 3),
    ],
)
def test_the_verdict(results: dict[str, list[str] | None], status: int) -> None:
    lines, found = audit.verdict(results)
    assert found == status
    assert ("not checked: database not reachable" in "\n".join(lines)) == (None in results.values())


def test_every_lock_file_is_checked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        asked.append(" ".join(command))
        return SimpleNamespace(stdout=json.dumps(CLEAN if "pip-audit" in " ".join(command) else {"error": {}}))

    monkeypatch.setattr(subprocess, "run", run)
    assert audit.main() == audit.NOT_CHECKED
    for lock in (audit.ROOT / "requirements").glob("*.lock"):
        assert any(str(lock) in command for command in asked)
    assert "package-lock.json: not checked: database not reachable" in capsys.readouterr().out

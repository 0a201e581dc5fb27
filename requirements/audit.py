"""Check the lock files of all parts against the databases of known vulnerabilities.

Python's against OSV (pip-audit), Node's against the npm registry (npm audit). Ends with 0 where all are checked and
clean, 1 where one has a finding, 3 where one could not be checked: that is no statement about it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PIP_AUDIT = "pip-audit==2.9.0"
PROVIDED_BY_GLUE = "glue-sdk.lock"
"""What AWS Glue 5.1 provides, for a test. Its versions are not ours to choose: docs/decisions/0012."""

CLEAN, FOUND, NOT_CHECKED = 0, 1, 3
_SECONDS = 600


def audit_python(lock: Path) -> list[str] | None:
    """Return the findings in a lock file of Python packages; ``None`` where the database gave no answer."""
    uv = str(Path(sys.executable).with_name("uv"))
    options = ("--disable-pip", "--no-deps", "--vulnerability-service", "osv", "--progress-spinner", "off")
    answer = _answer([uv, "tool", "run", PIP_AUDIT, "--requirement", str(lock), *options, "--format", "json"])
    return None if answer is None else python_findings(answer)


def python_findings(answer: Mapping[str, Any]) -> list[str] | None:
    """Read pip-audit's answer: a package that it skipped is one that was not checked."""
    packages = answer.get("dependencies")
    if not packages or any("skip_reason" in package for package in packages):
        return None
    return [
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package["vulns"]
    ]


def audit_node(folder: Path) -> list[str] | None:
    """Return the findings in ``package-lock.json``; ``None`` where the registry gave no answer."""
    answer = _answer(["npm", "audit", "--package-lock-only", "--json", "--prefix", str(folder)])
    return None if answer is None else node_findings(answer)


def node_findings(answer: Mapping[str, Any]) -> list[str] | None:
    """Read npm's answer."""
    found = answer.get("vulnerabilities")
    if not isinstance(found, Mapping) or "metadata" not in answer:
        return None
    return [f"{name} {one['range']}: {one['severity']}" for name, one in found.items()]


def _answer(command: Sequence[str]) -> Mapping[str, Any] | None:
    try:
        finished = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)
        answer = json.loads(finished.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return answer if isinstance(answer, dict) else None


def verdict(results: Mapping[str, list[str] | None]) -> tuple[list[str], int]:
    """Return what to print of the findings by lock file, and the exit status."""
    lines: list[str] = []
    status = CLEAN
    for name, findings in results.items():
        if findings is None:
            lines.append(f"{name}: not checked: database not reachable")
            status = max(status, NOT_CHECKED) if status != FOUND else FOUND
        elif not findings:
            lines.append(f"{name}: no known vulnerability")
        else:
            ours = name != PROVIDED_BY_GLUE
            lines += [f"{name}: {found}" for found in findings]
            lines += [] if ours else [f"{name}: as AWS Glue provides it (docs/decisions/0012), not counted"]
            status = FOUND if ours else status
    return lines, status


def main() -> int:
    """Check every lock file."""
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    results: dict[str, list[str] | None] = {lock.name: audit_python(lock) for lock in locks}
    results["package-lock.json"] = audit_node(ROOT)
    lines, status = verdict(results)
    sys.stdout.write("\n".join(lines) + "\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

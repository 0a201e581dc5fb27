"""Synthesize the production templates and check them: ``python -m tests.checkov CHECKOV``; its exit code."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from config.datasets import load_datasets
from config.environment import load_environment
from stacks.assembly import build_stacks
from stacks.packaging.artefacts import build
from tests.infrastructure.conftest import cdk_app, deployable


def main(program: str) -> int:
    """Run the program on the templates of all stacks. It asks no server for its rules."""
    datasets = load_datasets()
    with tempfile.TemporaryDirectory() as folder:
        app = cdk_app(Path(folder))
        build_stacks(app, deployable(load_environment("prod")), datasets, build(datasets))
        app.synth()
        options = ["--framework", "cloudformation", "--skip-download", "--compact", "--quiet"]
        return subprocess.run([program, "--directory", folder, *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Checks of the network: package registries, through their own clients, and the datasets' sources."""

from __future__ import annotations

import os
import shutil
import sys
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from _shared.contracts.dataset import DatasetConfig
from lake import cdk
from lake.doctor.finding import Finding, note, ok
from lake.doctor.tools import answer_of

SECONDS = 5
_CLIENT_SECONDS = 15
_ONLY_TO_INSTALL = "needed to install, and not to run; check the network, and the proxy's variables"


def python_index() -> Finding:
    """Check the Python package index, with pip and its configuration."""
    command = [
        sys.executable, "-m", "pip", "index", "versions", "pip", "--disable-pip-version-check", "--no-input",
        "--timeout", str(SECONDS), "--retries", "0",
    ]  # fmt: skip
    return _reached("Python package index", command)


def node_registry() -> Finding:
    """Check the npm registry, with npm and its configuration."""
    npm = shutil.which("npm", path=cdk.process_environment(dict(os.environ))["PATH"]) or "npm"
    command = [npm, "ping", "--fetch-retries", "0", "--fetch-timeout", str(SECONDS * 1000)]
    return _reached("npm registry", command)


def _reached(check: str, command: list[str]) -> Finding:
    if answer_of(command, _CLIENT_SECONDS) is not None:
        return ok(check, "answers")
    return note(check, "does not answer", _ONLY_TO_INSTALL)


def source(config: DatasetConfig) -> Finding:
    """Check whether a dataset's source responds. Any HTTP status is sufficient."""
    url = config.sources[0].url
    host = urlsplit(url).hostname
    check = f"Source of {config.dataset}"
    request = urllib.request.Request(url, method="HEAD")  # noqa: S310 - an address of the configuration
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - as above
            return ok(check, f"{host} answers")
    except urllib.error.HTTPError as error:
        return ok(check, f"{host} answers ({error.code})")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        remedy = f"the demo needs none; lake run {config.dataset} needs it, or --source-url"
        return note(check, f"{host} does not answer: {reason}", remedy)

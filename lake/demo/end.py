"""The demo's closing message: what remains running, and what to do next."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from lake.demo.release import Source
from lake.project import project_root, shown
from lake.ui import render
from lake.ui.output import Output

DATASET = "nsde"
"""The dataset of the demo."""


def say_goodbye(output: Output, source: Source, url: str) -> None:
    """Print what remains after the demo, and what to do with it."""
    console = output.result
    console.print("The local cloud and its data stay; the source server is stopped.")
    console.print(render.facts(_next_steps(source, url)))


def _next_steps(source: Source, url: str) -> list[tuple[str, str]]:
    port = urlsplit(url).port
    steps = [
        ('lake query "SELECT * FROM nsde LIMIT 5"', "ask your own question"),
        ("lake tables", "what there is to query"),
        (f"lake history {DATASET}", "what ran, and why"),
        (f"lake logs {DATASET}", "what the last run logged"),
        ('eval "$(lake status --exports)"', "then use the stock AWS CLI: aws s3 ls, aws glue get-tables …"),
        (f"python -m samples.server {shown(source.root)} --port {port}", "serve the release again, for lake run"),
        ("lake down", "stop the local cloud; the data stays"),
    ]
    if not _is_activated():
        steps.insert(0, ("source .venv/bin/activate", "once in each shell: puts lake, cdk's node and aws on the path"))
    return [(f"  {command}", what) for command, what in steps]


def _is_activated() -> bool:
    return os.environ.get("VIRTUAL_ENV") == str(project_root() / ".venv")

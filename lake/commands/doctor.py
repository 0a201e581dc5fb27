"""``lake doctor``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from typing import Annotated

import typer
from rich.text import Text

from lake import datasets, exit_codes
from lake.aws.connection import Connection
from lake.doctor import aws, machine, network, tools
from lake.doctor.finding import Finding, Verdict
from lake.errors import UserMistakeError
from lake.targets import Target, TargetKind
from lake.ui import completion, render
from lake.ui.command import local_command
from lake.ui.names import suggestion
from lake.ui.output import Output
from lake.ui.progress import Activity
from lake.ui.render import styled

_STYLES = {Verdict.OK: "green", Verdict.NOTE: "yellow", Verdict.MISSING: "red"}
_TARGETS = (TargetKind.LOCAL.value, TargetKind.AWS.value)


@local_command
def doctor(
    output: Output,
    target: Annotated[
        str,
        typer.Option(
            metavar="|".join(_TARGETS),
            help="What to look for: what the laptop needs, or what a deployment to AWS needs.",
        ),
    ] = TargetKind.LOCAL.value,
    env: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="With --target aws: the environment.", autocompletion=completion.environments
        ),
    ] = "dev",
) -> None:
    """Check what this machine needs, and print how to get what is missing.

    Example: [bold]lake doctor[/bold]
    """
    if target not in _TARGETS:
        msg = f"--target {target}: no such target"
        raise UserMistakeError(msg, suggestion(target, _TARGETS))
    with Activity(output, "Looking at this machine"):
        findings = _look(_local_checks() if target == TargetKind.LOCAL else _aws_checks(env))
    ready = all(finding.verdict is not Verdict.MISSING for finding in findings)
    if output.as_json:
        output.document({"target": target, "ready": ready, "checks": [asdict(finding) for finding in findings]})
    else:
        output.result.print(render.table(("check", "verdict", "found", "what to do"), map(_row, findings)))
        output.result.print(_summary(findings))
    if not ready:
        raise typer.Exit(exit_codes.FAILED)


Check = Callable[[], Finding | list[Finding]]


def _local_checks() -> list[Check]:
    of_machine: list[Check] = [machine.disk, machine.memory, machine.ports, machine.local_cloud]
    return [*_installed(), tools.java, tools.spark_jars, *of_machine, *_registries(), *_sources()]


def _aws_checks(env: str) -> list[Check]:
    region = datasets.environment(env).region
    return [
        *_installed(),
        machine.disk,
        *_registries(),
        lambda: aws.account(Connection(Target(TargetKind.AWS, "AWS"), region)),
    ]


def _installed() -> list[Check]:
    return [tools.python, tools.packages, tools.node, tools.cdk_command_line]


def _registries() -> list[Check]:
    return [network.python_index, network.node_registry]


def _sources() -> list[Check]:
    return [partial(network.source, config) for config in datasets.datasets()]


def _look(checks: list[Check]) -> list[Finding]:
    with ThreadPoolExecutor() as pool:
        return list(_flattened(pool.map(lambda check: check(), checks)))


def _flattened(results: Iterator[Finding | list[Finding]]) -> Iterator[Finding]:
    for result in results:
        yield from result if isinstance(result, list) else [result]


def _row(finding: Finding) -> tuple[str | Text, ...]:
    style = _STYLES[finding.verdict]
    return finding.check, styled(finding.verdict, style), finding.found, finding.remedy


def _summary(findings: list[Finding]) -> Text:
    missing = [finding.check for finding in findings if finding.verdict is Verdict.MISSING]
    if missing:
        return styled(f"Missing: {', '.join(missing)}.", "red")
    return styled("Nothing is missing.", "green")

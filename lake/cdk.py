"""Run the CDK command line, with its output condensed to one line of progress for each resource."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lake.errors import DeployFailedError, InterruptedByUserError, UserMistakeError
from lake.project import log_file, project_root, shown, state_directory
from lake.ui.progress import Activity
from lake.ui.render import joined, styled

TAIL_LINES = 12
_END_SECONDS = 10
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_EVENT = re.compile(
    r"^(?P<stack>\S+) \| +(?P<progress>\d+(?:/\d+)?) \| [^|]+ \| (?P<status>[A-Z_]+) +\| (?P<type>\S+) +\| "
    r"(?P<resource>.+)$"
)


@dataclass(frozen=True)
class StackEvent:
    """One line of progress: stack, resource and status."""

    stack: str
    progress: str
    status: str
    type: str
    resource: str

    def __str__(self) -> str:
        return f"{self.stack} {self.progress}  {self.type} {self.status}"


def parse_event(line: str) -> StackEvent | None:
    """Return the resource event in a line of the CDK's output, or ``None`` if there is none."""
    match = _EVENT.match(plain(line).strip())
    if match is None:
        return None
    event = match.groupdict()
    return StackEvent(event["stack"], event["progress"], event["status"], event["type"], event["resource"].strip())


def plain(line: str) -> str:
    """Return a line without terminal colours."""
    return _ANSI.sub("", line)


def relevant_tail(lines: Sequence[str], limit: int = TAIL_LINES) -> list[str]:
    """Return the last relevant lines: without blank lines and frames of stack traces."""
    kept: list[str] = []
    in_trace = False
    for line in (plain(line).rstrip() for line in lines):
        if line.startswith("Traceback (most recent call last)"):
            in_trace = True
        elif line and not (in_trace and line[0].isspace()):
            in_trace = False
            kept.append(line)
    return kept[-limit:]


def command(action: str, stacks: Iterable[str], environment: str) -> list[str]:
    """Return the command that does an action (``deploy``, ``diff``) with the stacks.

    Raises
    ------
    UserMistakeError
        The CDK command line is not installed.
    """
    executable = project_root() / "node_modules" / ".bin" / "cdk"
    if not executable.exists():
        msg = "the CDK command line is not installed (node_modules/.bin/cdk)"
        raise UserMistakeError(msg, "install it with: make install")
    return [
        str(executable),
        action,
        *stacks,
        "--context",
        f"env={environment}",
        # An app with a delivery pipeline has no stacks of its own.
        "--context",
        "delivery=",
        "--ci",
        "--no-notices",
        "--output",
        str(state_directory() / "cdk.out"),
    ]


def show_changes(stacks: Sequence[str], environment: str, variables: dict[str, str]) -> None:
    """Print what a deployment of the stacks would change, on standard error.

    Raises
    ------
    DeployFailedError
        The CDK ended with an error.
    """
    finished = subprocess.run(
        command("diff", stacks, environment),
        cwd=project_root(),
        env=process_environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        check=False,
    )
    if finished.returncode != 0:
        msg = f"the changes cannot be shown (cdk diff ended with status {finished.returncode})"
        raise DeployFailedError(msg, "the CDK's own message is above")


def process_environment(variables: dict[str, str]) -> dict[str, str]:
    """Return the environment of the CDK, with this interpreter and its Node.js first on the path."""
    interpreter = str(Path(sys.executable).parent)
    return {
        **variables,
        "PATH": os.pathsep.join([interpreter, variables.get("PATH", os.defpath)]),
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "NO_COLOR": "1",
    }


def deploy(stacks: Sequence[str], environment: str, variables: dict[str, str], activity: Activity) -> None:
    """Deploy stacks and show the progress. The complete output goes to the log.

    Raises
    ------
    DeployFailedError
        The CDK ended with an error. The message is the relevant part of its output.
    InterruptedByUserError
        Ctrl-C: the CDK is stopped. CloudFormation continues an update that it has started.
    """
    log = log_file("deploy.log")
    lines: list[str] = []
    # Who deploys to AWS has been asked before: see show_changes.
    options = ["--require-approval", "never", "--progress", "events"]
    options += ["--outputs-file", str(state_directory() / "outputs.json")]
    with (
        _running([*command("deploy", stacks, environment), *options], variables) as process,
        log.open("w", encoding="utf-8") as file,
    ):
        for line in process.stdout or ():
            file.write(plain(line))
            file.flush()
            lines.append(line)
            _show(line, activity)
    if process.returncode != 0:
        tail = "\n".join(f"  {line}" for line in relevant_tail(lines))
        msg = f"the deployment failed (cdk ended with status {process.returncode}):\n{tail}"
        raise DeployFailedError(msg, f"the whole output is in {shown(log)}")


@contextmanager
def _running(arguments: list[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run the CDK in its own session, so that Ctrl-C reaches only this process, which then stops the CDK."""
    process = subprocess.Popen(
        arguments,
        cwd=project_root(),
        env=process_environment(variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        yield process
        process.wait()
    except KeyboardInterrupt as error:
        what = "the deployment; CloudFormation finishes, or takes back, a change that it has begun"
        raise InterruptedByUserError(what, "look with: lake status, then deploy again") from error
    finally:
        _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.stdout:
        process.stdout.close()


def _show(line: str, activity: Activity) -> None:
    event = parse_event(line)
    text = plain(line).strip()
    if event is not None:
        activity.show(f"Deploying: {event}")
    elif text.startswith("✅"):
        activity.line(joined(styled("✓", "green"), f" {text.removeprefix('✅').strip()}"))
    elif "Synthesis time" in text:
        activity.show("Deploying: publishing assets")

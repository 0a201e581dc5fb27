"""Choose the target of a command: AWS or a local cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from lake.errors import UnreachableError, UserMistakeError
from lake.ui.names import suggestion

ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL"


class TargetChoice(StrEnum):
    """Values of ``--target``."""

    AUTO = "auto"
    LOCAL = "local"
    AWS = "aws"


class TargetKind(StrEnum):
    """Kind of a target."""

    LOCAL = "local"
    ENDPOINT = "endpoint"
    AWS = "aws"


@dataclass(frozen=True)
class RunningCloud:
    """A running local cloud of this project.

    Parameters
    ----------
    variables
        Environment variables with which AWS SDKs and the AWS CLI use it.
    """

    endpoint: str
    pid: int
    variables: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Target:
    """AWS, or another endpoint with the same APIs.

    Parameters
    ----------
    variables
        Environment variables with which a child process uses the same target.
    """

    kind: TargetKind
    description: str
    endpoint: str | None = None
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def default_environment(self) -> str:
        """Name of the environment if the user names none."""
        return "dev" if self.kind is TargetKind.AWS else "local"

    def process_environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the environment variables of a child process that uses the same target."""
        environment = {**inherited, **self.variables}
        if self.kind is TargetKind.AWS:
            environment.pop(ENDPOINT_VARIABLE, None)
        if "AWS_ACCESS_KEY_ID" in self.variables:
            # They would take precedence over the keys, and belong to another account.
            for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
                environment.pop(name, None)
        return environment


def parse_choice(value: str) -> TargetChoice:
    """Parse the value of ``--target``.

    Raises
    ------
    UserMistakeError
        The value is not one of the choices.
    """
    try:
        return TargetChoice(value)
    except ValueError as error:
        what = f"--target {value}: no such target"
        raise UserMistakeError(what, suggestion(value, [choice.value for choice in TargetChoice])) from error


def choose_target(choice: TargetChoice, variables: Mapping[str, str], cloud: RunningCloud | None) -> Target:
    """Choose the target of a command.

    Parameters
    ----------
    choice
        Value of ``--target``.
    variables
        Environment variables of the process.
    cloud
        This project's local cloud, or ``None`` if it is not running.

    Returns
    -------
    Target
        With ``auto``: the endpoint in the environment variables, else the local cloud, else AWS.

    Raises
    ------
    UnreachableError
        The local cloud was requested and is not running.
    UserMistakeError
        The endpoint in the environment variables is not a URL.
    """
    endpoint = variables.get(ENDPOINT_VARIABLE)
    if choice is TargetChoice.AWS:
        return Target(TargetKind.AWS, "AWS")
    if choice is TargetChoice.AUTO and endpoint and not _is_at(cloud, endpoint):
        _check_address(endpoint)
        return Target(TargetKind.ENDPOINT, f"{endpoint} ({ENDPOINT_VARIABLE})", endpoint, {ENDPOINT_VARIABLE: endpoint})
    if cloud is not None:
        return Target(TargetKind.LOCAL, f"local cloud at {cloud.endpoint}", cloud.endpoint, dict(cloud.variables))
    if choice is TargetChoice.LOCAL:
        msg = "the local cloud is not running"
        raise UnreachableError(msg, "start it with: lake up")
    return Target(TargetKind.AWS, "AWS")


def _is_at(cloud: RunningCloud | None, endpoint: str) -> bool:
    return cloud is not None and cloud.endpoint.rstrip("/") == endpoint.rstrip("/")


def _check_address(endpoint: str) -> None:
    try:
        parts = urlsplit(endpoint)
        valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # the port is not a number, or too large
        valid = False
    if not valid:
        what = f"{ENDPOINT_VARIABLE} is {endpoint!r}: not an address"
        raise UserMistakeError(what, f"set it to one like http://127.0.0.1:4566, or unset {ENDPOINT_VARIABLE}")

"""Errors that the user sees as a sentence, without a stack trace."""

from __future__ import annotations

from typing import ClassVar

from _shared.contracts.errors import TerminalError
from lake import exit_codes


class LakeError(TerminalError):
    """A command failed."""

    exit_code: ClassVar[int] = exit_codes.FAILED


class UserMistakeError(LakeError):
    """The command names something that does not exist, or has invalid or conflicting arguments."""

    exit_code = exit_codes.USAGE


class UnreachableError(LakeError):
    """The target does not respond, or rejects the credentials."""

    exit_code = exit_codes.UNAVAILABLE


class NotDeployedError(LakeError):
    """The target responds, but a resource that the command needs is not deployed."""

    exit_code = exit_codes.UNAVAILABLE


class InterruptedByUserError(LakeError):
    """Ctrl-C. The message says what continues without the command, and how to stop it."""

    exit_code = exit_codes.INTERRUPTED


class DeployFailedError(LakeError):
    """The CDK command line ended with an error."""


class QueryFailedError(LakeError):
    """Athena rejected or cancelled a query, or the query failed."""


class AwsRequestError(LakeError):
    """An AWS API rejected a request."""


class MachineError(LakeError):
    """An operation on this machine failed: a file, a folder, disk space."""


class UnexpectedError(LakeError):
    """A bug in the command line. The stack trace is in the log."""

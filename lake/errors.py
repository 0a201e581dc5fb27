"""Errors that are told to the user in a sentence, without a stack trace."""

from __future__ import annotations

from typing import ClassVar

from _shared.contracts.errors import TerminalError
from lake import exit_codes


class LakeError(TerminalError):
    """A command could not do what it was asked to."""

    exit_code: ClassVar[int] = exit_codes.FAILED


class UserMistakeError(LakeError):
    """The command names something that does not exist, or asks for something that makes no sense."""

    exit_code = exit_codes.USAGE


class UnreachableError(LakeError):
    """The target does not answer, or refuses the credentials."""

    exit_code = exit_codes.UNAVAILABLE


class NotDeployedError(LakeError):
    """The target answers, but what the command needs is not deployed there."""

    exit_code = exit_codes.UNAVAILABLE


class InterruptedByUserError(LakeError):
    """Ctrl-C: says what goes on without the command, and what to do about it."""

    exit_code = exit_codes.INTERRUPTED


class DeployFailedError(LakeError):
    """The CDK command line ended with an error."""


class QueryFailedError(LakeError):
    """Athena refused or cancelled a query."""


class AwsRequestError(LakeError):
    """An AWS API refused a request."""


class MachineError(LakeError):
    """The machine refused something: a file, a folder, space on the disk."""


class UnexpectedError(LakeError):
    """A mistake of the command line itself: its stack trace is in the log."""

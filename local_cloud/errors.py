"""Errors of the local cloud, for the person at the keyboard."""

from __future__ import annotations

from _shared.contracts.errors import TerminalError


class LocalCloudError(TerminalError):
    """The local cloud cannot be started, stopped or used as it stands."""


class UnsupportedEmulatorError(LocalCloudError):
    """The installed MiniStack is not the one whose gaps this package fills."""


class JarsUnavailableError(LocalCloudError):
    """The S3A connector could not be fetched, or is not what was pinned."""

"""Errors of the local cloud, with messages for its user."""

from __future__ import annotations

from _shared.contracts.errors import TerminalError


class LocalCloudError(TerminalError):
    """The local cloud cannot be started, stopped or used in its present state."""


class UnsupportedEmulatorError(LocalCloudError):
    """The installed MiniStack is not the version that this package extends."""


class JarsUnavailableError(LocalCloudError):
    """The S3A connector could not be downloaded, or its checksum differs from the pinned one."""

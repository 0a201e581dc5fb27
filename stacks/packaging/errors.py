"""Errors of building artefacts."""

from __future__ import annotations

from _shared.contracts.errors import TerminalError


class PackagingError(TerminalError):
    """A deployable package could not be built."""

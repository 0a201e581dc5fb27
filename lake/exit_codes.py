"""What the exit status of ``lake`` means to a script."""

from __future__ import annotations

OK = 0
"""Done. A run that was skipped because nothing changed is done, too."""

FAILED = 1
"""A run, a query or a deployment failed, or something unexpected happened."""

USAGE = 2
"""The command was not understood: an unknown dataset, environment, option or file."""

UNAVAILABLE = 3
"""The target cannot be reached, or what the command needs is not deployed there."""

INTERRUPTED = 130
"""Ctrl-C. An execution that was being watched goes on."""

"""Where the local Athena is known to differ from Trino, and why; docs/local-cloud.md tells its users."""

from __future__ import annotations

KNOWN: dict[str, str] = {}
"""The query as :mod:`tests.compat.queries` names it, and the reason."""

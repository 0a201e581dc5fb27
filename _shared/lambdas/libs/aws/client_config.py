"""How every client of an AWS service tries again: alike, so that no adapter gives up sooner than the others."""

from __future__ import annotations

from botocore.config import Config

CLIENT_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})
"""Five attempts with growing pauses, where a service throttles, fails or cannot be reached."""

"""Retry configuration of all AWS clients."""

from __future__ import annotations

from botocore.config import Config

CLIENT_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})
"""Five attempts with exponential backoff if a service throttles, fails or cannot be reached."""

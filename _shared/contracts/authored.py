"""Base of the contracts that people write as JSON files."""

from __future__ import annotations

from typing import ClassVar


class Authored:
    """A document that people write: pydantic rejects unknown keys."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

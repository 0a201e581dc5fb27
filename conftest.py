"""Fixtures for the platform's tests and for those in the folders of the datasets."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ("tests.exhaustive", "tests.outcomes", "tests.spark_fixtures")

_LONGEST_FIRST = ("tests/e2e", "tests/workflow", "tests/local_cloud", "domains", "tests/_shared")
"""Folders that the processes of a run begin with; a module's tests stay in one process."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slowest tests first, so that no process waits for another at the end."""
    root = Path(__file__).parent
    longest = [root / folder for folder in _LONGEST_FIRST]

    def place(item: pytest.Item) -> int:
        return next((index for index, folder in enumerate(longest) if item.path.is_relative_to(folder)), len(longest))

    items.sort(key=place)

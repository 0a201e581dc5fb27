"""A skip is cheap: one conditional request to the source, and few calls to AWS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.client import BaseClient

from tests._shared.lambdas.libs.steps.test_crashes import LATER, NEWER, world
from tests._shared.lambdas.support import OTHER_EXECUTION, file_answers


@contextmanager
def counted() -> Iterator[list[tuple[str, str]]]:
    """Yield the service and operation of each call to AWS."""
    calls: list[tuple[str, str]] = []
    real = vars(BaseClient)["_make_api_call"]

    def call(self: BaseClient, operation: str, arguments: dict[str, Any]) -> Any:
        calls.append((self.meta.service_model.service_name, operation))
        return real(self, operation, arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", call)
        yield calls


def test_a_skip_asks_the_source_once_and_makes_few_calls() -> None:
    with world() as one:
        one.source.answer = file_answers(NEWER)
        one.run()
        one.source.asked.clear()
        with counted() as calls:
            assert one.fetch(OTHER_EXECUTION, LATER).decision == "skip"
        (asked,) = one.source.asked
        assert "if-none-match" in asked.headers
        assert calls == [
            ("s3", "PutObject"),  # the lease
            ("s3", "GetObject"),  # the manifest
            ("glue", "GetTables"),
            ("s3", "PutObject"),  # the run's record
            ("s3", "DeleteObject"),  # the lease
        ]

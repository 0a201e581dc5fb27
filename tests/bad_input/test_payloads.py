"""Inputs of the state machine and of the trigger: refused before anything is touched or started."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import MagicMock

import pytest

from _shared.contracts.workflow import FetchRequest
from _shared.lambdas.libs.aws.executions import Executions
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings, TriggerSettings
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash
from _shared.lambdas.libs.steps.start import start
from tests._shared.lambdas.support import (
    BUCKET,
    CONFIG,
    EXECUTION,
    MACHINE,
    NOW,
    RULES,
    STARTED,
    client,
    empty_catalog,
    keys,
    lake,
)
from tests.bad_input.case import PayloadCase, check_error
from tests.bad_input.payloads import PAYLOADS

LICENSED = replace(
    CONFIG,
    sources=(replace(CONFIG.sources[0], licensed_url="https://127.0.0.1/download?url=pills.zip&apiKey={key}"),),
)
"""A dataset that an input can be wrong about in every way."""


@pytest.fixture(name="storage", scope="module")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


@pytest.mark.parametrize("case", [case for case in PAYLOADS if "state machine" in case.to], ids=lambda case: case.id)
def test_a_wrong_input_of_an_execution_touches_nothing(case: PayloadCase, storage: LakeStorage) -> None:
    request = FetchRequest({"Id": EXECUTION, "StartTime": STARTED, "Input": case.payload})
    settings = FetchSettings(BUCKET, "lake_db", "f" * 64, RULES, 3600)
    with client() as http:
        services = FetchServices(storage, http, lambda _: True, empty_catalog(), lambda: NOW)
        check_error(case, "start-execution", lambda: fetch_and_hash(request, LICENSED, settings, services))
    assert keys(storage) == []


@pytest.mark.parametrize("case", [case for case in PAYLOADS if "trigger" in case.to], ids=lambda case: case.id)
def test_a_wrong_payload_of_the_trigger_starts_nothing(case: PayloadCase) -> None:
    executions = MagicMock(spec=Executions)
    settings = TriggerSettings(MACHINE, RULES)
    check_error(case, "trigger", lambda: start(case.payload, "request-1", LICENSED, settings, executions))
    executions.start.assert_not_called()

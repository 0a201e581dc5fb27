"""What the cost model says of a deployment is what is deployed."""

from __future__ import annotations

from typing import Any

import pytest

from _shared.contracts.workflow import PROCESS
from lake.cost import assumptions
from tests.infrastructure.conftest import Synthesized


@pytest.mark.parametrize("name", assumptions.MEMORY)
def test_memory_of_the_functions(prod: Synthesized, name: str) -> None:
    functions = prod.resources("AWS::Lambda::Function")
    memory = {function["MemorySize"] for key, function in functions.items() if f"Functions{name}" in key}
    assert memory == {assumptions.MEMORY[name]}


def test_alarms(prod: Synthesized) -> None:
    alarms = [
        sum(resource["Type"] == "AWS::CloudWatch::Alarm" for resource in template["Resources"].values())
        for template in (prod.orchestrator, prod.base)
    ]
    assert alarms == [assumptions.ALARMS, assumptions.SHARED_ALARMS]


def test_one_key(prod: Synthesized) -> None:
    assert len(prod.resources("AWS::KMS::Key")) == 1


def test_states_of_a_run(definition: dict[str, Any]) -> None:
    assert _path(definition, PROCESS) == assumptions.PROCESSING_STATES
    assert _path(definition, None) == assumptions.SKIPPING_STATES


def test_looks_at_a_crawl(definition: dict[str, Any]) -> None:
    assert definition["States"]["CrawlBronze (wait)"]["Seconds"] == assumptions.POLL_SECONDS


def test_only_raw_files_leave_the_standard_class_which_the_model_does_not_count(prod: Synthesized) -> None:
    buckets = prod.resources("AWS::S3::Bucket").values()
    rules = [rule for bucket in buckets for rule in bucket["LifecycleConfiguration"]["Rules"]]
    assert {rule["Prefix"] for rule in rules if "Transitions" in rule} == {"raw/"}


def _path(definition: dict[str, Any], decision: str | None) -> tuple[str, ...]:
    """Follow the states from the first to the end; at a choice, by the decision or else the default."""
    name, path = definition["StartAt"], []
    while name:
        path.append(name)
        state = definition["States"][name]
        chosen = [choice["Next"] for choice in state.get("Choices", []) if choice.get("StringEquals") == decision]
        name = next(iter(chosen), state.get("Default") or state.get("Next"))
    return tuple(path)

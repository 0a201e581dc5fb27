"""One execution that fails for want of one permission after another, and is redriven each time."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from _shared.contracts.naming import step_of
from tests.e2e.conftest import Lake
from tests.e2e.grants import Grant, Policies
from tests.e2e.permission_needs import Prepare

DENIED = re.compile(r"not authorized to perform|Access ?Denied|Forbidden|status code: 403|\(403\)", re.IGNORECASE)
"""How services, SDKs and Hadoop tell of a missing permission; a HEAD request is answered without a message."""

_SHOWN = 90


@dataclass(frozen=True)
class Outcome:
    """What became of a run without a grant.

    Parameters
    ----------
    where
        The step, or another place, where the grant was to be missed.
    told
        How it was missed; empty where it was not.
    """

    grant: Grant
    where: str
    told: str

    def __str__(self) -> str:
        found = DENIED.search(self.told)
        start, end = (max(0, found.start() - _SHOWN), found.end() + _SHOWN) if found else (0, 2 * _SHOWN)
        return f"{self.where:15} {self.grant}: {' '.join(self.told[start:end].split()) or 'NOT MISSED'}"


class Walk:
    """Goes through the steps of the state machine, and at each through the grants that it needs."""

    def __init__(self, lake: Lake, policies: Policies, source_url: str) -> None:
        self._lake, self._policies, self._source_url = lake, policies, source_url
        self._client = lake.cloud.client("stepfunctions")
        self._execution: str | None = None

    def missed(
        self, step: str, grants: Iterable[Grant], needs: Mapping[tuple[str, str], Prepare], *, force: bool = True
    ) -> Iterator[Outcome]:
        """Let the execution run into each missing grant; ``needs`` has what makes one necessary."""
        for grant in grants:
            with needs.get((grant.holder, grant.actions[0]), nullcontext)(), self._policies.without(grant):
                ended = self.go_on(force=force)
            yield Outcome(grant, step, self._denial(ended, step))

    def go_on(self, *, force: bool = True) -> dict[str, Any]:
        """Redrive the execution, or start one, and wait for its end."""
        if self._execution is None:
            given = {"dataset": self._lake.dataset, "source_url": self._source_url, "force": force}
            started = self._client.start_execution(stateMachineArn=self._lake.state_machine, input=json.dumps(given))
            execution = str(started["executionArn"])
        else:
            execution = self._execution
            self._client.redrive_execution(executionArn=execution)
        ended = self._wait(execution)
        self._execution = None if ended["status"] == "SUCCEEDED" else execution
        return ended

    @property
    def execution(self) -> str:
        """ARN of the execution that waits for its redrive."""
        assert self._execution is not None
        return self._execution

    def _wait(self, execution: str) -> dict[str, Any]:
        tick = threading.Event()
        for _ in range(3000):
            told: dict[str, Any] = self._client.describe_execution(executionArn=execution)
            if told["status"] != "RUNNING":
                return told
            tick.wait(0.1)
        msg = f"{execution} did not end"
        raise AssertionError(msg)

    def _denial(self, ended: dict[str, Any], step: str) -> str:
        if ended["status"] != "FAILED" or self._last_step(ended["executionArn"]) != step:
            return ""
        cause = f"{ended.get('error')}: {ended.get('cause')}"
        return cause if DENIED.search(cause) else ""

    def _last_step(self, execution: str) -> str:
        """Return the state that was entered last; a redrive does not enter its state again."""
        history = self._client.get_execution_history(executionArn=execution, reverseOrder=True)["events"]
        entered = [event["stateEnteredEventDetails"] for event in history if "stateEnteredEventDetails" in event]
        return step_of(str(entered[0]["name"]))

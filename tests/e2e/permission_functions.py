"""The functions that no step calls, invoked without one of their permissions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.conftest import Lake
from tests.e2e.grants import Grant, Policies
from tests.e2e.permission_needs import lease_key, put_lease
from tests.e2e.permission_walk import DENIED, Outcome

RECORD_FAILURE, TRIGGER = "record-failure", "trigger"


@dataclass(frozen=True)
class Told:
    """How an invocation ended, how often it tells that something was denied, and the run record that it left."""

    failed: bool
    answer: str
    record: dict[str, Any] | None

    @property
    def denials(self) -> int:
        """Denials that are told; that of the execution itself is one of them."""
        return len(DENIED.findall(self.answer))


@dataclass(frozen=True)
class Recording:
    """The function that records a failure, given the event of one again and again."""

    lake: Lake
    event: dict[str, Any]

    def missed(self, policies: Policies, grants: Iterable[Grant]) -> Iterator[Outcome]:
        """Compare what becomes of the event without a grant with what becomes of it otherwise."""
        complete = self._told(lease=True)
        assert not complete.failed, complete.answer
        assert complete.record is not None
        for grant in grants:
            with policies.without(grant):
                # Of a lease that is not there, only who may list the bucket is told so.
                told = self._told(lease=grant.actions != ("s3:ListBucket",))
            yield Outcome(grant, "record-failure", self._difference(complete, told))

    def _difference(self, complete: Told, told: Told) -> str:
        if told.denials > complete.denials or (told.failed and told.denials):
            return told.answer
        lacking = [name for name, value in (complete.record or {}).items() if (told.record or {}).get(name) != value]
        return f"the record lacks {', '.join(lacking)}" if lacking else ""

    def _told(self, *, lease: bool) -> Told:
        if lease:
            put_lease(self.lake, self.event["detail"]["executionArn"])
        else:
            self._delete(lease_key(self.lake))
        for key in self._records():
            self._delete(key)
        failed, answer = invoke(self.lake, f"{self.lake.dataset}-{RECORD_FAILURE}", self.event)
        return Told(failed, answer, next((self.lake.read_json(key) for key in self._records()), None))

    def _records(self) -> list[str]:
        """Keys of the records of the event's attempt."""
        detail = self.event["detail"]
        wanted = (detail["executionArn"], detail["redriveCount"])
        found = {key: self.lake.read_json(key) for key in self.lake.keys(f"manifests/{self.lake.dataset}/runs/")}
        return [key for key, record in found.items() if (record["execution"], record["redrive_count"]) == wanted]

    def _delete(self, key: str) -> None:
        self.lake.cloud.client("s3").delete_object(Bucket=self.lake.bucket, Key=key)


def invoke(lake: Lake, function: str, event: dict[str, Any]) -> tuple[bool, str]:
    """Invoke a function; return whether it failed, and its answer or error."""
    answer = lake.cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    return "FunctionError" in answer, str(answer["Payload"].read().decode())


def trigger_missed(lake: Lake, policies: Policies, grants: Iterable[Grant]) -> Iterator[Outcome]:
    """Invoke the trigger without each grant."""
    for grant in grants:
        with policies.without(grant):
            failed, answer = invoke(lake, f"{lake.dataset}-{TRIGGER}", {})
        yield Outcome(grant, "trigger", answer if failed and DENIED.search(answer) else "")

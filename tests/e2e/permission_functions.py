"""The functions that no step calls, invoked without one of their permissions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.e2e.conftest import Lake
from tests.e2e.faults import LEASE, RUNS
from tests.e2e.grants import Grant, Policies
from tests.e2e.permission_needs import put_lease
from tests.e2e.permission_walk import DENIED, Outcome

RECORD_FAILURE, TRIGGER, RULE = "nsde-record-failure", "nsde-trigger", "nsde-failed-runs"


@dataclass(frozen=True)
class Told:
    """The error of an invocation, if it ended in one, and the run record that it left."""

    error: str
    record: dict[str, Any] | None


@dataclass(frozen=True)
class Recording:
    """The function that records a failure, given the event of one again and again."""

    lake: Lake
    event: dict[str, Any]

    def missed(self, policies: Policies, grants: Iterable[Grant]) -> Iterator[Outcome]:
        """Compare what becomes of the event without a grant with what becomes of it otherwise."""
        complete = self._told(lease=True)
        assert not complete.error, complete.error
        assert complete.record is not None
        for grant in grants:
            with policies.without(grant):
                # Of a lease that is not there, only who may list the bucket is told so.
                told = self._told(lease=grant.actions != ("s3:ListBucket",))
            yield Outcome(grant, "record-failure", self._difference(complete.record, told))

    def _difference(self, complete: dict[str, Any], told: Told) -> str:
        if DENIED.search(told.error):
            return told.error
        lacking = [name for name, value in complete.items() if (told.record or {}).get(name) != value]
        return f"the record lacks {', '.join(lacking)}" if lacking else ""

    def _told(self, *, lease: bool) -> Told:
        if lease:
            put_lease(self.lake, self.event["detail"]["executionArn"])
        else:
            self._delete(LEASE)
        for key in self._records():
            self._delete(key)
        error = failure(self.lake, RECORD_FAILURE, self.event)
        return Told(error, next((self.lake.read_json(key) for key in self._records()), None))

    def _records(self) -> list[str]:
        """Keys of the records of the event's attempt."""
        detail = self.event["detail"]
        wanted = (detail["executionArn"], detail["redriveCount"])
        found = {key: self.lake.read_json(key) for key in self.lake.keys(RUNS)}
        return [key for key, record in found.items() if (record["execution"], record["redrive_count"]) == wanted]

    def _delete(self, key: str) -> None:
        self.lake.cloud.client("s3").delete_object(Bucket=self.lake.bucket, Key=key)


def failure(lake: Lake, function: str, event: dict[str, Any]) -> str:
    """Invoke a function and return its error; empty where it ends well, whatever it then answers."""
    answer = lake.cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(event))
    said = str(answer["Payload"].read().decode())
    return said if answer.get("FunctionError") else ""


def trigger_missed(lake: Lake, policies: Policies, grants: Iterable[Grant]) -> Iterator[Outcome]:
    """Invoke the trigger without each grant."""
    for grant in grants:
        with policies.without(grant):
            error = failure(lake, TRIGGER, {})
        yield Outcome(grant, "trigger", error if DENIED.search(error) else "")

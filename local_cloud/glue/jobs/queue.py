"""Queue of job runs: those that are running, and those that wait for another run of the same job to end."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from local_cloud.glue.jobs.run import ACTIVE_STATES, JobRun

STOP_SECONDS = 8.0
_OCCUPYING_STATES = ACTIVE_STATES - {"WAITING"}


@dataclass
class _Place:
    """A run in the queue. It gets a thread when it starts.

    Parameters
    ----------
    context
        Account and region of the request that started the run.
    """

    run: JobRun
    context: contextvars.Context
    thread: threading.Thread | None = None


@dataclass
class JobQueue:
    """The unfinished runs of all jobs, oldest first."""

    _places: dict[str, _Place] = field(default_factory=dict)
    _changing: threading.RLock = field(default_factory=threading.RLock)

    def add(self, run: JobRun, runs: list[dict[str, Any]], most: int, *, may_wait: bool) -> bool:
        """Start a run or queue it; return False if the concurrency limit is reached and the run may not wait.

        Parameters
        ----------
        runs
            Records of all runs of the job. The new run's record is inserted first.
        most
            ``MaxConcurrentRuns`` of its job.
        """
        with self._changing:
            has_room = _has_room(runs, most)
            if not has_room and not may_wait:
                return False
            place = self._places[run.record["Id"]] = _Place(run, contextvars.copy_context())
            runs.insert(0, run.record)
            if has_room:
                self._start(place, lambda: self._start_waiting(runs, most))
            else:
                run.wait()
            return True

    def stop(self, run_id: str) -> bool:
        """Stop a run; return False if it has already ended."""
        with self._changing:
            place = self._places.get(run_id)
            if place is None:
                return False
            place.run.stop()
            if place.thread is None:
                del self._places[run_id]
            return True

    def stop_everything(self) -> None:
        """Kill all job processes and wait until they have ended. Called when the emulator stops."""
        with self._changing:
            places = list(self._places.values())
            for place in places:
                place.run.stop()
        for place in places:
            if place.thread:
                place.thread.join(STOP_SECONDS)

    def _start(self, place: _Place, after: Callable[[], None]) -> None:
        def execute() -> None:
            try:
                place.run.execute()
            finally:
                with self._changing:
                    self._places.pop(place.run.record["Id"], None)
                    after()

        place.thread = threading.Thread(target=place.context.run, args=(execute,), daemon=True)
        place.thread.start()

    def _start_waiting(self, runs: list[dict[str, Any]], most: int) -> None:
        """Start the job's run that has waited longest."""
        waiting = [record for record in reversed(runs) if record["JobRunState"] == "WAITING"]
        if waiting and _has_room(runs, most):
            waiting[0]["JobRunState"] = "STARTING"
            self._start(self._places[waiting[0]["Id"]], lambda: self._start_waiting(runs, most))


def _has_room(runs: list[dict[str, Any]], most: int) -> bool:
    return sum(run["JobRunState"] in _OCCUPYING_STATES for run in runs) < most

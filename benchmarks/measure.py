"""Run a contender in a new process, and tell what each of its steps takes."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.contenders.contender import CORES
from benchmarks.process_tree import PeakMemory, cpu_seconds

START, BRONZE, SILVER = "start", "bronze", "silver"
COLD, WARM = "cold", "warm"


@dataclass(frozen=True)
class Step:
    """What one step took: wall and CPU seconds, and the largest memory, of the whole process tree."""

    wall: float
    cpu: float
    megabytes: float


@dataclass(frozen=True)
class Measurement:
    """One contender on one input.

    Parameters
    ----------
    engine, dataset, scale, input_megabytes
        What was run, on what.
    steps
        What each step took, by ``cold start``, ``cold bronze``, ``cold silver``, ``warm bronze``, ``warm silver``.
    rows
        Rows of each silver table.
    date, load
        When it was taken, and how many processes wanted a core before.
    error
        Why it has not ended; the steps before are told.
    """

    engine: str
    dataset: str
    scale: float
    input_megabytes: float
    steps: Mapping[str, Step]
    rows: Mapping[str, int]
    date: str
    load: float
    error: str = ""

    def total(self, run: str) -> Step | None:
        """Sum of a run's steps, with the start where it is cold; None where one is missing."""
        names = [f"{run} {name}" for name in (BRONZE, SILVER)] + ([f"{COLD} {START}"] if run == COLD else [])
        if not all(name in self.steps for name in names):
            return None
        found = [self.steps[name] for name in names]
        return Step(sum(s.wall for s in found), sum(s.cpu for s in found), max(s.megabytes for s in found))


class _Child:
    """A contender's process."""

    def __init__(self, command: list[str], errors: IO[bytes]) -> None:
        self._errors = errors
        self._started: float | None = time.perf_counter()
        pipe = subprocess.PIPE
        environment = {**os.environ, "POLARS_MAX_THREADS": str(CORES), "OMP_NUM_THREADS": str(CORES)}
        self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=errors, env=environment, text=True)

    def ask(self, request: str) -> Any:  # noqa: ANN401 - what JSON may be
        """Have one thing done; give its answer."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError(request)
        with suppress(BrokenPipeError):  # it has ended: the answer says so
            self._process.stdin.write(f"{request}\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        told = json.loads(line) if line else {"error": f"ended with {self._process.wait()}"}
        if "error" in told:
            self._errors.seek(0)
            sys.stderr.write(self._errors.read().decode("utf-8", "replace"))
            raise ContenderError(told["error"])
        return told["answer"]

    def step(self, request: str) -> Step:
        """Have one thing done; give what it took, the first one with the process's start."""
        started, self._started = self._started or time.perf_counter(), None
        used = 0.0 if request == START else cpu_seconds(self._process.pid)
        with PeakMemory(self._process.pid) as peak:
            self.ask(request)
            wall = time.perf_counter() - started
            cpu = cpu_seconds(self._process.pid) - used
        return Step(wall, cpu, peak.megabytes)

    def end(self) -> None:
        """Wait for the process to end; end it where it does not."""
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class ContenderError(Exception):
    """A contender's process ended before it had done what it was asked; the message says why."""


@contextmanager
def _child(command: list[str]) -> Iterator[_Child]:
    with tempfile.TemporaryFile() as errors:
        child = _Child(command, errors)
        try:
            yield child
        finally:
            child.end()


def measured(engine: str, dataset: str, scale: float, lake: Path, size: float) -> tuple[Measurement, str]:
    """Run a contender twice in one process; give what it took, and its query plans.

    Parameters
    ----------
    engine, dataset, scale, size
        What is run, on what, and its size in MB.
    lake
        Folder with the release.
    """
    steps: dict[str, Step] = {}
    rows: dict[str, int] = {}
    plans = error = ""
    date, load = dt.datetime.now(dt.UTC).date().isoformat(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as target:
        command = [sys.executable, "-m", "benchmarks.child", engine, dataset, str(lake), target]
        with _child(command) as child:
            try:
                for run in (COLD, WARM):
                    for name in (START, BRONZE, SILVER)[run == WARM :]:
                        steps[f"{run} {name}"] = child.step(name)
                rows, plans = child.ask("rows"), child.ask("plans")
                child.ask("close")
            except ContenderError as failure:
                error = str(failure)
    return Measurement(engine, dataset, scale, size, steps, rows, date, load, error), plans

"""What the measurements were taken on, without names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contenders.contender import CORES


@dataclass(frozen=True)
class Machine:
    """Cores that the process may use, memory in GB, model of the CPU."""

    cores: int
    gigabytes: float
    model: str

    @property
    def text(self) -> str:
        """One sentence."""
        return f"{self.cores} cores ({self.model}), {self.gigabytes:.0f} GB of memory; each engine has {CORES} threads"


def this_machine() -> Machine:
    """Describe this one."""
    models = [line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return Machine(len(os.sched_getaffinity(0)), memory, (models or ["an unnamed CPU"])[0])


def _lines(path: str) -> list[str]:
    file = Path(path)
    return file.read_text("utf-8").splitlines() if file.is_file() else []

"""Peak memory and CPU seconds of a process and its descendants, such as Spark's JVM."""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

_PERIOD_SECONDS = 0.2
_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _OWN_AND_WAITED_FOR = 1, slice(11, 15)
"""Fields of /proc/<process>/stat after the name; of CPU time: its own and that of children that have ended."""
_SET_CHILD_SUBREAPER = 36


class PeakMemory:
    """Measures while it is entered; ``megabytes`` is the largest sum of memory that was seen.

    Parameters
    ----------
    root
        The process at the top; this one unless said.
    """

    def __init__(self, root: int | None = None) -> None:
        self.megabytes = 0.0
        self._root = root or os.getpid()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        waits = False
        while not (waits and self._stop.wait(_PERIOD_SECONDS)):
            self.megabytes = max(self.megabytes, sum(map(_memory_bytes, processes_below(self._root))) / 1e6)
            waits = True


@dataclass(frozen=True)
class _Process:
    parent: int
    cpu_seconds: float


def processes_below(root: int) -> dict[int, _Process]:
    """Give a process and all below it, by their ids."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:  # the process has ended in the meantime
                continue
            ticks = sum(map(int, stat[_OWN_AND_WAITED_FOR]))
            found[int(folder.name)] = _Process(int(stat[_PARENT]), ticks / _TICKS)
    return {number: process for number, process in found.items() if _is_below(number, root, found)}


def cpu_seconds(root: int) -> float:
    """CPU seconds of a process and of all below it, also of those that have ended and were waited for."""
    return sum(process.cpu_seconds for process in processes_below(root).values())


def adopt_orphans() -> None:
    """Become the parent of what is started below and detaches itself, as servers do."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _memory_bytes(number: int) -> int:
    """Memory of a process; what it shares with others is divided among them."""
    try:
        lines = Path(f"/proc/{number}/smaps_rollup").read_text("utf-8").splitlines()
    except OSError:  # it has ended in the meantime
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


def _is_below(number: int, root: int, found: dict[int, _Process]) -> bool:
    while number != root:
        if number not in found:
            return False
        number = found[number].parent
    return True

"""Peak memory of this process and its descendants, such as Spark's JVM."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import TracebackType

_PERIOD_SECONDS = 0.1
_PAGE = os.sysconf("SC_PAGE_SIZE")


class PeakMemory:
    """Context manager that samples memory; ``megabytes`` is the largest sum of resident memory."""

    def __init__(self) -> None:
        self.megabytes = 0.0
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
        while not self._stop.wait(_PERIOD_SECONDS):
            self.megabytes = max(self.megabytes, resident_bytes(os.getpid()) / 1e6)


def resident_bytes(root: int) -> int:
    """Return the sum of the resident memory of a process and its descendants."""
    parents, resident = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            except OSError:  # the process has ended in the meantime
                continue
            parents[int(folder.name)] = int(stat[1])
            resident[int(folder.name)] = int(stat[21]) * _PAGE
    return sum(size for process, size in resident.items() if _is_below(process, root, parents))


def _is_below(process: int, root: int, parents: dict[int, int]) -> bool:
    while process != root:
        process = parents.get(process, 0)
        if not process:
            return False
    return True

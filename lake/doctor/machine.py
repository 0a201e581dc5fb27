"""Checks of the machine: disk, memory, ports."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from lake import local
from lake.demo.release import HOST
from lake.demo.source_server import PORTS_TRIED, PREFERRED_PORT, free_port
from lake.doctor.finding import Finding, missing, note, ok
from lake.errors import LakeError
from lake.project import shown, state_directory
from lake.ui import render

_GIBI = 1 << 30


@dataclass(frozen=True)
class Need:
    """Minimum and recommended number of bytes, and the remedy."""

    least: int
    good: int
    remedy: str

    def judge(self, check: str, bytes_: int, words: str) -> Finding:
        """Compare an amount with the need."""
        found = f"{render.size(bytes_)} {words}"
        if bytes_ >= self.good:
            return ok(check, found)
        wish = f"{self.remedy}: {render.size(self.good)} are good"
        return note(check, found, wish) if bytes_ >= self.least else missing(check, found, wish)


# The demo's lake, its logs and the build output of a deployment take less than one GiB. A whole release is kept as
# archive, as text and as Parquet, once for each run.
DISK = Need(2 * _GIBI, 10 * _GIBI, "make room on that disk")

# A Spark job uses two GiB, in addition to the local cloud.
MEMORY = Need(3 * _GIBI, 6 * _GIBI, "close other programs, or use a larger machine")


def disk(folder: Path | None = None) -> Finding:
    """Check the free space on the disk of the local lake."""
    state = folder or state_directory()
    there = next(parent for parent in (state, *state.parents) if parent.exists())
    return DISK.judge("Disk", shutil.disk_usage(there).free, f"free where {shown(state)} lies")


def memory() -> Finding:
    """Check the machine's memory."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return MEMORY.judge("Memory", total, "in all")


def ports() -> Finding:
    """Check whether the ports of the demo's source server and the local cloud are free."""
    try:
        port = free_port(PREFERRED_PORT)
    except LakeError as error:
        return missing("Ports", error.what, error.remedy)
    if port == PREFERRED_PORT:
        return ok("Ports", f"{HOST} port {port} is free for the demo's source")
    last = PREFERRED_PORT + PORTS_TRIED - 1
    return ok(
        "Ports", f"{HOST} port {PREFERRED_PORT} is taken; the demo's source takes {port} (it may use up to {last})"
    )


def local_cloud() -> Finding:
    """Check whether the local cloud is running."""
    try:
        cloud = local.running_cloud()
    except LakeError as error:
        return missing("Local cloud", error.what, error.remedy)
    return ok("Local cloud", f"up at {cloud.endpoint} (process {cloud.pid})" if cloud else "down; lake up starts it")

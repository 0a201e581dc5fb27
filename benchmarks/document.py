"""Write ``docs/performance.md`` and its pictures from measurements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders.contender import ENGINES
from benchmarks.machine import Machine
from benchmarks.measure import Measurement
from benchmarks.plots import draw
from benchmarks.tables import growth_table, scale_name, step_table, time_table

DOCUMENT = Path("docs/performance.md")
IMAGES = Path("docs/images")
TITLES = {name: engine.title for name, engine in ENGINES.items()}
_IDLE = 1.0
"""Load up to which a machine counts as quiet."""

_INTRODUCTION = """# Performance

Written by `make bench`; do not edit. Quote ratios: another machine has other seconds.

Every engine reads the same text files from the local disk and makes two layers of them. Bronze is the untyped text
with numbered lines; silver has repeated rows and rows without a key taken out, and typed dates with flags, NDC forms,
application numbers, lists taken apart, ranks and relations. Both are written as ZSTD Parquet. The object store, the
catalog and the steps around the jobs are not in it.

- **cold** is a new process, its start included: interpreter, JVM, server. **warm** is the second run in it.
- **CPU** and **memory** are those of the whole process tree; of memory that is shared each process counts its part.
  Memory is looked at five times a second.
- **rows** is the number of silver rows where every table has as many as ours, else what differs.
- **Scale 1x** is the size of a real release: NSDE 30 MB, CDER 85 MB, RxNorm's prescribable files 508 MB.
"""


def write(found: Sequence[Measurement], fetch: str, machine: Machine, source: str) -> None:
    """Write the document and one picture for each dataset.

    Parameters
    ----------
    found
        All measurements, in the order of their datasets.
    fetch
        Table of FetchAndHash.
    machine
        What they were taken on.
    source
        What the input was made of.
    """
    parts = [_INTRODUCTION, f"Machine: {machine.text}. Input: {source}.\n", _loads(found), _less()]
    for dataset in dict.fromkeys(one.dataset for one in found):
        ordered = _ordered([one for one in found if one.dataset == dataset])
        picture = IMAGES / f"performance-{dataset}.svg"
        draw(_largest_shown(ordered), TITLES, picture)
        parts += [
            f"## {dataset.upper()}\n\n![{dataset}: seconds and memory of each engine](images/{picture.name})\n",
            f"{time_table(ordered, TITLES)}\n",
            f"Wall seconds of each step:\n\n{step_table(ordered, TITLES)}\n",
        ]
    if grown := growth_table(_ordered(found), TITLES):
        text = "Exponent of the input's size in a warm session, by least squares of logarithms; 1 is proportional."
        parts.append(f"## Growth\n\n{text} Small inputs, where most is fixed, lower it.\n\n{grown}\n")
    if fetch:
        text = "The function that downloads a release, against the slowest of its parts alone, all on loopback."
        parts.append(f"## FetchAndHash\n\n{text}\n\n{fetch}\n")
    DOCUMENT.write_text("\n".join(parts), "utf-8")


def _loads(found: Sequence[Measurement]) -> str:
    groups: dict[tuple[str, float], list[Measurement]] = {}
    for one in found:
        groups.setdefault((one.dataset, one.scale), []).append(one)
    lines = ["| run | date | load average before each engine | |", "|---|---|---|---|"]
    for (dataset, scale), several in groups.items():
        loads = [one.load for one in several]
        name = f"{dataset.upper()} {scale_name(scale)}"
        # Each engine leaves a load of its own threads behind.
        quiet = "quiet" if several[0].load <= _IDLE else "**shared with other work: seconds are too many**"
        lines.append(f"| {name} | {several[0].date} | {min(loads):.1f} to {max(loads):.1f} | {quiet} |")
    return "\n".join(lines) + "\n"


def _less() -> str:
    lines = [f"- {engine.title}: {engine.less}" for engine in ENGINES.values() if engine.less]
    return "What the others do less than the jobs here, or otherwise:\n\n" + "\n".join(lines) + "\n"


def _ordered(found: Sequence[Measurement]) -> list[Measurement]:
    engines = list(ENGINES)
    return sorted(found, key=lambda one: (one.dataset, one.scale, engines.index(one.engine)))


def _largest_shown(found: list[Measurement]) -> list[Measurement]:
    """Leave the sample out where there is more: it would draw the axis out."""
    return [one for one in found if one.scale] or found

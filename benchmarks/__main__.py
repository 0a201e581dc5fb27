"""Measure every engine on the same input, one after another, and write ``docs/performance.md``.

Usage: ``python -m benchmarks [--dataset nsde ...] [--engine duckdb ...] [--scale 1 10] [--releases FOLDER] [--plans]``

What was measured before is kept in ``build/benchmarks.json`` and shown too, until it is measured again.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import asdict
from pathlib import Path

from benchmarks import fetch
from benchmarks.contenders.contender import ENGINES
from benchmarks.document import DOCUMENT, TITLES, write
from benchmarks.inputs import MEGABYTES, put_input
from benchmarks.machine import this_machine
from benchmarks.measure import Measurement, Step, measured
from benchmarks.tables import scale_name, time_table

KEPT = Path("build/benchmarks.json")
PLANS = Path("build/plans")
ONE_SIZE = "rxnorm"
"""Dataset that is measured at its real size only, which is large enough."""


def run(options: argparse.Namespace) -> None:
    """Measure what was asked for, input by input."""
    for dataset in options.dataset:
        for scale in options.scale:
            if dataset == ONE_SIZE and scale > 1:
                continue
            with tempfile.TemporaryDirectory() as folder:
                size = put_input(dataset, scale, options.releases, Path(folder))
                several = []
                for engine in options.engine:
                    print(f"{dataset} {scale_name(scale)} {engine} ...", flush=True)
                    one, plans = measured(engine, dataset, scale, Path(folder), size)
                    several.append(one)
                    _keep(one)
                    if options.plans and plans:
                        PLANS.mkdir(parents=True, exist_ok=True)
                        (PLANS / f"{dataset}-{scale_name(scale)}-{engine}.txt").write_text(plans, "utf-8")
            print(f"\n{time_table(several, TITLES)}\n", flush=True)


def _keep(measurement: Measurement) -> None:
    """Add a measurement to those kept, in place of an earlier one of the same."""
    kept = {_key(one): one for one in [*_kept(), measurement]}
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(json.dumps([asdict(one) for one in kept.values()], indent=1), "utf-8")


def _kept() -> list[Measurement]:
    if not KEPT.is_file():
        return []
    read = json.loads(KEPT.read_text("utf-8"))
    return [
        Measurement(**{**one, "steps": {name: Step(**step) for name, step in one["steps"].items()}}) for one in read
    ]


def _key(one: Measurement) -> tuple[str, float, str]:
    return one.dataset, one.scale, one.engine


def main() -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--dataset", nargs="+", choices=MEGABYTES, default=list(MEGABYTES))
    parser.add_argument("--engine", nargs="+", choices=ENGINES, default=list(ENGINES))
    parser.add_argument(
        "--scale",
        nargs="*",
        type=float,
        default=[1, 10],
        help="times a real release; 0: the sample; none: what is kept",
    )
    parser.add_argument("--releases", type=Path, help="folder of real releases, in place of the repository's samples")
    parser.add_argument("--plans", action="store_true", help=f"write query plans to {PLANS}/")
    parser.add_argument("--fetch", nargs="*", type=int, default=[10, 200], help="MB of the archives for FetchAndHash")
    options = parser.parse_args()
    missing = [name for name in options.engine if not ENGINES[name].is_installed]
    if missing:
        parser.error(f"not installed: {', '.join(missing)}. `make bench` installs them; --engine takes others")
    run(options)
    found = _kept()
    fetched = fetch.table(fetch.measured(options.fetch)) if options.fetch else ""
    source = "releases" if options.releases else "the repository's samples"
    write(found, fetched, this_machine(), f"{source}, repeated with other keys to the size of each scale")
    print(f"{fetched}\n\n{DOCUMENT}")


if __name__ == "__main__":
    main()

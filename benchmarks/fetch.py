"""Measure memory and throughput of FetchAndHash for several source sizes. Its memory must not grow with them.

Usage: ``python -m benchmarks.fetch [--megabytes 10 200 2000] [--members 9 --noise 8]``

The Lambda function's code runs in a separate process, which is measured. It downloads from a server that generates the
archive while sending it, and writes to a server that replaces S3 and keeps only what the unpacking reads again. Both
run on the same machine and share its cores, so the throughput is a lower bound. The local cloud's S3 is not used: it
needs minutes for range requests on a 2 GB object, which would hide the function's own time.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig, SilverColumn, SilverTable
from _shared.contracts.release import Release
from _shared.contracts.source import Member, Source, SourceColumn
from _shared.contracts.workflow import FetchRequest
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.rules import SourceRules
from _shared.lambdas.libs.steps.fetch import FetchServices, fetch_and_hash
from benchmarks.discarding_s3 import serve_bucket
from benchmarks.generated_archive import MEGABYTE, MOST_MEGABYTES, archive_of, member_name, serve_archives
from local_cloud.environment import client_environment
from local_cloud.state.directory import RootKey

BUCKET = "benchmark"
RULES = SourceRules(("127.0.0.1",), ("http",))
STARTED_AT = "2026-03-02T06:30:00Z"
_PEAK_FIELD = "VmHWM:"
_REPETITIONS = 3


@dataclass(frozen=True)
class Measurement:
    """Measurement of one fetch.

    Parameters
    ----------
    source_bytes, member_bytes
        Size of the archive, and of the file in it.
    seconds
        Wall time from the request to the release document.
    started_bytes, peak_bytes
        Peak resident memory of the process before and after the fetch.
    cpu_seconds
        CPU time of the process during the fetch.
    alone
        MB of the source per second of each part alone: download, digests, unpacking, and uploads of archive and file.
    """

    source_bytes: int
    member_bytes: int
    seconds: float
    started_bytes: int
    peak_bytes: int
    cpu_seconds: float
    alone: Mapping[str, float] = field(default_factory=dict)

    @property
    def speed(self) -> float:
        """MB of the source per second."""
        return self.source_bytes / MEGABYTE / self.seconds


def dataset(url: str) -> DatasetConfig:
    """Return a dataset with the archive's members."""
    text = SourceColumn("text", "Text")
    members = tuple(
        Member(f"generated_{number}", member_name(number).decode(), (text,))
        for number in range(archive_of(urlsplit(url)._replace(scheme="", netloc="").geturl()).members)
    )
    tables = tuple(
        SilverTable(member.table, "Lines", ("text",), (SilverColumn("text", "string", "Text"),)) for member in members
    )
    return DatasetConfig(
        dataset="generated",
        display_name="GENERATED",
        title="Generated lines",
        sources=(Source("generated", url, members, max_megabytes=6 * MOST_MEGABYTES),),
        silver_tables=tables,
        bronze_job_name="generated-bronze-job",
        silver_job_name="generated-silver-job",
        bronze_crawler_name="generated-bronze-crawler",
        database_name="generated_db",
        glue_version="5.1",
        worker_type="G.1X",
        number_of_workers=2,
        job_timeout_minutes=30,
    )


def peak_bytes() -> int:
    """Return the peak resident memory of this process so far."""
    status = Path("/proc/self/status")
    if status.is_file():
        # On Linux, ru_maxrss of a child includes the parent's memory. VmHWM does not.
        [line] = [line for line in status.read_text("utf-8").splitlines() if line.startswith(_PEAK_FIELD)]
        return int(line.split()[1]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def fetch_once(url: str) -> Measurement:
    """Fetch in this process like the Lambda function, and measure it."""
    storage = LakeStorage.connect(BUCKET)
    services = FetchServices(storage, SourceClient.connect(RULES), lambda _: False, Catalog.connect("benchmark"))
    config = dataset(url)
    request = FetchRequest({"Id": f"benchmark:{url}", "StartTime": STARTED_AT, "Input": {"dataset": config.dataset}})
    started_bytes, started, cpu = peak_bytes(), time.perf_counter(), time.process_time()
    result = fetch_and_hash(request, config, FetchSettings(BUCKET, "lake_db", "0" * 64, RULES, 3600), services)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    document = storage.get(result.release_key or "")
    if document is None:
        msg = f"nothing was fetched: {result.reason}"
        raise RuntimeError(msg)
    release = decode_text(Release, document.body, "release document")
    return Measurement(
        release.states[config.dataset].bytes or 0,
        sum(member.bytes for member in release.members),
        seconds,
        started_bytes,
        peak_bytes(),
        cpu,
    )


def fetch_in_child(url: str, endpoint: str) -> Measurement:
    """Run :func:`fetch_once` in a new process."""
    environment = {**os.environ, **client_environment(endpoint, RootKey("any", "any"))}  # not checked

    def told(*arguments: str) -> Any:  # noqa: ANN401 - what JSON may be
        command = [sys.executable, "-m", *arguments]
        answer = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
        return json.loads(answer.stdout.splitlines()[-1])

    alone = told("benchmarks.fetch_alone", url, BUCKET)
    several = [Measurement(**told("benchmarks.fetch", "--url", url)) for _ in range(_REPETITIONS)]
    return replace(
        min(several, key=lambda one: one.seconds), alone=alone, peak_bytes=max(one.peak_bytes for one in several)
    )


_TITLES = (
    *(
        "source MB",
        "files in it MB",
        "seconds",
        "CPU seconds",
        "MB/s",
        "download alone",
        "SHA-256 alone",
        "unpacking alone",
    ),
    *("upload alone", "of the slowest", "memory at start MB", "peak MB"),
)


def table(measurements: Sequence[Measurement]) -> str:
    """Format the measurements as a Markdown table."""
    lines = [
        f"| {' | '.join(_TITLES)} |",
        f"|{'--:|' * len(_TITLES)}",
    ]
    for one in measurements:
        sizes = [one.source_bytes / MEGABYTE, one.member_bytes / MEGABYTE]
        memory = [one.started_bytes / MEGABYTE, one.peak_bytes / MEGABYTE]
        speeds = [one.speed, *[one.alone[name] for name in ("download", "SHA-256", "unpack", "upload")]]
        times = [f"{one.seconds:.1f}", f"{one.cpu_seconds:.1f}"]
        cells = [f"{value:.0f}" for value in [*sizes, *speeds, *memory]]
        share = f"{one.speed / min(speeds[1:]):.0%}"
        lines.append(f"| {' | '.join([*cells[:2], *times, *cells[2:7], share, *cells[7:]])} |")
    return "\n".join(lines)


def measured(megabytes: Sequence[int], shape: str = "") -> list[Measurement]:
    """Fetch an archive of each size, each into its own bucket.

    Parameters
    ----------
    shape
        Query of the archives' address, see :mod:`benchmarks.generated_archive`.
    """
    found = []
    with serve_archives() as address:
        for size in megabytes:
            with tempfile.TemporaryDirectory() as folder, serve_bucket(Path(folder)) as endpoint:
                found.append(fetch_in_child(f"{address}/{size}.zip{shape}", endpoint))
    return found


def _megabytes(text: str) -> int:
    size = int(text)
    if not 0 < size <= MOST_MEGABYTES:
        msg = f"expected 1 to {MOST_MEGABYTES} (found {size})"
        raise argparse.ArgumentTypeError(msg)
    return size


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fetch", description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=_megabytes, nargs="+", default=[10, 200], help="lengths of the archives")
    parser.add_argument("--members", type=int, default=1, help="members of each archive")
    parser.add_argument("--noise", type=int, default=40, help="of 40 characters, how many do not compress")
    parser.add_argument("--url", help="fetch this in the process itself and print the measurement as JSON")
    arguments = parser.parse_args()
    if arguments.url:
        print(json.dumps(asdict(fetch_once(arguments.url))))
    else:
        shape = f"?members={arguments.members}&noise={arguments.noise}"
        print(table(measured(arguments.megabytes, shape)))


if __name__ == "__main__":
    main()

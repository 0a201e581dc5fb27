"""FetchAndHash: fetch the source once, decide whether there is work, and lay it out in raw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote, urlsplit

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import raw_prefix, release_key
from _shared.contracts.manifest import Lease, Manifest
from _shared.contracts.release import Release, SourceState
from _shared.contracts.run_record import SKIPPED, RunRecord
from _shared.contracts.workflow import PROCESS, SKIP, FetchRequest, FetchResult, PipelineInput
from _shared.lambdas.libs import lease, manifest
from _shared.lambdas.libs.attempts import Attempt, attempt_of
from _shared.lambdas.libs.hash_utils import StreamHasher
from _shared.lambdas.libs.http_source import SourceClient
from _shared.lambdas.libs.inputs import parse_input
from _shared.lambdas.libs.manifest import Decision
from _shared.lambdas.libs.object_names import plain_name
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.run_records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.s3_upload import MultipartWriter
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.sources import Download, open_source
from _shared.lambdas.libs.time_utils import format_timestamp, http_date, parse_timestamp, utc_now
from _shared.lambdas.libs.unpack import unpack


@dataclass(frozen=True)
class FetchServices:
    """What the step talks to.

    Parameters
    ----------
    is_running
        Tells of an execution's ARN whether it still runs.
    now
        Current time, aware.
    """

    storage: LakeStorage
    source: SourceClient
    is_running: Callable[[str], bool]
    now: Callable[[], datetime] = utc_now


@dataclass(frozen=True)
class FetchStep:
    """One call of the step: who runs what, and for whom."""

    config: DatasetConfig
    settings: FetchSettings
    services: FetchServices
    attempt: Attempt
    asked: PipelineInput

    @property
    def run_id(self) -> str:
        """Name of the run."""
        return self.attempt.run_id

    @property
    def url(self) -> str:
        """Address of the source."""
        return self.asked.source_url or self.config.source_url


def fetch_and_hash(
    request: FetchRequest, config: DatasetConfig, settings: FetchSettings, services: FetchServices
) -> FetchResult:
    """Take the lease, fetch the source if it changed, and unpack it.

    A failure leaves the lease as it is: a retry finds it its own, and RecordFailure gives it back.

    Raises
    ------
    TransientError, TerminalError
        One of :mod:`_shared.lambdas.libs.errors`, by name.
    """
    attempt = attempt_of(request.execution)
    asked = parse_input(request.execution.get("Input"), config.dataset, settings.rules)
    step = FetchStep(config, settings, services, attempt, asked)
    settings.rules.check(step.url)
    logger = log_run(config.dataset, step.run_id)
    claim = lease.LeaseClaim(config.dataset, attempt.execution, services.now(), settings.lease_seconds)
    holder = lease.acquire(services.storage, claim, services.is_running).holder
    if holder is not None:
        result = _skip(step, Decision(process=False, reason=_busy(holder)))
    else:
        result = _fetch(step, manifest.load(services.storage, config.dataset).manifest)
        if result.decision == SKIP:
            lease.release(services.storage, config.dataset, attempt.execution)
    logger.info(result.reason, decision=result.decision, version=result.version)
    return result


def release_version(last_modified: str | None, started_at: str) -> str:
    """Return the release date: the source's own, else the run's.

    A date after the run is a mistake of the server's clock (RFC 9110, 8.8.2.1) and is not believed.
    """
    started = parse_timestamp(started_at).date()
    modified = http_date(last_modified)
    return (modified if modified is not None and modified <= started else started).isoformat()


def source_name(url: str) -> str:
    """Return the file name of an address, safe as the last part of a key."""
    return plain_name(unquote(urlsplit(url).path).rsplit("/", 1)[-1], "source")


def _busy(holder: Lease) -> str:
    return f"another run is in progress: {holder.owner} has held the lease since {holder.acquired_at}"


def _fetch(step: FetchStep, known: Manifest | None) -> FetchResult:
    fingerprint = step.settings.fingerprint
    published = manifest.condition(known, step.url, fingerprint, force=step.asked.force)
    download = open_source(step.services.source, step.url, published.source if published else None)
    if download.not_modified and published is not None:
        download.close()
        return _skip(step, manifest.not_modified(published))
    prefix = raw_prefix(step.config.dataset, step.run_id)
    key = prefix + source_name(step.url)
    with MultipartWriter(step.services.storage, key) as writer:
        source = _store(download, writer)
        decision = manifest.decide(known, source.sha256, fingerprint, force=step.asked.force)
        if not decision.process:
            writer.abort()
            return _skip(step, decision)
    return _lay_out(step, source, key, decision, known)


def _store(download: Download, writer: MultipartWriter) -> SourceState:
    """Write and hash the body while it passes."""
    hasher = StreamHasher()
    for chunk in download.chunks():
        if chunk.offset != hasher.length:
            writer.restart()
            hasher = StreamHasher()
        hasher.update(chunk.data)
        writer.write(chunk.data)
    return SourceState(
        url=download.url,
        sha256=hasher.hexdigest(),
        bytes=hasher.length,
        etag=download.validators.etag,
        last_modified=download.validators.last_modified,
    )


def _lay_out(step: FetchStep, source: SourceState, key: str, decision: Decision, known: Manifest | None) -> FetchResult:
    """Unpack, then write the release document: its being there means that everything else is."""
    storage = step.services.storage
    document_key = release_key(step.config.dataset, step.run_id)
    release = Release(
        dataset=step.config.dataset,
        run_id=step.run_id,
        version=release_version(source.last_modified, step.attempt.started_at),
        started_at=format_timestamp(parse_timestamp(step.attempt.started_at)),
        source=source,
        source_key=key,
        members=unpack(storage, key, step.config.members, (document_key,)),
        previous=manifest.previous_version(known),
    )
    storage.put(document_key, encode_text(release).encode())
    return FetchResult(
        dataset=release.dataset,
        run_id=release.run_id,
        decision=PROCESS,
        reason=decision.reason,
        forced=step.asked.force,
        fingerprint=step.settings.fingerprint,
        version=release.version,
        release_key=document_key,
    )


def _skip(step: FetchStep, decision: Decision) -> FetchResult:
    """Write the record of a run that had nothing to do."""
    published = decision.published
    record = RunRecord(
        dataset=step.config.dataset,
        run_id=step.run_id,
        execution=step.attempt.execution,
        status=SKIPPED,
        reason=decision.reason,
        started_at=format_timestamp(parse_timestamp(step.attempt.started_at)),
        ended_at=format_timestamp(step.services.now()),
        redrive_count=step.attempt.redrive_count,
        forced=step.asked.force,
        version=published.version if published else None,
        source=published.source if published else None,
        fingerprint=step.settings.fingerprint,
    )
    write_record(step.services.storage, record)
    return FetchResult(
        dataset=record.dataset,
        run_id=record.run_id,
        decision=SKIP,
        reason=record.reason,
        forced=record.forced,
        fingerprint=step.settings.fingerprint,
        version=record.version,
    )

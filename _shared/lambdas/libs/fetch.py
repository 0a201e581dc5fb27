"""FetchAndHash: ask every source once, decide whether there is work, and lay it out in raw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import release_key
from _shared.contracts.manifest import Lease, Manifest, PublishedVersion
from _shared.contracts.release import ABSENT, UNCHANGED, Release
from _shared.contracts.run_record import SKIPPED, RunRecord, SourceOutcome
from _shared.contracts.workflow import PROCESS, SKIP, FetchRequest, FetchResult, PipelineInput
from _shared.lambdas.libs import lease, manifest
from _shared.lambdas.libs.addresses import addresses
from _shared.lambdas.libs.attempts import Attempt, attempt_of
from _shared.lambdas.libs.decisions import Decision, condition, decide
from _shared.lambdas.libs.fetch_sources import Answer, SourceRun, Wanted, ask, lay_out
from _shared.lambdas.libs.http_source import SourceClient
from _shared.lambdas.libs.inputs import parse_input
from _shared.lambdas.libs.licensed_source import LicensedClient
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.release_dates import release_version
from _shared.lambdas.libs.run_records import write_record
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.source_keys import read_key
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp, utc_now


@dataclass(frozen=True)
class FetchServices:
    """What the step talks to.

    Parameters
    ----------
    is_running
        Tells of an execution's ARN whether it still runs.
    now
        Current time, aware.
    key
        Gives the key of a licensed source by the name of its secret.
    """

    storage: LakeStorage
    source: SourceClient
    is_running: Callable[[str], bool]
    now: Callable[[], datetime] = utc_now
    key: Callable[[str], str] = field(default=read_key)


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
    def secret(self) -> str | None:
        """Name of the secret that the licensed sources need; a caller's address is never given a key."""
        return self.settings.source_secret if self.asked.source_url is None else None

    @property
    def urls(self) -> dict[str, str]:
        """Address of each source by name."""
        return addresses(self.config, self.asked.source_url, licensed=self.secret is not None)

    @cached_property
    def licensed(self) -> LicensedClient:
        """The client that has the key, read when it is first needed."""
        return LicensedClient.of(self.services.source, self.services.key(self.secret or ""))

    @property
    def sources(self) -> SourceRun:
        """What fetching needs to know of the run."""
        licensed = {source.licensed_url for source in self.config.sources} if self.secret else set()
        return SourceRun(
            self.config.dataset,
            self.run_id,
            self.attempt.started_at,
            self.services.storage,
            lambda url: self.licensed if url in licensed else self.services.source,
        )


def fetch_and_hash(
    request: FetchRequest, config: DatasetConfig, settings: FetchSettings, services: FetchServices
) -> FetchResult:
    """Take the lease, fetch the sources that changed, and unpack them.

    A failure leaves the lease as it is: a retry finds it its own, and RecordFailure gives it back.

    Raises
    ------
    TransientError, TerminalError
        One of :mod:`_shared.lambdas.libs.errors`, by name.
    """
    attempt = attempt_of(request.execution)
    asked = parse_input(request.execution.get("Input"), config, settings.rules)
    step = FetchStep(config, settings, services, attempt, asked)
    for url in step.urls.values():
        settings.rules.check(url)
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


def _busy(holder: Lease) -> str:
    return f"another run is in progress: {holder.owner} has held the lease since {holder.acquired_at}"


def _fetch(step: FetchStep, known: Manifest | None) -> FetchResult:
    fingerprint, force, urls = step.settings.fingerprint, step.asked.force, step.urls
    asked_about = condition(known, urls, fingerprint, force=force)
    states = asked_about.sources if asked_about else {}
    # Nothing becomes an object before every source has answered: together they tell whether there is work.
    with ExitStack() as uploads:
        answers = [
            ask(step.sources, Wanted(source, urls[source.name], states.get(source.name)), uploads)
            for source in step.config.sources
        ]
        seen = [answer.seen for answer in answers]
        decision = decide(known, seen, fingerprint, asked_about=asked_about, force=force)
        if not decision.process:
            for writer in (answer.writer for answer in answers if answer.writer):
                writer.abort()
            return _skip(step, decision)
    return _lay_out(step, answers, decision, known, asked_about)


def _lay_out(
    step: FetchStep,
    answers: Sequence[Answer],
    decision: Decision,
    known: Manifest | None,
    asked_about: PublishedVersion | None,
) -> FetchResult:
    """Unpack, then write the release document: its being there means that everything else is."""
    published_by = asked_about.run_id if asked_about else None
    sources = tuple(lay_out(step.sources, answer, published_by) for answer in answers)
    document_key = release_key(step.config.dataset, step.run_id)
    release = Release(
        dataset=step.config.dataset,
        run_id=step.run_id,
        version=release_version(step.config.sources, sources, step.attempt.started_at),
        started_at=format_timestamp(parse_timestamp(step.attempt.started_at)),
        sources=sources,
        previous=manifest.previous_version(known),
    )
    step.services.storage.put(document_key, encode_text(release).encode())
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
        sources=_outcomes(step.config, published) if published else (),
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


def _outcomes(config: DatasetConfig, published: PublishedVersion) -> tuple[SourceOutcome, ...]:
    states = {source.name: published.sources.get(source.name) for source in config.sources}
    return tuple(SourceOutcome(name, UNCHANGED if state else ABSENT, state) for name, state in states.items())

"""FetchAndHash: probe the sources, decide whether there is work, and store the files in raw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from _shared.contracts.codec import encode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import release_key
from _shared.contracts.manifest import Lease, Manifest, Publication
from _shared.contracts.release import Release
from _shared.contracts.workflow import PROCESS, REPAIR, SKIP, FetchRequest, FetchResult, PipelineInput
from _shared.lambdas.libs.aws.catalog import Catalog
from _shared.lambdas.libs.aws.secrets import read_key
from _shared.lambdas.libs.observability import log_run
from _shared.lambdas.libs.run import lease, manifest
from _shared.lambdas.libs.run.attempt import Attempt, attempt_of
from _shared.lambdas.libs.run.decision import Decision, condition, decide
from _shared.lambdas.libs.run.records import write_record
from _shared.lambdas.libs.run.skip import SkippedRun
from _shared.lambdas.libs.s3_io import LakeStorage
from _shared.lambdas.libs.settings import FetchSettings
from _shared.lambdas.libs.sink.wanted_tables import Declarations, differences
from _shared.lambdas.libs.source.base import SourceReader, SourceRun
from _shared.lambdas.libs.source.http.addresses import addresses
from _shared.lambdas.libs.source.http.client import SourceClient
from _shared.lambdas.libs.source.http.licensed import LicensedClient
from _shared.lambdas.libs.source.kinds import reader_of
from _shared.lambdas.libs.source.release_date import release_version
from _shared.lambdas.libs.steps.inputs import parse_input
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp, utc_now


@dataclass(frozen=True)
class FetchServices:
    """Services that the step uses.

    Parameters
    ----------
    is_running
        Returns whether the execution with an ARN is still running.
    catalog
        Data Catalog; before a run is skipped, it is compared with the manifest.
    now
        Returns the current time, timezone-aware.
    key
        Returns the key of a licensed source by the name of its secret.
    """

    storage: LakeStorage
    source: SourceClient
    is_running: Callable[[str], bool]
    catalog: Catalog
    now: Callable[[], datetime] = utc_now
    key: Callable[[str], str] = field(default=read_key)


@dataclass(frozen=True)
class FetchStep:
    """One call of the step, with configuration, services, attempt and input."""

    config: DatasetConfig
    settings: FetchSettings
    services: FetchServices
    attempt: Attempt
    asked: PipelineInput

    @property
    def run_id(self) -> str:
        """Id of the run."""
        return self.attempt.run_id

    @property
    def secret(self) -> str | None:
        """Name of the secret for licensed URLs; ``None`` with a ``source_url``, which never gets a key."""
        return self.settings.source_secret if self.asked.source_url is None else None

    @property
    def urls(self) -> dict[str, str]:
        """URL of each source by name."""
        return addresses(self.config, self.asked.source_url, licensed=self.secret is not None)

    @cached_property
    def licensed(self) -> LicensedClient:
        """HTTP client with the key. The key is read on first use."""
        return LicensedClient.of(self.services.source, self.services.key(self.secret or ""))

    @property
    def sources(self) -> SourceRun:
        """Context for the source readers."""
        licensed = {source.licensed_url for source in self.config.sources} if self.secret else set()
        return SourceRun(
            self.config.dataset,
            self.run_id,
            self.attempt.started_at,
            self.services.storage,
            self.urls,
            lambda url: self.licensed if url in licensed else self.services.source,
        )


def fetch_and_hash(
    request: FetchRequest, config: DatasetConfig, settings: FetchSettings, services: FetchServices
) -> FetchResult:
    """Acquire the lease, fetch the changed sources, and unpack them.

    After a failure the lease stays acquired: a retry has the same owner, and RecordFailure releases it.

    Raises
    ------
    TransientError, TerminalError
        Errors of :mod:`_shared.contracts.errors`.
    """
    attempt = attempt_of(request.execution)
    asked = parse_input(request.execution.get("Input"), config, settings.rules)
    step = FetchStep(config, settings, services, attempt, asked)
    for url in step.urls.values():
        settings.rules.check(url)
    logger = log_run(config.dataset, step.run_id)
    claim = lease.LeaseClaim(config.dataset, attempt.execution, services.now(), settings.lease_seconds)
    acquired = lease.acquire(services.storage, claim, services.is_running)
    if acquired.holder is not None:
        result = _skip(step, Decision(process=False, reason=_busy(acquired.holder)))
    else:
        result = _fetch(step, manifest.load(services.storage, config.dataset).manifest)
        if result.decision == SKIP:
            lease.give_back(services.storage, config.dataset, acquired)
    logger.info(result.reason, decision=result.decision, version=result.version)
    return result


def _busy(holder: Lease) -> str:
    return f"another run is in progress: {holder.owner} has held the lease since {holder.acquired_at}"


def _fetch(step: FetchStep, known: Manifest | None) -> FetchResult:
    fingerprint, force, urls = step.settings.fingerprint, step.asked.force, step.urls
    asked_about = condition(known, urls, fingerprint, force=force)
    states = asked_about.sources if asked_about else {}
    readers = [reader_of(step.sources, source) for source in step.config.sources]
    # Downloads are stored only after all sources were probed, because the decision depends on all of them.
    with ExitStack() as open_readers:
        for reader in readers:
            open_readers.enter_context(reader)
        found = [
            reader.probe(states.get(source.name)) for source, reader in zip(step.config.sources, readers, strict=True)
        ]
        decision = decide(known, found, fingerprint, asked_about=asked_about, force=force)
        if not decision.process:
            for reader in readers:
                reader.discard()
            return _skip(step, decision, known)
    return _lay_out(step, readers, decision, known, asked_about)


def _lay_out(
    step: FetchStep,
    readers: Sequence[SourceReader],
    decision: Decision,
    known: Manifest | None,
    asked_about: Publication | None,
) -> FetchResult:
    """Fetch the files, then write the release document. If the document exists, all files are complete."""
    published_by = asked_about.run_id if asked_about else None
    sources = tuple(reader.fetch(published_by) for reader in readers)
    document_key = release_key(step.config.dataset, step.run_id)
    version = release_version(step.config.sources, sources, step.attempt.started_at)
    release = Release(
        dataset=step.config.dataset,
        run_id=step.run_id,
        version=version,
        started_at=format_timestamp(parse_timestamp(step.attempt.started_at)),
        sources=sources,
        previous=manifest.previous_version(known, version, step.run_id),
        earlier_runs=manifest.earlier_runs(known, version),
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


def _skip(step: FetchStep, decision: Decision, known: Manifest | None = None) -> FetchResult:
    """Return the result of a run without work. Its record is written here, or after a repair by RepairCatalog.

    Parameters
    ----------
    known
        Manifest to compare the catalog with; ``None`` while another run, which may change the catalog, is in progress.
    """
    published = decision.published
    differing = _catalog_differences(step, known) if known is not None else ()
    result = FetchResult(
        dataset=step.config.dataset,
        run_id=step.run_id,
        decision=REPAIR if differing else SKIP,
        reason=decision.reason,
        forced=step.asked.force,
        fingerprint=step.settings.fingerprint,
        version=published.version if published else None,
        differences=differing,
        published_run=published.run_id if published else None,
    )
    if result.decision == SKIP:
        ended_at = format_timestamp(step.services.now())
        write_record(step.services.storage, SkippedRun(step.config, step.attempt, result, published, ended_at).record())
    return result


def _catalog_differences(step: FetchStep, known: Manifest) -> tuple[str, ...]:
    declared = Declarations(step.config.silver_tables, step.settings.fingerprint)
    return differences(known, declared, step.services.catalog.tables())

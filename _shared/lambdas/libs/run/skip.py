"""The record of a run that found nothing to process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.manifest import Publication
from _shared.contracts.release import ABSENT, UNCHANGED, FetchedSource
from _shared.contracts.run_record import SKIPPED, RunRecord, StepRun
from _shared.contracts.workflow import FetchResult
from _shared.lambdas.libs.run.attempt import Attempt
from _shared.lambdas.libs.run.step_runs import FETCH
from _shared.lambdas.libs.time_utils import format_timestamp, parse_timestamp


@dataclass(frozen=True)
class SkippedRun:
    """A run that found nothing to process.

    Parameters
    ----------
    published
        The publication with the same content; ``None`` if the sources were not probed.
    ended_at
        ISO 8601 UTC.
    """

    config: DatasetConfig
    attempt: Attempt
    fetched: FetchResult
    published: Publication | None
    ended_at: str

    def record(self) -> RunRecord:
        """Return the run record. If the catalog was repaired, the reason lists the differences."""
        fetched = self.fetched
        repaired = f"; the catalog was repaired: {'; '.join(fetched.differences)}" if fetched.differences else ""
        return RunRecord(
            dataset=fetched.dataset,
            run_id=fetched.run_id,
            execution=self.attempt.execution,
            status=SKIPPED,
            reason=f"{fetched.reason}{repaired}",
            started_at=format_timestamp(parse_timestamp(self.attempt.started_at)),
            ended_at=self.ended_at,
            redrive_count=self.attempt.redrive_count,
            forced=fetched.forced,
            version=fetched.version,
            sources=self._sources(),
            fingerprint=fetched.fingerprint,
            repaired=fetched.differences,
            steps=(StepRun(FETCH, format_timestamp(self._began()), self.ended_at),),
        )

    def _began(self) -> datetime:
        return self.attempt.redriven_at or parse_timestamp(self.attempt.started_at)

    def _sources(self) -> tuple[FetchedSource, ...]:
        if self.published is None:
            return ()
        states = {source.name: self.published.sources.get(source.name) for source in self.config.sources}
        return tuple(FetchedSource(name, UNCHANGED if state else ABSENT, state) for name, state in states.items())

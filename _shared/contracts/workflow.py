"""What the state machine and its Lambdas say to each other.

======================  ==========================================================================
state data              written by
======================  ==========================================================================
``$``                   the caller: :class:`PipelineInput`; an input that is refused stands under ``$.input``
``$.fetch``             FetchAndHash: :class:`FetchResult`
``$.bronze``            BronzeJob: ``{"JobRunId": ...}``
``$.crawl``             the crawl loop: ``{"polls": n, "status": {"Crawler": ...}}``
``$.silver``            SilverJob: ``{"JobRunId": ...}``
``$.published``         UpdateManifest: :class:`PublishResult`
``$.failed.<State>``    the Catch of that state: ``{"Error": ..., "Cause": ...}``
``$.failure``           RecordFailure: :class:`FailureNotice`
``$.notified``          NotifyFailure: what SNS answered
``$.dead_letter``       DeadLetter: what SQS answered
======================  ==========================================================================
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROCESS = "process"
SKIP = "skip"

PUBLISH = "publish"
RECORD_FAILURE = "record_failure"


@dataclass(frozen=True)
class PipelineInput:
    """What a user gives to ``start-execution``, and, less ``dataset``, to the trigger function.

    Parameters
    ----------
    dataset
        Must be the dataset of the state machine.
    source_url
        Fetch this release instead of the configured one: https, on an allowed host.
    force
        Process even if nothing changed.
    """

    dataset: str
    source_url: str | None = None
    force: bool = False


@dataclass(frozen=True)
class FetchRequest:
    """Payload of the FetchAndHash function, which checks the caller's input itself, whatever its shape."""

    input: Any
    execution: str
    started_at: str


@dataclass(frozen=True)
class FetchResult:
    """Output of the FetchAndHash function.

    Parameters
    ----------
    decision
        ``process`` or ``skip``.
    reason
        Why, in one sentence: shown to users.
    release_key
        S3 key of the Release document; ``None`` when skipped.
    fingerprint
        Hash of the transform code and dataset configuration that are deployed.
    """

    dataset: str
    run_id: str
    decision: str
    reason: str
    forced: bool
    fingerprint: str
    version: str | None = None
    release_key: str | None = None


@dataclass(frozen=True)
class UpdateRequest:
    """Payload of the UpdateManifest function.

    Parameters
    ----------
    action
        ``publish`` or ``record_failure``.
    state
        The whole state data, from which the function takes what it needs.
    """

    action: str
    execution: str
    started_at: str
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishResult:
    """Output of a publication: what ``describe-execution`` shows at the end."""

    dataset: str
    run_id: str
    version: str
    published_as: str
    rows: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FailureNotice:
    """What the alert says; ``subject`` is at most 100 ASCII characters (SNS)."""

    subject: str
    message: str
    step: str
    error: str
    cause: str

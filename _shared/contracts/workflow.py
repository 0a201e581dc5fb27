"""Documents that the state machine and its Lambda functions exchange.

======================  ==========================================================================
state data              written by
======================  ==========================================================================
``$``                   the caller: :class:`PipelineInput`
``$.fetch``             FetchAndHash: :class:`FetchResult`
``$.bronze``            BronzeJob: ``{"JobRunId": ...}``; after a failure ``{"Error": ..., "Cause": ...}``
``$.crawl``             CrawlBronze: :class:`CrawlResult`
``$.crawler``           CrawlBronze, while it waits: the answer of Glue's GetCrawler
``$.silver``            SilverJob: like ``$.bronze``
``$.retry``             BronzeJob and SilverJob, after a failure: :class:`RetryResult`
``$.published``         UpdateManifest or RepairCatalog: :class:`PublishResult`
======================  ==========================================================================

======================  ==========================================================================
function                payload
======================  ==========================================================================
FetchAndHash            ``{"execution.$": "$$.Execution"}``: :class:`FetchRequest`
CrawlBronze             ``{"execution.$": "$$.Execution", "run_id.$": "$.fetch.run_id"}``: :class:`CrawlRequest`
RetryJob                ``{"execution.$": "$$.Execution", "state.$": "$", "layer": ...}``: :class:`RetryRequest`
UpdateManifest          ``{"execution.$": "$$.Execution", "state.$": "$"}``: :class:`UpdateRequest`; the state
                        RepairCatalog also calls it
RecordFailure           the event ``Step Functions Execution Status Change`` of EventBridge
======================  ==========================================================================

The whole ``$$.Execution`` is passed because ``RedriveTime`` is missing in a first attempt, and a path to a missing
key fails the execution. ``$$.Execution`` also contains the input.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROCESS = "process"
SKIP = "skip"
REPAIR = "repair"
"""There is nothing to process, but the catalog differs from the manifest."""


@dataclass(frozen=True)
class PipelineInput:
    """Input of ``start-execution``. The trigger function takes the same keys, with ``dataset`` optional.

    Parameters
    ----------
    dataset
        Dataset of the state machine.
    source_url
        URL to fetch instead of the configured one: https, on an allowed host.
    force
        Whether to process even if nothing has changed.
    """

    dataset: str
    source_url: str | None = None
    force: bool = False


@dataclass(frozen=True)
class FetchRequest:
    """Payload of the FetchAndHash function, which validates the input of the execution.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    """

    execution: dict[str, Any]


@dataclass(frozen=True)
class FetchResult:
    """Output of the FetchAndHash function.

    Parameters
    ----------
    decision
        ``process``, ``skip`` or ``repair``.
    reason
        Reason for the decision in one sentence, shown to users.
    differences
        For ``repair``: differences between catalog and manifest, one phrase for each table.
    published_run
        For ``skip`` and ``repair``: the run that published this content.
    release_key
        S3 key of the release document; ``None`` unless the decision is ``process``.
    fingerprint
        Hash of the deployed transform code and dataset configuration.
    """

    dataset: str
    run_id: str
    decision: str
    reason: str
    forced: bool
    fingerprint: str
    version: str | None = None
    release_key: str | None = None
    differences: tuple[str, ...] = ()
    published_run: str | None = None


CRAWLED, REGISTERED, CRAWLING = "CRAWLED", "REGISTERED", "CRAWLING"

LONGEST_CRAWL_SECONDS = 1800
"""After this time a crawl fails the step."""


@dataclass(frozen=True)
class CrawlRequest:
    """Payload of the CrawlBronze function.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    run_id
        The run whose bronze tables the crawler registers.
    """

    execution: dict[str, Any]
    run_id: str


@dataclass(frozen=True)
class CrawlResult:
    """Output of the CrawlBronze function: how the run's bronze tables were registered.

    Parameters
    ----------
    how
        ``CRAWLED``, or ``REGISTERED`` if the catalog had the tables with the columns of the run's files; ``CRAWLING``
        while the crawler is running: call the function again when it is ready.
    started_at
        When the crawl started, ISO 8601 UTC; ``None`` without a crawl.
    """

    how: str
    started_at: str | None = None


@dataclass(frozen=True)
class RetryRequest:
    """Payload of the RetryJob function, which is called after a job failed.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    state
        The whole state data. The failure is under the layer's name.
    layer
        Layer of the job.
    """

    execution: dict[str, Any]
    state: dict[str, Any]
    layer: str


@dataclass(frozen=True)
class RetryResult:
    """Output of the RetryJob function: the job is repeated.

    Parameters
    ----------
    attempts
        Repetitions of the job because of failures of Glue, this one included.
    seconds
        Time to wait first.
    redrives
        Redrive count of the execution for which the job was last repeated.
    """

    layer: str
    attempts: int
    seconds: int
    redrives: int


@dataclass(frozen=True)
class UpdateRequest:
    """Payload of the UpdateManifest function.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    state
        The whole state data.
    """

    execution: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishResult:
    """Output of the execution after a publication or a repair.

    Parameters
    ----------
    published_as
        Status of the run's publication, see :mod:`_shared.contracts.publications`; ``repaired`` if the run published
        nothing and repaired the catalog.
    """

    dataset: str
    run_id: str
    version: str
    published_as: str
    rows: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)

"""What the state machine and its Lambdas say to each other.

======================  ==========================================================================
state data              written by
======================  ==========================================================================
``$``                   the caller: :class:`PipelineInput`
``$.fetch``             FetchAndHash: :class:`FetchResult`
``$.bronze``            BronzeJob: ``{"JobRunId": ...}``
``$.crawl``             CrawlBronze: :class:`CrawlResult`
``$.silver``            SilverJob: ``{"JobRunId": ...}``
``$.published``         UpdateManifest or RepairCatalog: :class:`PublishResult`
======================  ==========================================================================

======================  ==========================================================================
function                payload
======================  ==========================================================================
FetchAndHash            ``{"execution.$": "$$.Execution"}``: :class:`FetchRequest`
CrawlBronze             ``{"execution.$": "$$.Execution", "run_id.$": "$.fetch.run_id"}``: :class:`CrawlRequest`
UpdateManifest          ``{"execution.$": "$$.Execution", "state.$": "$"}``: :class:`UpdateRequest`; the state
                        RepairCatalog calls it, too
RecordFailure           the event ``Step Functions Execution Status Change`` of EventBridge
======================  ==========================================================================

``$$.Execution`` is passed whole because Step Functions leaves ``RedriveTime`` out of a first attempt, and a
path to what is not there would fail the execution. It has the caller's input, too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PROCESS = "process"
SKIP = "skip"
REPAIR = "repair"
"""There is nothing to process, and the catalog is not as the manifest says."""


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
    """Payload of the FetchAndHash function, which checks the caller's input itself, whatever its shape.

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
        Why, in one sentence: shown to users.
    differences
        Where the catalog is to be repaired: what differs from the manifest, one phrase for each table.
    published_run
        Where there is nothing to process: the run that has published this content.
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
    differences: tuple[str, ...] = ()
    published_run: str | None = None


@dataclass(frozen=True)
class CrawlRequest:
    """Payload of the CrawlBronze function.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    run_id
        The run whose bronze tables are to be registered.
    """

    execution: dict[str, Any]
    run_id: str


@dataclass(frozen=True)
class CrawlResult:
    """Output of the CrawlBronze function: the crawl that registered the run's bronze tables.

    Parameters
    ----------
    crawler
        Name of the crawler.
    started_at
        When the crawl started, ISO 8601 UTC.
    """

    crawler: str
    started_at: str


@dataclass(frozen=True)
class UpdateRequest:
    """Payload of the UpdateManifest function.

    Parameters
    ----------
    execution
        ``$$.Execution``.
    state
        The whole state data, from which the function takes what it needs.
    """

    execution: dict[str, Any]
    state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PublishResult:
    """Output of a publication or a repair: what ``describe-execution`` shows at the end.

    Parameters
    ----------
    published_as
        How readers see the run's publication: as of :mod:`_shared.contracts.publications`; ``repaired`` where the
        run published nothing and repaired the catalog.
    """

    dataset: str
    run_id: str
    version: str
    published_as: str
    rows: dict[str, int] = field(default_factory=dict)
    locations: dict[str, str] = field(default_factory=dict)

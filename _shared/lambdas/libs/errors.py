"""Every error of the Lambda functions, by name.

The parent says what the state machine does with it: it retries a
:class:`~_shared.contracts.errors.TransientError` and gives up on a
:class:`~_shared.contracts.errors.TerminalError`.
"""

from __future__ import annotations

from _shared.contracts.errors import TerminalError, TransientError

# --- may succeed later -------------------------------------------------------------------------


class SourceUnavailableError(TransientError):
    """The source's server failed, throttled or did not answer, again after every retry."""


class SourceKeyBusyError(TransientError):
    """Secrets Manager throttled, failed or could not be reached."""


class TruncatedDownloadError(TransientError):
    """The source's server kept ending the body before its announced length."""


class SlowDownloadError(TransientError):
    """The source's file has not come whole in the time that the dataset gives it."""


class StorageThrottledError(TransientError):
    """S3 throttled, failed or could not be reached."""


class CatalogBusyError(TransientError):
    """Glue, or its Data Catalog, throttled, failed or was changed by somebody else at the same moment."""


class CrawlRunningError(TransientError):
    """The crawl that registers the run's bronze tables has not ended yet."""


class WorkflowBusyError(TransientError):
    """Step Functions throttled, failed or could not be reached."""


class ManifestConflictError(TransientError):
    """The manifest was changed between our reading and our writing of it."""


class LeaseHeldError(TransientError):
    """Another execution holds the dataset's lease at the moment of publication."""


class LeaseLostError(TransientError):
    """The lease was taken or given back by somebody else while its holder was publishing."""


class AlertBusyError(TransientError):
    """SNS throttled, failed or could not be reached."""


# --- the source ---------------------------------------------------------------------------------


class DisallowedSourceError(TerminalError):
    """The source's address, or one it redirects to, has a scheme or host that is not allowed."""


class SourceNotFoundError(TerminalError):
    """The source's server says that there is no such file (404, 410)."""


class SourceForbiddenError(TerminalError):
    """The source's server refuses access (401, 403)."""


class SourceRejectedError(TerminalError):
    """The source's server gave an answer that no retry changes: another 4xx, endless redirects, or one to nowhere."""


class SourceKeyRejectedError(TerminalError):
    """The key of a licensed source is not there, may not be read, or is none."""


class UnexpectedContentError(TerminalError):
    """The source's server sent something else than the expected file, such as an HTML page."""


class SourceTooLargeError(TerminalError):
    """The source's file has, or declares, more bytes than the dataset allows."""


class EmptySourceError(TerminalError):
    """The source, or a file in it, has no bytes."""


# --- the archive --------------------------------------------------------------------------------


class CorruptArchiveError(TerminalError):
    """The archive is damaged: cut off, unreadable, or its checksum does not match."""


class HostileArchiveError(TerminalError):
    """The archive tries to do harm: escaping names, links, encryption, duplicates, or a bomb."""


class MissingMemberError(TerminalError):
    """No file in the archive matches the pattern of a configured member."""


class AmbiguousMemberError(TerminalError):
    """More than one file in the archive matches where exactly one must."""


class UndecodableMemberError(TerminalError):
    """A file is in none of the accepted encodings."""


# --- the caller and the deployment --------------------------------------------------------------


class InvalidInputError(TerminalError):
    """The caller's input has an unknown key, a wrong type or a wrong value."""


class SettingsError(TerminalError):
    """An environment variable of the function is missing or has a mistake."""


class StorageRejectedError(TerminalError):
    """S3 refused the request, for example because a permission is missing."""


class CatalogRejectedError(TerminalError):
    """Glue, or its Data Catalog, refused the request, for example because a permission is missing."""


class WorkflowRejectedError(TerminalError):
    """Step Functions refused the request, for example because a permission is missing."""


class AlertRejectedError(TerminalError):
    """SNS refused the alert, for example because a permission is missing."""


# --- the crawl ----------------------------------------------------------------------------------


class CrawlFailedError(TerminalError):
    """The crawl that registers the run's bronze tables failed or was cancelled."""


# --- the publication ----------------------------------------------------------------------------


class ReleaseMissingError(TerminalError):
    """The document that tells what the run fetched is not there."""


class JobReportMissingError(TerminalError):
    """A job left no report, or its report leaves a table out."""


class JobReportMismatchError(TerminalError):
    """A job's report belongs to another run, or names a place the run does not write to."""


class RowsUnaccountedError(TerminalError):
    """Rows that came in are neither published nor duplicates nor quarantined."""


class EmptyTableError(TerminalError):
    """A table to publish has no rows."""


class QualityChecksMissingError(TerminalError):
    """A table to publish was not checked at all."""


class QualityCheckFailedError(TerminalError):
    """A check that must hold before publication did not."""


class SupersededRunError(TerminalError):
    """A later run has already published the same version."""

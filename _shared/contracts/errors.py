"""All errors of the Lambda functions and the Glue jobs.

The class names are part of the contract: AWS Lambda reports the name as ``errorType``, and the state machine's
``Retry`` and ``Catch`` match on it. Subclasses of :class:`TransientError` are retried, subclasses of
:class:`TerminalError` are not.
"""

from __future__ import annotations

from _shared.contracts.messages import LONGEST_MESSAGE, LONGEST_REMEDY, shortened


class MedallionError(Exception):
    """Base class: an error that states what was wrong, where, and what to do.

    The message is limited to 2,000 characters; a longer one is shortened in the middle.

    Parameters
    ----------
    what
        What was wrong and where: dataset, file, column, line, value.
    remedy
        What the reader can do about it. Empty if only waiting helps.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.remedy = shortened(remedy, LONGEST_REMEDY)
        after = f"; {self.remedy}" if remedy else ""
        self.what = shortened(what, LONGEST_MESSAGE - len(after))
        super().__init__(f"{self.what}{after}")

    def __reduce__(self) -> tuple[type[MedallionError], tuple[str, str]]:
        """Pickle the constructor arguments, so that the error can pass between Spark's processes."""
        return type(self), (self.what, self.remedy)


class TransientError(MedallionError):
    """The operation may succeed later; the state machine retries it."""


class TerminalError(MedallionError):
    """The operation fails again until the cause is fixed; the state machine does not retry it."""


class ContractError(TerminalError):
    """A JSON document does not match its contract."""


# --- transient errors --------------------------------------------------------------------------


class SourceUnavailableError(TransientError):
    """The source's server failed, throttled or did not respond, on every attempt."""


class SourceKeyBusyError(TransientError):
    """Secrets Manager throttled, failed or could not be reached."""


class TruncatedDownloadError(TransientError):
    """The response body ended before its declared length on every attempt."""


class SlowDownloadError(TransientError):
    """The download exceeded ``max_seconds`` of the source."""


class StorageThrottledError(TransientError):
    """S3 throttled, failed or could not be reached."""


class CatalogBusyError(TransientError):
    """Glue or its Data Catalog throttled, failed, or reported a concurrent change."""


class WorkflowBusyError(TransientError):
    """Step Functions throttled, failed or could not be reached."""


class ManifestConflictError(TransientError):
    """Another writer changed the manifest between this run's read and write."""


class LeaseHeldError(TransientError):
    """Another execution holds the dataset's lease, so this run cannot publish."""


class LeaseLostError(TransientError):
    """The lease was acquired or released by another process during publication."""


class AlertBusyError(TransientError):
    """SNS throttled, failed or could not be reached."""


# --- the source ---------------------------------------------------------------------------------


class DisallowedSourceError(TerminalError):
    """The source's URL or a redirect target has a scheme or host that is not allowed."""


class SourceNotFoundError(TerminalError):
    """The source's server reports that the file does not exist (404, 410)."""


class SourceForbiddenError(TerminalError):
    """The source's server denies access (401, 403)."""


class SourceRejectedError(TerminalError):
    """The source's server sent another 4xx, too many redirects, or a redirect to a missing file: a retry is useless."""


class UnsupportedSourceError(TerminalError):
    """The kind or the packing of a source is not implemented."""


class SourceKeyRejectedError(TerminalError):
    """The key of a licensed source is missing, not readable, or malformed."""


class UnexpectedContentError(TerminalError):
    """The source's server sent unexpected content, such as an HTML page."""


class SourceTooLargeError(TerminalError):
    """The size of the source file, declared or received, exceeds ``max_megabytes``."""


class EmptySourceError(TerminalError):
    """The source or a file in it has zero bytes."""


# --- the archive --------------------------------------------------------------------------------


class CorruptArchiveError(TerminalError):
    """The archive is damaged: truncated, unreadable, or with a checksum mismatch."""


class HostileArchiveError(TerminalError):
    """The archive is unsafe: path traversal, links, encryption, duplicate names, or a decompression bomb."""


class MissingMemberError(TerminalError):
    """The number of files for a declared table is wrong: none, or several without ``many``."""


class AmbiguousMemberError(TerminalError):
    """Several files in the archive match a pattern that must match exactly one."""


class UndecodableMemberError(TerminalError):
    """None of the accepted encodings can decode the file."""


# --- the input and the deployment ---------------------------------------------------------------


class InvalidInputError(TerminalError):
    """The input has an unknown key, a wrong type or a wrong value."""


class SettingsError(TerminalError):
    """An environment variable of the function is missing or invalid."""


class StorageRejectedError(TerminalError):
    """S3 rejected the request, for example because a permission is missing."""


class CatalogRejectedError(TerminalError):
    """Glue or its Data Catalog rejected the request, for example because a permission is missing."""


class WorkflowRejectedError(TerminalError):
    """Step Functions rejected the request, for example because a permission is missing."""


class AlertRejectedError(TerminalError):
    """SNS rejected the alert, for example because a permission is missing."""


# --- the crawl ----------------------------------------------------------------------------------


class JobFailedError(TerminalError):
    """A Glue job failed, and is not repeated."""


class CrawlFailedError(TerminalError):
    """The crawl that registers the run's bronze tables failed or was cancelled."""


class SlowCrawlError(TerminalError):
    """A crawl has been running for longer than a run waits for it."""


# --- the publication ----------------------------------------------------------------------------


class ReleaseMissingError(TerminalError):
    """The release document of the run does not exist."""


class JobReportMissingError(TerminalError):
    """A job wrote no report, or its report omits a table."""


class JobReportMismatchError(TerminalError):
    """A job's report belongs to another run or names an unexpected location."""


class RowsUnaccountedError(TerminalError):
    """The row equation does not balance: input rows are unaccounted for, or the number of output rows is wrong."""


class EmptyTableError(TerminalError):
    """A table to publish has no rows."""


class QualityChecksMissingError(TerminalError):
    """A table to publish has no quality check results."""


class QualityCheckFailedError(TerminalError):
    """A quality check failed, so the release is not published."""


class ManifestMissingError(TerminalError):
    """The manifest of a dataset that has publications does not exist."""


# --- the jobs -----------------------------------------------------------------------------------


class ObjectMissingError(TerminalError):
    """An object that an earlier step should have written does not exist."""


class EmptyMemberError(TerminalError):
    """A source file has zero bytes, or a header and no rows."""


class TruncatedMemberError(TerminalError):
    """A source file ends in the middle of a record and is not verified to be complete."""


class UnsupportedFormatError(TerminalError):
    """The bronze job has no reader for the format of a source file."""


class UnsupportedEncodingError(TerminalError):
    """A source file's encoding is not ASCII-compatible, so lines cannot be split in the bytes."""


class SchemaDriftError(TerminalError):
    """A source file's header, or without a header its number of fields, differs from the declared columns."""


class SchemaMismatchError(TerminalError):
    """A transform's output does not match the declared table."""


class PersonalKeyMissingError(TerminalError):
    """A column is to be hashed, and the job was given no key."""


class UnknownLayerError(TerminalError):
    """The layer given to a job does not exist."""


def transient_error_names() -> tuple[str, ...]:
    """Names of the errors that the state machine retries."""
    return tuple(sorted(error.__name__ for error in TransientError.__subclasses__()))

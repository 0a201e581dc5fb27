"""Every error of the functions and the jobs, by name.

A class name is part of the contract: AWS Lambda reports it as ``errorType`` and the state machine's
``Retry`` and ``Catch`` match on it. Subclasses of :class:`TransientError` are retried, subclasses of
:class:`TerminalError` are not.
"""

from __future__ import annotations

from _shared.contracts.messages import LONGEST_MESSAGE, LONGEST_REMEDY, shortened


class MedallionError(Exception):
    """An error of the platform that names what was wrong, where, and what to do.

    Its message stays under 2,000 characters, whatever the source wrote: a longer one is shortened in the middle.

    Parameters
    ----------
    what
        What was wrong, and where: dataset, file, column, line, value.
    remedy
        What the reader can do about it. Empty where nothing but waiting helps.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.remedy = shortened(remedy, LONGEST_REMEDY)
        after = f"; {self.remedy}" if remedy else ""
        self.what = shortened(what, LONGEST_MESSAGE - len(after))
        super().__init__(f"{self.what}{after}")

    def __reduce__(self) -> tuple[type[MedallionError], tuple[str, str]]:
        """Pickle by constructor arguments, so that errors survive Spark's worker boundary."""
        return type(self), (self.what, self.remedy)


class TransientError(MedallionError):
    """The same request may succeed later; the state machine retries it."""


class TerminalError(MedallionError):
    """The same request fails again until somebody changes something."""


class ContractError(TerminalError):
    """A JSON document does not have the shape its contract declares."""


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


class UnsupportedSourceError(TerminalError):
    """A source is of a kind, or packed in a way, that is not built."""


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
    """A table that the dataset declares has no file, or more than one where one is declared."""


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
    """Rows that came in are not kept, duplicate, quarantined or left out, or rows that go out are due to none."""


class EmptyTableError(TerminalError):
    """A table to publish has no rows."""


class QualityChecksMissingError(TerminalError):
    """A table to publish was not checked at all."""


class QualityCheckFailedError(TerminalError):
    """A check that must hold before publication did not."""


class ManifestMissingError(TerminalError):
    """The manifest of a dataset that has published is not there."""


# --- the jobs -----------------------------------------------------------------------------------


class ObjectMissingError(TerminalError):
    """A document or file that an earlier step should have written is not in the lake."""


class EmptyMemberError(TerminalError):
    """A source file has no bytes, or a header and no rows."""


class TruncatedMemberError(TerminalError):
    """A source file ends in the middle of a record, and nothing tells that it was written so."""


class UnsupportedFormatError(TerminalError):
    """A source file has a format that bronze has no reader for."""


class UnsupportedEncodingError(TerminalError):
    """A source file's encoding does not write line feed and delimiter as ASCII does."""


class SchemaDriftError(TerminalError):
    """A source file's header, or where it has none the number of its fields, is not the one the dataset declares."""


class SchemaMismatchError(TerminalError):
    """A transform's output is not the table the dataset declares."""


class UnknownLayerError(TerminalError):
    """A job was asked for a layer that there is not."""


def transient_error_names() -> tuple[str, ...]:
    """Names that the state machine retries: of every transient error but the crawl's, which has its own retrier."""
    return tuple(sorted(error.__name__ for error in TransientError.__subclasses__() if error is not CrawlRunningError))

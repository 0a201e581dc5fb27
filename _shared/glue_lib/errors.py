"""Errors that stop a Bronze or Silver job. None of them goes away by trying again."""

from __future__ import annotations

from _shared.contracts.errors import TerminalError


class ObjectMissingError(TerminalError):
    """A document or file that an earlier step should have written is not in the lake."""


class MissingMemberError(TerminalError):
    """The release has no file for a table that the dataset declares, or more than one."""


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


class RowsUnaccountedError(TerminalError):
    """Rows in are not rows kept + duplicates + quarantined + left out, or rows out not those due to the kept ones."""


class QualityCheckFailedError(TerminalError):
    """A quality check failed; what was written stays unpublished."""


class UnknownLayerError(TerminalError):
    """A job was asked for a layer that there is not."""

"""Split a record of a delimited file into fields, or find the reason why it is malformed.

A record is well-formed if it has as many fields as there are columns, and if every field is either unquoted (it does
not start with the quote character) or quoted as a whole, with inner quotes doubled (RFC 4180). A record with bytes
that are invalid in the file's encoding is malformed.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.contracts.source import ParseContract
from _shared.glue_lib.columns.text import null_if_empty
from _shared.glue_lib.io import IS_UNDECODABLE

TOO_FEW_FIELDS = "TOO_FEW_FIELDS"
TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
BAD_QUOTING = "BAD_QUOTING"
UNDECODABLE = "UNDECODABLE"

RECORD = "record"
MALFORMED = "meta_malformed"
RAW_LINE = "meta_raw_line"
_FIELDS = "fields"


@dataclass(frozen=True)
class RecordReader:
    """Splits records of one file into columns.

    Parameters
    ----------
    parse
        Delimiter and quote character.
    columns
        Column names in file order.
    """

    parse: ParseContract
    columns: tuple[str, ...]

    def malformed(self, record: Column, fields: Column) -> Column:
        """Reason why a record is malformed, null if it is well-formed."""
        bad_quoting = self._quoted(record) & (F.array_join(fields, self.parse.delimiter) != record)
        expected = len(self.columns) + self.parse.trailing_delimiter
        judged = (
            F.when(bad_quoting, BAD_QUOTING)
            .when(F.size(fields) < expected, TOO_FEW_FIELDS)
            .when(F.size(fields) > expected, TOO_MANY_FIELDS)
        )
        if not self.parse.trailing_delimiter:
            return judged
        return judged.when(F.get(fields, F.lit(len(self.columns))) != "", TOO_MANY_FIELDS)

    def fields(self, record: Column) -> Column:
        """Fields of a record, including their quotes.

        Joined with the delimiter, the fields equal the record. If the quoting is broken they do not, because the
        pattern skips characters that belong to no field.
        """
        plain = F.split(record, _simple_pattern(self.parse.delimiter), -1)
        if not self.parse.quote:
            return plain
        # The leading delimiter prevents empty matches, after which Java's search skips a character.
        delimited = F.concat(F.lit(self.parse.delimiter), record)
        quoted = F.regexp_extract_all(delimited, F.lit(f"{_pattern(self.parse.delimiter)}({self._field()})"), F.lit(1))
        return F.when(self._quoted(record), quoted).otherwise(plain)

    def read(self, records: DataFrame) -> DataFrame:
        """Replace ``record`` and ``is_undecodable`` with the file's columns, ``meta_malformed`` and ``meta_raw_line``.

        The columns of a malformed record are null; ``meta_raw_line`` has its text. An empty field becomes null.
        """
        others = [name for name in records.columns if name not in {RECORD, IS_UNDECODABLE}]
        split = records.withColumn(_FIELDS, self.fields(F.col(RECORD)))
        malformed = self.malformed(F.col(RECORD), F.col(_FIELDS))
        judged = split.withColumn(MALFORMED, F.when(F.col(IS_UNDECODABLE), UNDECODABLE).otherwise(malformed))
        conforming = F.col(MALFORMED).isNull()
        read = judged.withColumn(_FIELDS, F.when(conforming, self._values(F.col(RECORD), F.col(_FIELDS))))
        values = [
            null_if_empty(F.get(F.col(_FIELDS), F.lit(position))).alias(name)
            for position, name in enumerate(self.columns)
        ]
        raw_line = F.when(~conforming, F.col(RECORD)).alias(RAW_LINE)
        return read.select(*values, *others, MALFORMED, raw_line)

    def _quoted(self, record: Column) -> Column:
        return F.contains(record, F.lit(self.parse.quote)) if self.parse.quote else F.lit(False)

    def _field(self) -> str:
        delimiter, quote = _pattern(self.parse.delimiter), _pattern(self.parse.quote)
        quoted = rf"{quote}[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}"
        unquoted = rf"(?:[^{delimiter}{quote}\n][^{delimiter}\n]*+)?"
        return f"{quoted}|{unquoted}"

    def _values(self, record: Column, fields: Column) -> Column:
        quote = self.parse.quote
        if not quote:
            return fields

        def unquoted(field: Column) -> Column:
            inner = F.replace(F.substr(field, F.lit(2), F.length(field) - 2), F.lit(quote * 2), F.lit(quote))
            return F.when(F.startswith(field, F.lit(quote)), inner).otherwise(field)

        return F.when(self._quoted(record), F.transform(fields, unquoted)).otherwise(fields)


def _simple_pattern(character: str) -> str:
    """Escape a character so that Java splits at it without compiling a regular expression for every row."""
    return character if character.isalnum() else f"\\{character}"


def _pattern(character: str) -> str:
    r"""Escape a character as ``\x{...}``, which is literal anywhere in a Java pattern."""
    return rf"\x{{{ord(character):x}}}"

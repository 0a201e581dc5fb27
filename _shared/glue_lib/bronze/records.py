"""From a line of a delimited file to its fields, or to the reason why it has none.

A record with bytes that the file's encoding does not know has none: nobody can tell what its fields say.
A record conforms when every field is either unquoted, not starting with the quote character, or quoted from
end to end with inner quotes doubled (RFC 4180), and when there are exactly as many fields as columns.
"""

from __future__ import annotations

from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.contracts.dataset import ParseContract
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
    """Takes records of one file apart.

    Parameters
    ----------
    parse
        Delimiters and quote.
    columns
        Names in the file's order.
    """

    parse: ParseContract
    columns: tuple[str, ...]

    def malformed(self, record: Column, fields: Column) -> Column:
        """Why a record breaks the contract; null where it does not."""
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
        """Fields of a record as written, quotes included.

        Joined by the delimiter they give the record again, unless its quoting is broken: the pattern then has
        to leave out the characters that belong to no field.
        """
        plain = F.split(record, _simple_pattern(self.parse.delimiter), -1)
        if not self.parse.quote:
            return plain
        # With a delimiter in front no match is empty: after an empty one, Java's search skips a character.
        delimited = F.concat(F.lit(self.parse.delimiter), record)
        quoted = F.regexp_extract_all(delimited, F.lit(f"{_pattern(self.parse.delimiter)}({self._field()})"), F.lit(1))
        return F.when(self._quoted(record), quoted).otherwise(plain)

    def read(self, records: DataFrame) -> DataFrame:
        """Replace ``record`` and ``is_undecodable`` by the file's columns, ``meta_malformed`` and ``meta_raw_line``.

        The columns of a malformed record are null, its text is in ``meta_raw_line``. An empty field is null.
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
    """Spell a character so that Java splits at it without compiling a pattern for every row."""
    return character if character.isalnum() else f"\\{character}"


def _pattern(character: str) -> str:
    r"""Spell a character as ``\x{...}``, which is literal anywhere in a Java pattern."""
    return rf"\x{{{ord(character):x}}}"

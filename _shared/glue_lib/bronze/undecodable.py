r"""Find lines with bytes that are invalid in the file's encoding, and keep the bytes as escapes.

An invalid byte becomes an escape such as ``\x81``, as with Python's ``backslashreplace``. Spark 3.5 would replace all
invalid bytes with the same character, which loses the byte.
"""

from __future__ import annotations

from pyspark.sql import Column
from pyspark.sql import functions as F

_LATIN_1 = "iso-8859-1"
"""Maps each byte to the character with the same number, so that a regular expression can match bytes."""

_TAIL = r"[\x80-\xBF]"
_UTF8 = "|".join(
    [
        r"[\x00-\x7F]++",
        rf"[\xC2-\xDF]{_TAIL}",
        rf"\xE0[\xA0-\xBF]{_TAIL}",
        rf"[\xE1-\xEC\xEE\xEF]{_TAIL}{{2}}",
        rf"\xED[\x80-\x9F]{_TAIL}",
        rf"\xF0[\x90-\xBF]{_TAIL}{{2}}",
        rf"[\xF1-\xF3]{_TAIL}{{3}}",
        rf"\xF4[\x80-\x8F]{_TAIL}{{2}}",
    ]
)
"""Well-formed byte sequences (Unicode 15.0, table 3-7)."""

_CHARACTERS = {"utf-8": f"(?s){_UTF8}|."}
_ONE_BYTE = "(?s)."


def is_undecodable(line: Column, encoding: str) -> Column:
    """Whether a line has bytes that are invalid in the encoding.

    Parameters
    ----------
    line
        Bytes.
    """
    return F.encode(F.decode(line, encoding), encoding) != line


def escaped(line: Column, encoding: str) -> Column:
    """Text of a line, with invalid bytes as escapes.

    Parameters
    ----------
    line
        Bytes.
    encoding
        Canonical name from :func:`codecs.lookup`.
    """
    pattern = _CHARACTERS.get(encoding, _ONE_BYTE)
    characters = F.regexp_extract_all(F.decode(line, _LATIN_1), F.lit(pattern), F.lit(0))

    def text(character: Column) -> Column:
        written = F.encode(character, _LATIN_1)
        escape = F.concat(F.lit("\\x"), F.lower(F.hex(written)))
        return F.when(is_undecodable(written, encoding), escape).otherwise(F.decode(written, encoding))

    return F.array_join(F.transform(characters, text), "")

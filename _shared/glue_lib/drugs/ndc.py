"""Normalise National Drug Codes: shape, 11-digit form, 12-digit form, and the reason for a missing form.

Rows are never dropped, and ambiguous codes are never guessed. The rules are implemented twice, in Python and as Spark
columns without user-defined functions; tests compare both on generated codes.

=========================  ===========================  =====================  =============
shape as written           ndc11 (5-4-2)                ndc12 (6-4-2)          reason
=========================  ===========================  =====================  =============
4-4-2, 5-3-2, 5-4-1        each segment padded          each segment padded    OK
5-4-2, BARE_11             unchanged                    leading zero added     OK
6-4-2, BARE_12 with 0      leading zero removed         unchanged              OK
6-4-2, BARE_12 without 0   none                         unchanged              NO_HIPAA_FORM
6-3-2, 6-4-1               none                         each segment padded    NO_HIPAA_FORM
BARE_10                    none                         none                   AMBIGUOUS_10
4-6, 5-5                   none                         none                   NHRIC_2SEG
ISBT                       none                         none                   ISBT
OTHER, EMPTY, all 0 or 9   none                         none                   INVALID
=========================  ===========================  =====================  =============

Hyphens are removed from ndc11 and ndc12. ndc11 is the HIPAA form (45 CFR 162.1002); FDA's files give none for
two-segment NHRIC and ISBT-128 codes. ndc12 becomes the only NDC format on 7 March 2033 (91 FR 10749).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from _shared.glue_lib.columns.text import trim

BARE = {"10": "BARE_10", "11": "BARE_11", "12": "BARE_12"}
THREE_SEGMENTS = ("4-4-2", "5-3-2", "5-4-1", "5-4-2", "6-4-2", "6-3-2", "6-4-1")
TWO_SEGMENTS = ("4-6", "5-5")
SHAPES = {shape: shape for shape in (*THREE_SEGMENTS, *TWO_SEGMENTS)} | BARE
"""Name of the shape by number of digits in each segment."""

SHORT_SIX = ("6-3-2", "6-4-1")

HYPHENATED = "|".join("-".join(f"[0-9]{{{digits}}}" for digits in shape.split("-")) for shape in THREE_SEGMENTS)
"""Pattern of a code with three segments."""

ISBT = r"[A-NP-Z1-9][A-Z0-9]{4}-?[A-Z][0-9]{4}(?:[A-Za-z0-9]{3})?"
"""ISBT-128: facility (5), optional hyphen, product description code (letter and 4 digits), optionally donation type
and two division codes (3; the second division code is a lower-case letter)."""

_CODE = r"[0-9-]+"
_FILLER = r"-*(?:0[0-]*|9[9-]*)"
_MOST_SEGMENTS = 3
_WIDTHS = (6, 4, 2)
NDC12_LENGTH = 12


@dataclass(frozen=True)
class Ndc:
    """A normalised code. ``ndc11`` and ``ndc12`` have no hyphens; the segments are unchanged."""

    ndc_format: str
    ndc_status_reason: str
    ndc11: str | None = None
    ndc12: str | None = None
    labeler_code: str | None = None
    product_code: str | None = None
    package_code: str | None = None


def normalise(code: str | None) -> Ndc:
    """Normalise one code in Python. Surrounding white space is ignored; inner white space makes it ``OTHER``.

    Examples
    --------
    >>> code = normalise("0002-0800-01")
    >>> code.ndc_format, code.ndc_status_reason, code.ndc11, code.ndc12
    ('4-4-2', 'OK', '00002080001', '000002080001')
    """
    text = trim(code)
    shape = _shape(text)
    segments = tuple(text.split("-")) if text and shape in THREE_SEGMENTS else (None, None, None)
    filler = text is not None and re.fullmatch(_FILLER, text) is not None
    ndc12 = None if filler else _ndc12(text or "", shape)
    reason = _reason(shape, ndc12, filler=filler)
    ndc11 = ndc12[1:] if ndc12 and reason == "OK" else None
    return Ndc(shape, reason, ndc11, ndc12, *segments)


def _shape(text: str | None) -> str:
    if text is None:
        return "EMPTY"
    if re.fullmatch(_CODE, text):
        return SHAPES.get("-".join(str(len(part)) for part in text.split("-")), "OTHER")
    return "ISBT" if re.fullmatch(ISBT, text) else "OTHER"


def _ndc12(text: str, shape: str) -> str | None:
    if shape in THREE_SEGMENTS:
        return "".join(part.zfill(width) for part, width in zip(text.split("-"), _WIDTHS, strict=True))
    return text.zfill(NDC12_LENGTH) if shape in {"BARE_11", "BARE_12"} else None


def _reason(shape: str, ndc12: str | None, *, filler: bool) -> str:
    if filler:
        return "INVALID"
    if ndc12:
        return "OK" if ndc12.startswith("0") and shape not in SHORT_SIX else "NO_HIPAA_FORM"
    special = {"BARE_10": "AMBIGUOUS_10", "4-6": "NHRIC_2SEG", "5-5": "NHRIC_2SEG", "ISBT": "ISBT"}
    return special.get(shape, "INVALID")


def with_ndc(frame: DataFrame, code: str) -> DataFrame:
    """Add the seven columns of :class:`Ndc` for the trimmed codes in the column ``code``.

    The columns are added in steps, so that Spark computes each one once. Each step copies the row, so there are few.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('0002-0800-01'), ('50580-449-05'), ('0002080001'), ('112345-0678-09') AS t(code)")
    >>> with_ndc(rows, "code").select("code", "ndc_format", "ndc11", "ndc12", "ndc_status_reason").show()
    +--------------+----------+-----------+------------+-----------------+
    |          code|ndc_format|      ndc11|       ndc12|ndc_status_reason|
    +--------------+----------+-----------+------------+-----------------+
    |  0002-0800-01|     4-4-2|00002080001|000002080001|               OK|
    |  50580-449-05|     5-3-2|50580044905|050580044905|               OK|
    |    0002080001|   BARE_10|       NULL|        NULL|     AMBIGUOUS_10|
    |112345-0678-09|     6-4-2|       NULL|112345067809|    NO_HIPAA_FORM|
    +--------------+----------+-----------+------------+-----------------+
    >>> with_ndc(rows, "code").select("code", "labeler_code", "product_code", "package_code").show()
    +--------------+------------+------------+------------+
    |          code|labeler_code|product_code|package_code|
    +--------------+------------+------------+------------+
    |  0002-0800-01|        0002|        0800|          01|
    |  50580-449-05|       50580|         449|          05|
    |    0002080001|        NULL|        NULL|        NULL|
    |112345-0678-09|      112345|        0678|          09|
    +--------------+------------+------------+------------+
    """
    parts, shape, twelve = F.col(_PARTS), F.col("ndc_format"), F.col("ndc12")
    segments = {name: segment(parts, shape, position) for position, name in enumerate(_SEGMENT_NAMES)}
    forms = {"ndc_status_reason": ndc_status_reason(F.col(code), shape, twelve), "ndc11": ndc11(twelve, shape)}
    return (
        frame.withColumn(_PARTS, F.split(F.col(code), "-"))
        .withColumn("ndc_format", ndc_format(F.col(code), parts))
        .withColumns({**segments, "ndc12": ndc12(F.col(code), parts, shape)})
        .withColumns(forms)
        .drop(_PARTS)
    )


_PARTS = "ndc_parts"
_SEGMENT_NAMES = ("labeler_code", "product_code", "package_code")


def ndc_format(text: Column, parts: Column) -> Column:
    """Shape of a trimmed code, given its parts between hyphens.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('50580-449-05'), ('0002080001'), ('0002-080001'), ('1-2-3-4'), (NULL) AS t(code)")
    >>> rows.select("code", ndc_format(F.col("code"), F.split("code", "-")).alias("shape")).show()
    +------------+-------+
    |        code|  shape|
    +------------+-------+
    |50580-449-05|  5-3-2|
    |  0002080001|BARE_10|
    | 0002-080001|    4-6|
    |     1-2-3-4|  OTHER|
    |        NULL|  EMPTY|
    +------------+-------+
    """
    # Check one part more than any shape has, so that a code with four parts does not match a shape with three.
    lengths = [F.length(F.get(parts, F.lit(position))).cast("string") for position in range(_MOST_SEGMENTS + 1)]
    names = F.create_map(*[F.lit(word) for pair in SHAPES.items() for word in pair])
    known = F.coalesce(F.element_at(names, F.concat_ws("-", *lengths)), F.lit("OTHER"))
    return (
        F.when(text.isNull(), "EMPTY")
        .when(F.rlike(text, F.lit(_whole(_CODE))), known)
        .when(F.rlike(text, F.lit(_whole(ISBT))), "ISBT")
        .otherwise("OTHER")
    )


def segment(parts: Column, shape: Column, position: int) -> Column:
    """One segment of a code; null unless the code has three segments.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('50580-449-05', '5-3-2'), ('0002080001', 'BARE_10') AS t(code, shape)")
    >>> rows.select("code", segment(F.split("code", "-"), F.col("shape"), 0).alias("labeler_code")).show()
    +------------+------------+
    |        code|labeler_code|
    +------------+------------+
    |50580-449-05|       50580|
    |  0002080001|        NULL|
    +------------+------------+
    """
    return F.when(shape.isin(*THREE_SEGMENTS), F.get(parts, F.lit(position)))


def ndc12(text: Column, parts: Column, shape: Column) -> Column:
    """12-digit form of a trimmed code; null if it has none.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('50580-449-05', '5-3-2'), ('50580044905', 'BARE_11'), ('0002080001', 'BARE_10') "
    ...                  "AS t(code, shape)")
    >>> rows.select("*", ndc12(F.col("code"), F.split("code", "-"), F.col("shape")).alias("ndc12")).show()
    +------------+-------+------------+
    |        code|  shape|       ndc12|
    +------------+-------+------------+
    |50580-449-05|  5-3-2|050580044905|
    | 50580044905|BARE_11|050580044905|
    |  0002080001|BARE_10|        NULL|
    +------------+-------+------------+
    """
    padded = [F.lpad(F.get(parts, F.lit(position)), width, "0") for position, width in enumerate(_WIDTHS)]
    digits = F.when(shape.isin(*THREE_SEGMENTS), F.concat(*padded)).when(
        shape.isin("BARE_11", "BARE_12"), F.lpad(text, NDC12_LENGTH, "0")
    )
    return F.when(~_filler(text), digits)


def ndc_status_reason(text: Column, shape: Column, twelve: Column) -> Column:
    """``OK`` if a trimmed code has an 11-digit form, otherwise the reason why not.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('50580-449-05', '5-3-2', '050580044905'), ('0002080001', 'BARE_10', NULL), "
    ...                  "('0002-080001', '4-6', NULL), ('999999999', 'OTHER', NULL) AS t(code, shape, ndc12)")
    >>> reason = ndc_status_reason(F.col("code"), F.col("shape"), F.col("ndc12"))
    >>> rows.select("*", reason.alias("reason")).show()
    +------------+-------+------------+------------+
    |        code|  shape|       ndc12|      reason|
    +------------+-------+------------+------------+
    |50580-449-05|  5-3-2|050580044905|          OK|
    |  0002080001|BARE_10|        NULL|AMBIGUOUS_10|
    | 0002-080001|    4-6|        NULL|  NHRIC_2SEG|
    |   999999999|  OTHER|        NULL|     INVALID|
    +------------+-------+------------+------------+
    """
    return (
        F.when(_has_hipaa_form(twelve, shape), "OK")
        .when(twelve.isNotNull(), "NO_HIPAA_FORM")
        .when(F.coalesce(_filler(text), F.lit(True)), "INVALID")
        .when(shape == "BARE_10", "AMBIGUOUS_10")
        .when(shape.isin(*TWO_SEGMENTS), "NHRIC_2SEG")
        .when(shape == "ISBT", "ISBT")
        .otherwise("INVALID")
    )


def ndc11(twelve: Column, shape: Column) -> Column:
    """11-digit form: the 12-digit form without its leading zero; null if there is none.

    Examples
    --------
    >>> rows = spark.sql("VALUES ('050580044905', '5-3-2'), ('150580044905', '6-4-2') AS t(ndc12, shape)")
    >>> rows.select("*", ndc11(F.col("ndc12"), F.col("shape")).alias("ndc11")).show()
    +------------+-----+-----------+
    |       ndc12|shape|      ndc11|
    +------------+-----+-----------+
    |050580044905|5-3-2|50580044905|
    |150580044905|6-4-2|       NULL|
    +------------+-----+-----------+
    """
    return F.when(_has_hipaa_form(twelve, shape), F.substring(twelve, 2, NDC12_LENGTH - 1))


def _has_hipaa_form(twelve: Column, shape: Column) -> Column:
    return twelve.startswith("0") & ~shape.isin(*SHORT_SIX)


def _filler(text: Column) -> Column:
    return F.rlike(text, F.lit(_whole(_FILLER)))


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"

"""Where the local Athena is known to differ from Trino, and why; docs/local-cloud.md tells its users."""

from __future__ import annotations

from tests.local_cloud.athena.expressions import AGGREGATE, OPERATORS, SCALAR
from tests.local_cloud.athena.statements import STATEMENTS

_JSON = "a JSON value is told as varchar: the result's metadata has no name for Trino's json"
_DIGITS = "the values agree, but the metadata tell other digits of precision for some decimals"
_ORDER_BY_GROUPING = "Trino refuses grouping() within an expression of ORDER BY; the local Athena answers"
_BY_PART = {
    "json_parse('{\"a\":1}')": _JSON,
    "json_extract('{\"a\": [1, 2]}', '$.a')": _JSON,
    'json_extract(\'{"a": {"b"': _JSON,
    "CAST(ARRAY[1, 2] AS json)": _JSON,
    "10.5 % 3": _DIGITS,
    "mod(7.5, 2)": _DIGITS,
    "double '1.5', decimal '1.50'": _DIGITS,
    "floor(1.5e0), round(-2.5)": _DIGITS,
    "round(corr(n, n), 9)": "a correlation of integers is a double; Trino makes it a real",
}


def _expressions() -> dict[str, str]:
    asked = [item[0] for group in (SCALAR, OPERATORS, AGGREGATE, STATEMENTS) for item in group]
    return {text: reason for text in asked for part, reason in _BY_PART.items() if part in text}


KNOWN: dict[str, str] = {
    "joining products to themselves": "a column of USING may be qualified; Trino wants it bare",
    "information schema": "information_schema is refused; SHOW and DESCRIBE, or the Glue API, tell the catalog",
    "tpcds 70": _ORDER_BY_GROUPING,
    "tpcds 72": "a date plus an integer is refused by Trino; the text is DuckDB's, with the interval left out",
    "tpcds 86": _ORDER_BY_GROUPING,
    **_expressions(),
}
"""The query as :mod:`tests.compat.queries` names it, and the reason."""

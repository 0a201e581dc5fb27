"""Functions of Trino that DuckDB has with another meaning, as macros, overloaded where the result's type depends.

A macro fails by casting its message to boolean: DuckDB's ``error()`` counts as volatile, and ``try`` refuses what is
volatile. The message names the arguments: one without them would be a constant, and fail before any row is seen.
"""

from __future__ import annotations

MACROS = r"""
CREATE MACRO trino_divide(a INTEGER, b INTEGER) AS a // b, (a BIGINT, b BIGINT) AS a // b,
    (a DOUBLE, b DOUBLE) AS a / b;
CREATE MACRO trino_divide_decimal(a, b, s) AS CASE WHEN CASE WHEN b = 0 THEN CAST(
    'DIVISION_BY_ZERO: Division by zero' || left(CAST(b AS VARCHAR), 0) || ';' AS BOOLEAN) ELSE false END
    THEN NULL ELSE round(CAST(a AS DOUBLE) / CAST(b AS DOUBLE), s) END;
CREATE MACRO trino_plus(x DATE, i INTERVAL) AS CAST(x + i AS DATE), (x TIMESTAMP, i INTERVAL) AS x + i,
    (x TIMESTAMPTZ, i INTERVAL) AS x + i;
CREATE MACRO trino_minus(x DATE, i INTERVAL) AS CAST(x - i AS DATE), (x TIMESTAMP, i INTERVAL) AS x - i,
    (x TIMESTAMPTZ, i INTERVAL) AS x - i;
CREATE MACRO trino_date_trunc(u, x DATE) AS CAST(date_trunc(u, x) AS DATE), (u, x TIMESTAMP) AS date_trunc(u, x),
    (u, x TIMESTAMPTZ) AS date_trunc(u, x);
CREATE MACRO trino_text_to_integer(x) AS CASE WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN CAST(x AS BIGINT)
    WHEN CAST('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to BIGINT;' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_try_text_to_integer(x) AS
    CASE WHEN regexp_full_match(x, '[+-]?[0-9]+') THEN TRY_CAST(x AS BIGINT) END;
CREATE MACRO trino_text_to_date(x) AS CASE WHEN regexp_full_match(x, '\d{4,}-\d{1,2}-\d{1,2}') THEN CAST(x AS DATE)
    WHEN CAST('INVALID_CAST_ARGUMENT: Value cannot be cast to date: ' || x || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_try_text_to_date(x) AS
    CASE WHEN regexp_full_match(x, '\d{4,}-\d{1,2}-\d{1,2}') THEN TRY_CAST(x AS DATE) END;
CREATE MACRO trino_subscript(a, i) AS CASE
    WHEN a IS NULL OR i BETWEEN 1 AND len(a) THEN a[i] WHEN CAST('INVALID_FUNCTION_ARGUMENT: Array subscript must be '
    || 'between 1 and the array''s length: ' || i || ', ' || len(a) || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_map_subscript(m, k) AS CASE WHEN m IS NULL OR list_contains(map_keys(m), k) THEN m[k]
    WHEN CAST('INVALID_FUNCTION_ARGUMENT: Key not present in map of '
        || cardinality(m) || ': ' || k || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_substr(x, s) AS CASE WHEN s = 0 OR -s > length(x) THEN '' ELSE substr(x, s) END,
    (x, s, n) AS CASE WHEN s = 0 OR -s > length(x) OR n <= 0 THEN '' ELSE substr(x, s, n) END;
CREATE MACRO trino_split_part(x, d, i) AS
    CASE WHEN i <= len(string_split(x, d)) THEN split_part(x, d, i) END;
CREATE MACRO trino_regexp_extract(x, p) AS CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p) END,
    (x, p, g) AS CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p, g) END;
CREATE MACRO trino_regexp_replace(x, p) AS regexp_replace(x, p, '', 'g'),
    (x, p, r) AS regexp_replace(x, p, regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g');
CREATE MACRO trino_replace(x, a) AS replace(x, a, ''), (x, a, b) AS replace(x, a, b);
CREATE MACRO trino_array_join(a, d) AS array_to_string(list_filter(CAST(a AS VARCHAR[]), lambda e: e IS NOT NULL), d),
    (a, d, n) AS array_to_string(list_transform(CAST(a AS VARCHAR[]), lambda e: coalesce(e, n)), d);
CREATE MACRO trino_contains(a, x) AS CASE WHEN list_contains(a, x) THEN true
    WHEN len(a) > list_count(a) THEN NULL ELSE list_contains(a, x) END;
CREATE MACRO trino_array_position(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL
    THEN CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;
CREATE MACRO trino_json_scalar(x, p) AS CASE WHEN json_type(x, p) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_extract_string(x, p) END;
CREATE MACRO trino_fields(a, f) AS list_transform(a, lambda e: struct_extract(e, f));
CREATE MACRO trino_slice(a, s, n) AS list_slice(a, s, s + n - 1);
CREATE MACRO trino_sequence(a, b) AS generate_series(a, b), (a, b, s) AS generate_series(a, b, s);
"""

"""Functions of Trino that DuckDB has with another meaning, as macros, overloaded where the result's type depends.

A macro fails by casting its message to boolean: DuckDB's ``error()`` counts as volatile, and ``try`` refuses what is
volatile. The message names the arguments: one without them would be a constant, and fail before any row is seen.
"""

from __future__ import annotations

MACROS = r"""
CREATE MACRO trino_too_long(n) AS n > 1000000 AND CAST('INVALID_FUNCTION_ARGUMENT: the local Athena makes texts of at '
    || 'most 1000000 characters, not ' || n || ';' AS BOOLEAN);
CREATE MACRO trino_divide(a INTEGER, b INTEGER) AS a // b, (a BIGINT, b BIGINT) AS a // b,
    (a REAL, b REAL) AS a / b,
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
CREATE MACRO trino_text_to_integer(x) AS CASE WHEN regexp_full_match(trim(x), '[+-]?[0-9]+') THEN CAST(x AS BIGINT)
    WHEN CAST('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to BIGINT;' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_try_text_to_integer(x) AS
    CASE WHEN regexp_full_match(trim(x), '[+-]?[0-9]+') THEN TRY_CAST(x AS BIGINT) END;
CREATE MACRO trino_text_to_boolean(x) AS CASE WHEN lower(x) IN ('true', 't', '1') THEN true
    WHEN lower(x) IN ('false', 'f', '0') THEN false
    WHEN CAST('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to BOOLEAN;' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_try_text_to_boolean(x) AS CASE WHEN lower(x) IN ('true', 't', '1') THEN true
    WHEN lower(x) IN ('false', 'f', '0') THEN false END;
CREATE MACRO trino_digits(m) AS ltrim(replace(m, '.', ''), '0');
CREATE MACRO trino_exponent(m, e) AS
  e + strpos(m || '.', '.') - 2 - length(replace(m, '.', '')) + length(trino_digits(m));
CREATE MACRO trino_scientific(m, e) AS left(trino_digits(m), 1) || '.'
    || coalesce(nullif(rtrim(substr(trino_digits(m), 2), '0'), ''), '0') || 'E' || trino_exponent(m, e);
CREATE MACRO trino_double_text(x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN x = 0 THEN '0.0E0'
    WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
    ELSE CASE WHEN x < 0 THEN '-' ELSE '' END || trino_scientific(split_part(CAST(abs(x) AS VARCHAR), 'e', 1),
        coalesce(TRY_CAST(split_part(CAST(abs(x) AS VARCHAR), 'e', 2) AS INTEGER), 0)) END;
CREATE MACRO trino_text_to_date(x) AS
  CASE WHEN regexp_full_match(trim(x), '\d{4,}-\d{1,2}-\d{1,2}') THEN CAST(trim(x) AS DATE)
    WHEN CAST('INVALID_CAST_ARGUMENT: Value cannot be cast to date: ' || x || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_try_text_to_date(x) AS
    CASE WHEN regexp_full_match(trim(x), '\d{4,}-\d{1,2}-\d{1,2}') THEN TRY_CAST(trim(x) AS DATE) END;
CREATE MACRO trino_subscript(a, i) AS CASE
    WHEN a IS NULL OR i BETWEEN 1 AND len(a) THEN a[i] WHEN CAST('INVALID_FUNCTION_ARGUMENT: Array subscript must be '
    || 'between 1 and the array''s length: ' || i || ', ' || len(a) || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_map_subscript(m, k) AS CASE WHEN m IS NULL OR list_contains(map_keys(m), k) THEN m[k]
    WHEN CAST('INVALID_FUNCTION_ARGUMENT: Key not present in map of '
        || cardinality(m) || ': ' || k || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_substr(x, s) AS CASE WHEN s = 0 OR -s > length(x) THEN '' ELSE substr(x, s) END,
    (x, s, n) AS CASE WHEN s = 0 OR -s > length(x) OR n <= 0 THEN '' ELSE substr(x, s, n) END;
CREATE MACRO trino_split_part(x, d, i) AS CASE WHEN i < 1 AND CAST('INVALID_FUNCTION_ARGUMENT: Index must be greater '
    || 'than zero: ' || i || ';' AS BOOLEAN) THEN NULL WHEN i <= len(string_split(x, d)) THEN split_part(x, d, i) END;
CREATE MACRO trino_regexp_extract(x, p) AS CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p) END,
    (x, p, g) AS CASE WHEN regexp_matches(x, p) THEN regexp_extract(x, p, g) END;
CREATE MACRO trino_regexp_replace(x, p) AS regexp_replace(x, p, '', 'g'),
    (x, p, r) AS regexp_replace(x, p, regexp_replace(r, '\$(\d)', '\\\1', 'g'), 'g');
CREATE MACRO trino_replace(x, a) AS replace(x, a, ''), (x, a, b) AS CASE
    WHEN trino_too_long(length(x) // greatest(length(a), 1) * (length(b) - length(a)) // 100) THEN NULL
    ELSE replace(x, a, b) END;
CREATE MACRO trino_array_join(a, d) AS array_to_string(list_filter(CAST(a AS VARCHAR[]), lambda e: e IS NOT NULL), d),
    (a, d, n) AS array_to_string(list_transform(CAST(a AS VARCHAR[]), lambda e: coalesce(e, n)), d);
CREATE MACRO trino_has_null(a) AS len(a) > list_count(a);
CREATE MACRO trino_contains(a, x) AS CASE WHEN list_contains(a, x) THEN true
    WHEN trino_has_null(a) THEN NULL ELSE list_contains(a, x) END;
CREATE MACRO trino_any(a) AS CASE WHEN list_contains(a, true) THEN true WHEN trino_has_null(a) THEN NULL
    WHEN a IS NOT NULL THEN false END;
CREATE MACRO trino_all(a) AS CASE WHEN list_contains(a, false) THEN false WHEN trino_has_null(a) THEN NULL
    WHEN a IS NOT NULL THEN true END;
CREATE MACRO trino_none(a) AS NOT trino_any(a);
CREATE MACRO trino_arrays_overlap(a, b) AS CASE WHEN list_has_any(a, b) THEN true
    WHEN trino_has_null(a) AND len(b) > 0 OR trino_has_null(b) AND len(a) > 0 THEN NULL ELSE list_has_any(a, b) END;
CREATE MACRO trino_array_max(a) AS CASE WHEN NOT trino_has_null(a) THEN list_max(a) END;
CREATE MACRO trino_array_min(a) AS CASE WHEN NOT trino_has_null(a) THEN list_min(a) END;
CREATE MACRO trino_array_distinct(a) AS list_filter(a, lambda e, i: list_position(a, e) = i);
CREATE MACRO trino_array_union(a, b) AS trino_array_distinct(list_concat(a, b));
CREATE MACRO trino_array_except(a, b) AS trino_array_distinct(list_filter(a, lambda e: list_position(b, e) IS NULL));
CREATE MACRO trino_array_intersect(a, b) AS
    trino_array_distinct(list_filter(a, lambda e: list_position(b, e) IS NOT NULL));
CREATE MACRO trino_array_remove(a, x) AS list_filter(a, lambda e: e IS DISTINCT FROM x);
CREATE MACRO trino_element(a, i) AS CASE WHEN i = 0 AND CAST('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1: '
    || i || ';' AS BOOLEAN) THEN NULL ELSE list_extract(a, i) END;
CREATE MACRO trino_repeat(x, n) AS CASE
    WHEN n > 10000 AND CAST('INVALID_FUNCTION_ARGUMENT: count argument of repeat function must be less than or '
        || 'equal to 10000' || left(CAST(n AS VARCHAR), 0) || ';' AS BOOLEAN) THEN NULL
    WHEN length(CAST(x AS VARCHAR)) * n > 1000000 AND CAST('INVALID_FUNCTION_ARGUMENT: result of repeat function '
        || 'must not take more than 1000000 bytes' || left(CAST(n AS VARCHAR), 0) || ';' AS BOOLEAN) THEN NULL
    ELSE list_transform(generate_series(1, least(n, 10000, 1000000 // greatest(length(CAST(x AS VARCHAR)), 1))),
        lambda e: x) END;
CREATE MACRO trino_lpad(x, n, p) AS CASE WHEN trino_too_long(n) THEN NULL
    ELSE lpad(x, least(n, 1000000)::INTEGER, p) END;
CREATE MACRO trino_rpad(x, n, p) AS CASE WHEN trino_too_long(n) THEN NULL
    ELSE rpad(x, least(n, 1000000)::INTEGER, p) END;
CREATE MACRO trino_array_position(a, x) AS CASE WHEN a IS NOT NULL AND x IS NOT NULL
    THEN CAST(coalesce(list_position(a, x), 0) AS BIGINT) END;
CREATE MACRO trino_url_encode(x) AS replace(url_encode(x), '%20', '+');
CREATE MACRO trino_json(x) AS CASE WHEN json_valid(x) THEN x END;
CREATE MACRO trino_json_scalar(x, p) AS CASE WHEN json_type(trino_json(x), p) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_extract_string(trino_json(x), p) END;
CREATE MACRO trino_json_extract(x, p) AS json_extract(trino_json(x), p);
CREATE MACRO trino_json_size(x, p) AS CASE WHEN json_type(trino_json(x), p) = 'ARRAY'
    THEN CAST(json_array_length(x, p) AS BIGINT) WHEN json_type(trino_json(x), p) = 'OBJECT'
    THEN CAST(len(json_keys(x, p)) AS BIGINT) WHEN json_type(trino_json(x), p) IS NOT NULL THEN 0::BIGINT END;
CREATE MACRO trino_json_parse(x) AS CASE WHEN x IS NULL OR json_valid(x) THEN json(x)
    WHEN CAST('INVALID_FUNCTION_ARGUMENT: Cannot convert value to JSON: ' || x || ';' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_json_text(x) AS CASE WHEN json_type(x) NOT IN ('OBJECT', 'ARRAY', 'NULL')
    THEN json_extract_string(x, '$') WHEN json_type(x) IN ('OBJECT', 'ARRAY')
    AND CAST('INVALID_CAST_ARGUMENT: Cannot cast ''' || x || ''' to varchar;' AS BOOLEAN) THEN NULL END;
CREATE MACRO trino_fields(a, f) AS list_transform(a, lambda e: struct_extract(e, f));
CREATE MACRO trino_slice(a, s, n) AS
  CASE WHEN s = 0 AND CAST('INVALID_FUNCTION_ARGUMENT: SQL array indices start at 1: '
    || s || ';' AS BOOLEAN) THEN NULL WHEN s < 0 THEN list_slice(a, len(a) + s + 1, len(a) + s + n)
    ELSE list_slice(a, s, s + n - 1) END;
CREATE MACRO trino_sequence_fault(n, s) AS CASE
    WHEN s = 0 THEN 'step must not be zero'
    WHEN n / s < 0 THEN 'sequence stop value should be greater than or equal to start value if step is greater than '
        || 'zero otherwise stop should be less than or equal to start'
    WHEN n / s >= 10000 THEN 'result of sequence function must not have more than 10000 entries' END;
CREATE MACRO trino_sequence_refused(n, s) AS trino_sequence_fault(n, s) IS NOT NULL
    AND CAST('INVALID_FUNCTION_ARGUMENT: ' || trino_sequence_fault(n, s) || ';' AS BOOLEAN);
CREATE MACRO trino_between(a, b) AS CAST(b AS DOUBLE) - CAST(a AS DOUBLE);
CREATE MACRO trino_stop(a, b, s) AS CAST(CASE WHEN s > 0
    THEN least(CAST(b AS HUGEINT), CAST(a AS HUGEINT) + s * 10000::HUGEINT)
    ELSE greatest(CAST(b AS HUGEINT), CAST(a AS HUGEINT) + s * 10000::HUGEINT) END AS BIGINT);
CREATE MACRO trino_stop_time(a, b, s) AS CASE WHEN s > INTERVAL 0 DAY THEN least(b, a + 10000 * s)
    ELSE greatest(b, a + 10000 * s) END;
CREATE MACRO trino_sequence_of(a, b, s) AS CASE WHEN trino_sequence_refused(trino_between(a, b), s) THEN NULL
    ELSE generate_series(a, trino_stop(a, b, s), s) END;
CREATE MACRO trino_sequence_of_times(a, b, s) AS CASE
    WHEN trino_sequence_refused(trino_between(epoch(a), epoch(b)), epoch(s)) THEN NULL
    ELSE generate_series(a, trino_stop_time(a, b, s), s) END;
CREATE MACRO trino_sequence(a BIGINT, b BIGINT) AS trino_sequence_of(a, b, CASE WHEN a <= b THEN 1 ELSE -1 END),
    (a DATE, b DATE) AS CAST(trino_sequence_of_times(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP),
        to_days(CASE WHEN a <= b THEN 1 ELSE -1 END)) AS DATE[]),
    (a BIGINT, b BIGINT, s BIGINT) AS trino_sequence_of(a, b, s),
    (a DATE, b DATE, s INTERVAL) AS
        CAST(trino_sequence_of_times(CAST(a AS TIMESTAMP), CAST(b AS TIMESTAMP), s) AS DATE[]),
    (a TIMESTAMP, b TIMESTAMP, s INTERVAL) AS trino_sequence_of_times(a, b, s);
"""

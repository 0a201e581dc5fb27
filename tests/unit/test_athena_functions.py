"""Every function that the local Athena claims, against the answer that Trino gives."""

from __future__ import annotations

import re

import pytest

from local_cloud.athena.engine import connect, run
from local_cloud.athena.errors import QueryError
from local_cloud.athena.functions import FUNCTIONS
from local_cloud.athena.results import Result, result_from_arrow
from local_cloud.athena.translate import translate
from tests.unit.athena_tables import StaticCatalog


def evaluate(sql: str) -> Result:
    """The result of a query that reads no table."""
    translation = translate(sql, "db", StaticCatalog())
    connection = connect([])
    try:
        return result_from_arrow(run(connection, translation.sql), translation.names)
    finally:
        connection.close()


VALUES = "FROM (VALUES (1, 'a'), (2, 'b'), (3, 'b'), (4, NULL)) AS t(n, s)"
SCALAR = [
    ("abs(-3)", "3"),
    ("all_match(ARRAY[1, 2], x -> x > 0)", "true"),
    ("any_match(ARRAY[1, 2], x -> x > 1)", "true"),
    ("array_distinct(ARRAY[1, 1])", "[1]"),
    ("array_intersect(ARRAY[1, 2], ARRAY[2, 3])", "[2]"),
    ("array_join(ARRAY[1, NULL, 2], ',')", "1,2"),
    ("array_join(ARRAY[1, NULL], ',', '?')", "1,?"),
    ("array_max(ARRAY[1, 3, 2])", "3"),
    ("array_min(ARRAY[3, 1, 2])", "1"),
    ("array_position(ARRAY['a', 'b'], 'b')", "2"),
    ("array_position(ARRAY['a'], 'z')", "0"),
    ("array_sort(ARRAY[3, NULL, 1])", "[1, 3, null]"),
    ("arrays_overlap(ARRAY[1, 2], ARRAY[2])", "true"),
    ("cardinality(ARRAY[1, 2])", "2"),
    ("cardinality(MAP(ARRAY['a'], ARRAY[1]))", "1"),
    ("round(cbrt(27), 9)", "3.0"),
    ("ceil(1.2)", "2"),
    ("ceil(3)", "3"),
    ("ceiling(1.2e0)", "2.0"),
    ("chr(65)", "A"),
    ("codepoint('A')", "65"),
    ("concat('a', NULL)", None),
    ("concat_ws('-', 'a', NULL, 'b')", "a-b"),
    ("contains(ARRAY[1, 2], 2)", "true"),
    ("contains(ARRAY[1, NULL], 2)", None),
    ("date('2024-02-29')", "2024-02-29"),
    ("date_add('month', 1, date '2024-01-31')", "2024-02-29"),
    ("date_add('day', -1, timestamp '2024-03-01 10:00:00')", "2024-02-29 10:00:00.000"),
    ("date_add('hour', 2, timestamp '2024-03-01 23:00:00')", "2024-03-02 01:00:00.000"),
    ("date_diff('day', date '2024-02-28', date '2024-03-01')", "2"),
    ("date_diff('day', timestamp '2024-01-01 23:00:00', timestamp '2024-01-02 01:00:00')", "0"),
    ("date_diff('month', date '2024-03-31', date '2024-01-31')", "-2"),
    ("date_format(timestamp '2024-03-01 09:05:07', '%Y-%m-%d %H:%i:%s')", "2024-03-01 09:05:07"),
    ("date_format(date '2024-03-01', '%e %M %y')", "1 March 24"),
    ("date_parse('2024-03-01 09:05', '%Y-%m-%d %H:%i')", "2024-03-01 09:05:00.000"),
    ("date_trunc('month', date '2024-03-15')", "2024-03-01"),
    ("date_trunc('hour', timestamp '2024-03-15 10:45:00')", "2024-03-15 10:00:00.000"),
    ("day(date '2024-03-15')", "15"),
    ("day_of_week(date '2024-03-17')", "7"),
    ("day_of_year(date '2024-02-01')", "32"),
    ("element_at(ARRAY['a', 'b'], -1)", "b"),
    ("element_at(ARRAY['a'], 5)", None),
    ("element_at(MAP(ARRAY['k'], ARRAY[7]), 'k')", "7"),
    ("element_at(MAP(ARRAY['k'], ARRAY[7]), 'z')", None),
    ("exp(0)", "1.0"),
    ("filter(ARRAY[1, 2, 3], x -> x > 1)", "[2, 3]"),
    ("flatten(ARRAY[ARRAY[1], ARRAY[2]])", "[1, 2]"),
    ("floor(-1.5)", "-2"),
    ("floor(3)", "3"),
    ("from_hex('6162')", "61 62"),
    ("from_iso8601_date('2024-03-01')", "2024-03-01"),
    ("from_iso8601_timestamp('2024-03-01T10:00:00Z')", "2024-03-01 10:00:00.000 UTC"),
    ("from_unixtime(0)", "1970-01-01 00:00:00.000 UTC"),
    ("greatest(1, 3, 2)", "3"),
    ("greatest(1, NULL)", None),
    ("hour(timestamp '2024-03-01 23:05:00')", "23"),
    ("is_finite(1e0)", "true"),
    ("is_nan(0e0 / 0e0)", "true"),
    ("json_array_length('[1, 2]')", "2"),
    ("json_extract('{\"a\": [1, 2]}', '$.a')", "[1,2]"),
    ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a.b')", "1"),
    ("json_extract_scalar('{\"a\": {\"b\": 1}}', '$.a')", None),
    ("last_day_of_month(date '2024-02-03')", "2024-02-29"),
    ("least('b', 'a')", "a"),
    ("length('año')", "3"),
    ("levenshtein_distance('kitten', 'sitting')", "3"),
    ("ln(1)", "0.0"),
    ("log10(100)", "2.0"),
    ("log2(8)", "3.0"),
    ("lower('ABC')", "abc"),
    ("lpad('7', 3, '0')", "007"),
    ("ltrim('  a')", "a"),
    ("map_keys(MAP(ARRAY['a'], ARRAY[1]))", "[a]"),
    ("map_values(MAP(ARRAY['a'], ARRAY[1]))", "[1]"),
    ("to_hex(md5(to_utf8('a')))", "0CC175B9C0F1B6A831C399E269772661"),
    ("minute(timestamp '2024-03-01 23:05:00')", "5"),
    ("mod(7, 3)", "1"),
    ("month(date '2024-03-15')", "3"),
    ("now() IS NOT NULL", "true"),
    ("nullif(1, 1)", None),
    ("pi()", "3.141592653589793"),
    ("pow(2, 3)", "8.0"),
    ("power(2, 10)", "1024.0"),
    ("quarter(date '2024-04-01')", "2"),
    ("regexp_extract('ab12', '(\\d)(\\d)', 2)", "2"),
    ("regexp_extract('ab', '\\d')", None),
    ("regexp_extract_all('a1b2', '\\d')", "[1, 2]"),
    ("regexp_like('a1', '\\d')", "true"),
    ("regexp_replace('a1b2', '(\\d)', '<$1>')", "a<1>b<2>"),
    ("regexp_replace('a1b2', '\\d')", "ab"),
    ("regexp_split('a1b2c', '\\d')", "[a, b, c]"),
    ("replace('aXb', 'X')", "ab"),
    ("replace('aXb', 'X', '-')", "a-b"),
    ("reverse('abc')", "cba"),
    ("round(2.5)", "3"),
    ("round(1.25, 1)", "1.30"),
    ("rpad('a', 3, '.')", "a.."),
    ("rtrim('a  ')", "a"),
    ("second(timestamp '2024-03-01 23:05:07')", "7"),
    ("sequence(1, 3)", "[1, 2, 3]"),
    ("to_hex(sha256(to_utf8('a')))", "CA978112CA1BBDCAFAC231B39A23DC4DA786EFF8147C4E72B9807785AFEE48BB"),
    ("sign(-5)", "-1"),
    ("slice(ARRAY[1, 2, 3, 4], 2, 2)", "[2, 3]"),
    ("split('a,b', ',')", "[a, b]"),
    ("split_part('a,b', ',', 2)", "b"),
    ("split_part('a,b', ',', 3)", None),
    ("sqrt(9)", "3.0"),
    ("starts_with('abc', 'ab')", "true"),
    ("strpos('abc', 'c')", "3"),
    ("substr('abc', 2)", "bc"),
    ("substr('abc', 0)", ""),
    ("substr('abc', -2, 1)", "b"),
    ("substring('abc', 1, 2)", "ab"),
    ("to_utf8('ab')", "61 62"),
    ("to_unixtime(timestamp '1970-01-02 00:00:00')", "86400.0"),
    ("transform(ARRAY[1, 2], x -> x + 1)", "[2, 3]"),
    ("translate('abc', 'a', 'x')", "xbc"),
    ("trim('  a ')", "a"),
    ("truncate(-1.7e0)", "-1.0"),
    ("try(1 / 0)", None),
    ("upper('abc')", "ABC"),
    ("week(date '2024-01-01')", "1"),
    ("year(date '2024-03-15')", "2024"),
]
AGGREGATE = [
    ("any_value(n) > 0", "true"),
    ("approx_distinct(s)", "2"),
    ("approx_percentile(n, 0.5)", "2"),
    ("arbitrary(s) IN ('a', 'b')", "true"),
    ("array_agg(n ORDER BY n DESC)", "[4, 3, 2, 1]"),
    ("avg(n)", "2.5"),
    ("bool_and(n > 0)", "true"),
    ("bool_or(n > 3)", "true"),
    ("round(corr(n, n), 9)", "1.0"),
    ("count(DISTINCT s)", "2"),
    ("count(*) FILTER (WHERE n > 2)", "2"),
    ("count_if(n > 2)", "2"),
    ("count_if(n > 99)", "0"),
    ("every(n > 1)", "false"),
    ("histogram(s)", "{a=1, b=2}"),
    ("listagg(s, '|') WITHIN GROUP (ORDER BY n)", "a|b|b"),
    ("max_by(s, n)", None),
    ("min_by(s, n)", "a"),
    ("round(stddev(n), 3)", "1.291"),
    ("round(stddev_samp(n), 3)", "1.291"),
    ("round(stddev_pop(n), 3)", "1.118"),
    ("sum(n)", "10"),
    ("round(variance(n), 3)", "1.667"),
    ("round(var_samp(n), 3)", "1.667"),
    ("var_pop(n)", "1.25"),
    ("count(try(CAST(s AS integer)))", "0"),
]


@pytest.mark.parametrize(("expression", "expected"), SCALAR)
def test_scalar_function_answers_as_trino(expression: str, expected: str | None) -> None:
    assert evaluate(f"SELECT {expression}").rows == ((expected,),)


@pytest.mark.parametrize(("expression", "expected"), AGGREGATE)
def test_aggregate_function_answers_as_trino(expression: str, expected: str | None) -> None:
    assert evaluate(f"SELECT {expression} {VALUES}").rows == ((expected,),)


def test_every_function_of_the_table_is_tried_here() -> None:
    tried = {name for text, _ in SCALAR + AGGREGATE for name in re.findall(r"([a-z_0-9]+)\(", text)}
    assert set(FUNCTIONS) <= tried


@pytest.mark.parametrize(
    ("expression", "expected", "athena_type"),
    [
        ("7 / 2", "3", "integer"),
        ("-7 / 2", "-3", "integer"),
        ("7 / 2e0", "3.5", "double"),
        ("7 / 2.0", "3.5", "decimal"),
        ("10 / 3.0", "3.3", "decimal"),
        ("1.00 / 3", "0.33", "decimal"),
        ("100.0 * 2 / 3", "66.7", "decimal"),
        ("1e0 / 0", "Infinity", "double"),
        ("CAST(2.5e0 AS integer)", "3", "integer"),
        ("CAST('12' AS bigint)", "12", "bigint"),
        ("TRY_CAST('1.5' AS integer)", None, "integer"),
        ("TRY_CAST('20240101' AS date)", None, "date"),
        ("CAST('abc' AS varchar(2))", "ab", "varchar"),
        ("CAST(timestamp '2024-01-01 10:00:00' AS varchar)", "2024-01-01 10:00:00", "varchar"),
        ("CAST(date_parse('2024', '%Y') AS varchar)", "2024-01-01 00:00:00.000", "varchar"),
        ("date '2024-01-31' + interval '1' month", "2024-02-29", "date"),
        ("date '2024-01-31' - interval '1' day", "2024-01-30", "date"),
        ("ARRAY['a', 'b'][1]", "a", "varchar"),
        ("MAP(ARRAY['k'], ARRAY[7])['k']", "7", "integer"),
        ("1 = 1 AND NULL IS NULL", "true", "boolean"),
        ("'a' < 'B'", "false", "boolean"),
        ("CASE WHEN 1 > 2 THEN 'x' END", None, "varchar"),
        ("current_date = CAST(now() AS date)", "true", "boolean"),
        ("extract(year FROM date '2024-01-01')", "2024", "bigint"),
        ("'100%' LIKE '100$%' ESCAPE '$'", "true", "boolean"),
    ],
)
def test_operators_and_casts_follow_trino(expression: str, expected: str | None, athena_type: str) -> None:
    result = evaluate(f"SELECT {expression}")
    assert (result.rows, result.columns[0].type) == (((expected,),), athena_type)


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("1 / 0", "DIVISION_BY_ZERO"),
        ("1.0 / 0", "DIVISION_BY_ZERO"),
        ("CAST('1.5' AS integer)", "INVALID_CAST_ARGUMENT: Cannot cast '1.5' to BIGINT"),
        ("CAST('20240101' AS date)", "INVALID_CAST_ARGUMENT: Value cannot be cast to date: 20240101"),
        ("ARRAY[1][2]", "INVALID_FUNCTION_ARGUMENT: Array subscript"),
        ("MAP(ARRAY['k'], ARRAY[7])['z']", "INVALID_FUNCTION_ARGUMENT: Key not present"),
        ("date_parse('x', '%Y')", "INVALID_FUNCTION_ARGUMENT"),
        ("date_add('fortnight', 1, current_date)", "INVALID_FUNCTION_ARGUMENT: 'fortnight'"),
        ("(SELECT x FROM (VALUES 1, 2) AS t(x))", "SUBQUERY_MULTIPLE_ROWS"),
        ("CAST(9999999999 AS integer)", "INVALID_CAST_ARGUMENT"),
    ],
)
def test_failures_have_trinos_names(expression: str, error: str) -> None:
    with pytest.raises(QueryError, match=re.escape(error)):
        evaluate(f"SELECT {expression}")


def test_nulls_come_last_in_both_directions() -> None:
    assert [row[0] for row in evaluate(f"SELECT s {VALUES} ORDER BY s").rows] == ["a", "b", "b", None]
    assert [row[0] for row in evaluate(f"SELECT s {VALUES} ORDER BY s DESC").rows] == ["b", "b", "a", None]


def test_unnest_takes_several_arrays_maps_and_ordinality() -> None:
    several = "SELECT a, b, n FROM UNNEST(ARRAY[1, 2], ARRAY['x']) WITH ORDINALITY AS t(a, b, n) ORDER BY n"
    assert evaluate(several).rows == (("1", "x", "1"), ("2", None, "2"))
    pairs = "SELECT k, v FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(k, v) ORDER BY k"
    assert evaluate(pairs).rows == (("a", "1"), ("b", "2"))
    lateral = "SELECT id, x FROM (VALUES (1, ARRAY[5, 6])) AS r(id, items) CROSS JOIN UNNEST(items) AS t(x) ORDER BY x"
    assert evaluate(lateral).rows == (("1", "5"), ("1", "6"))

"""Every function that the local Athena claims, against the answer that Trino gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import duckdb
import pytest

from local_cloud.athena.engine.connection import connect, run
from local_cloud.athena.engine.results import Result, result_from_arrow
from local_cloud.athena.errors import QueryError
from local_cloud.athena.sql.functions import FUNCTIONS
from local_cloud.athena.sql.translate import translate
from tests.local_cloud.athena.expressions import AGGREGATE, FAILURES, OPERATORS, SCALAR, VALUES
from tests.local_cloud.athena.statements import STATEMENTS
from tests.local_cloud.athena.tables import StaticCatalog


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with connect([]) as made:
        yield made


Evaluate = Callable[[str], Result]


@pytest.fixture
def evaluate(connection: duckdb.DuckDBPyConnection) -> Evaluate:
    """Asks for the result of a query that reads no table."""

    def ask(sql: str) -> Result:
        translation = translate(sql, "db", StaticCatalog())
        return result_from_arrow(run(connection, translation.sql), translation.names)

    return ask


@pytest.mark.parametrize(("expression", "expected"), SCALAR)
def test_scalar_function_answers_as_trino(expression: str, expected: str | None, evaluate: Evaluate) -> None:
    assert evaluate(f"SELECT {expression}").rows == ((expected,),)


@pytest.mark.parametrize(("expression", "expected"), AGGREGATE)
def test_aggregate_function_answers_as_trino(expression: str, expected: str | None, evaluate: Evaluate) -> None:
    assert evaluate(f"SELECT {expression} {VALUES}").rows == ((expected,),)


@pytest.mark.parametrize(("sql", "expected"), STATEMENTS)
def test_statement_answers_as_trino(sql: str, expected: str | list[tuple[str | None, ...]], evaluate: Evaluate) -> None:
    if isinstance(expected, str):
        with pytest.raises(QueryError) as failure:
            evaluate(sql)
        assert failure.value.name == expected
    else:
        found = list(evaluate(sql).rows)
        assert found == expected if "ORDER BY" in sql else sorted(found, key=str) == sorted(expected, key=str)


def test_every_function_of_the_table_is_tried_here() -> None:
    texts = [text for text, _ in [*SCALAR, *AGGREGATE, *STATEMENTS]]
    tried = {name for text in texts for name in re.findall(r"([a-z_0-9]+)\(", text.lower())}
    assert set(FUNCTIONS) <= tried


@pytest.mark.parametrize(("expression", "expected", "athena_type"), OPERATORS)
def test_operators_and_casts_follow_trino(
    expression: str, expected: str | None, athena_type: str, evaluate: Evaluate
) -> None:
    result = evaluate(f"SELECT {expression}")
    assert (result.rows, result.columns[0].type) == (((expected,),), athena_type)


@pytest.mark.parametrize(("expression", "error"), FAILURES)
def test_failures_have_trinos_names(expression: str, error: str, evaluate: Evaluate) -> None:
    with pytest.raises(QueryError, match=re.escape(error)):
        evaluate(f"SELECT {expression}")


def test_nulls_come_last_in_both_directions(evaluate: Evaluate) -> None:
    assert [row[0] for row in evaluate(f"SELECT s {VALUES} ORDER BY s").rows] == ["a", "b", "b", None]
    assert [row[0] for row in evaluate(f"SELECT s {VALUES} ORDER BY s DESC").rows] == ["b", "b", "a", None]


def test_unnest_takes_several_arrays_maps_and_ordinality(evaluate: Evaluate) -> None:
    several = "SELECT a, b, n FROM UNNEST(ARRAY[1, 2], ARRAY['x']) WITH ORDINALITY AS t(a, b, n) ORDER BY n"
    assert evaluate(several).rows == (("1", "x", "1"), ("2", None, "2"))
    pairs = "SELECT k, v FROM UNNEST(MAP(ARRAY['a', 'b'], ARRAY[1, 2])) AS t(k, v) ORDER BY k"
    assert evaluate(pairs).rows == (("a", "1"), ("b", "2"))
    lateral = "SELECT id, x FROM (VALUES (1, ARRAY[5, 6])) AS r(id, items) CROSS JOIN UNNEST(items) AS t(x) ORDER BY x"
    assert evaluate(lateral).rows == (("1", "5"), ("1", "6"))


def test_a_share_of_counts_has_the_digits_that_trino_gives_it(evaluate: Evaluate) -> None:
    share = "100.0 * count(*) / sum(count(*)) OVER ()"
    (column,) = evaluate(f"SELECT {share} AS share FROM (VALUES 1, 2) t(n)").columns
    assert (column.type, column.precision, column.scale) == ("decimal", 23, 1)

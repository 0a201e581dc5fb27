"""What one query may take of the machine: texts, sequences, results, depth, and files that are damaged."""

from __future__ import annotations

import threading
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_cloud.athena.engine import connection as engine
from local_cloud.athena.engine.object_cache import LakeObject, ObjectCache
from local_cloud.athena.engine.parquet import open_files
from local_cloud.athena.errors import QueryError
from local_cloud.athena.query import answer
from local_cloud.athena.statements import Request
from local_cloud.athena.tables.catalog import Column, Table
from tests.local_cloud.athena.tables import StaticCatalog, drugs
from tests.local_cloud.athena.test_engine import DirectoryStore

ENTRIES = "result of sequence function must not have more than 10000 entries"
WRONG_WAY = "sequence stop value should be greater than or equal to start value if step is greater than zero otherwise"
TOO_MUCH = {
    "SELECT sequence(1, 10001)": ENTRIES,
    "SELECT sequence(-9223372036854775808, 9223372036854775807)": ENTRIES,
    "SELECT sequence(1, 20001, 2)": ENTRIES,
    "SELECT sequence(a, b) FROM (VALUES (1, 1000000000)) AS t(a, b)": ENTRIES,
    "SELECT sequence(DATE '1900-01-01', DATE '2100-01-01')": ENTRIES,
    "SELECT sequence(TIMESTAMP '2000-01-01 00:00:00', TIMESTAMP '2000-01-02 00:00:00', INTERVAL '1' SECOND)": ENTRIES,
    "SELECT sequence(1, 10, 0)": "step must not be zero",
    "SELECT sequence(1, 10, -1)": WRONG_WAY,
    "SELECT repeat('x', 10001)": "count argument of repeat function must be less than or equal to 10000",
    "SELECT repeat('x', 1000000000000)": "count argument of repeat function must be less than or equal to 10000",
    "SELECT repeat(rpad('x', 1000, 'y'), 10000)": "result of repeat function must not take more than 1000000 bytes",
    "SELECT array_join(repeat(repeat('x', 1000), 10000), ',')": "must not take more than 1000000 bytes",
    "SELECT rpad('x', 2000000000, 'y')": "texts of at most 1000000 characters, not 2000000000",
    "SELECT lpad('x', 3000000000, 'y')": "texts of at most 1000000 characters, not 3000000000",
    "SELECT replace(rpad('x', 1000000, 'x'), 'x', rpad('y', 1000, 'y'))": "texts of at most",
}
DEEP = {
    "sums": "SELECT " + "+".join(["1"] * 5000),
    "unions": " UNION ALL ".join(["SELECT 1"] * 2000),
    "conditions": "SELECT 1 WHERE " + " AND ".join(["1 = 1"] * 5000),
    "parentheses": "SELECT " + "(" * 3000 + "1" + ")" * 3000,
    "calls": "SELECT " + "abs(" * 2000 + "1" + ")" * 2000,
    "negations": "SELECT " + "NOT " * 5000 + "true",
    "cases": "SELECT " + "CASE WHEN true THEN " * 1000 + "1" + " END" * 1000,
    "arrays": "SELECT " + "ARRAY[" * 500 + "1" + "]" * 500,
    "subqueries": "SELECT * FROM " + "(SELECT * FROM " * 300 + "(SELECT 1 AS a)" + ")" * 300,
}


@pytest.fixture(name="store", scope="module")
def fixture_store(tmp_path_factory: pytest.TempPathFactory) -> DirectoryStore:
    return DirectoryStore(tmp_path_factory.mktemp("bucket"))


@pytest.fixture(name="cache", scope="module")
def fixture_cache(tmp_path_factory: pytest.TempPathFactory) -> ObjectCache:
    return ObjectCache(tmp_path_factory.mktemp("cache"))


def _refusal(sql: str, table: Table, store: DirectoryStore, cache: ObjectCache) -> QueryError:
    with pytest.raises(QueryError) as refused:
        answer(Request(sql, "db"), StaticCatalog(table), store, cache)
    return refused.value


@pytest.mark.parametrize(("sql", "message"), TOO_MUCH.items())
def test_what_would_fill_the_memory_is_refused(
    sql: str, message: str, store: DirectoryStore, cache: ObjectCache
) -> None:
    refused = _refusal(sql, drugs(), store, cache)
    assert refused.name == "INVALID_FUNCTION_ARGUMENT"
    assert message in refused.message


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT cardinality(sequence(1, 10000))", "10000"),
        ("SELECT cardinality(sequence(10000, 1))", "10000"),
        ("SELECT sequence(9223372036854775806, 9223372036854775807)", "[9223372036854775806, 9223372036854775807]"),
        ("SELECT sequence(5, 1, -2)", "[5, 3, 1]"),
        ("SELECT sequence(1, 1)", "[1]"),
        ("SELECT cardinality(sequence(DATE '2000-01-01', DATE '2001-01-01', INTERVAL '1' MONTH))", "13"),
        ("SELECT cardinality(repeat('x', 10000))", "10000"),
        ("SELECT repeat('x', 0)", "[]"),
        ("SELECT length(rpad('x', 1000000, 'y'))", "1000000"),
        ("SELECT lpad('x', 3, 'ab')", "abx"),
        ("SELECT replace('abc', 'b', 'xyz')", "axyzc"),
    ],
)
def test_what_is_within_the_limits_is_answered(sql: str, value: str, store: DirectoryStore, cache: ObjectCache) -> None:
    assert answer(Request(sql, "db"), StaticCatalog(drugs()), store, cache).result.rows == ((value,),)


@pytest.mark.parametrize("sql", DEEP.values(), ids=DEEP)
def test_a_statement_that_is_too_deep_ends_in_a_named_error(
    sql: str, store: DirectoryStore, cache: ObjectCache
) -> None:
    refused: list[QueryError] = []
    # As the service does, in a thread: its stack is another one.
    thread = threading.Thread(target=lambda: refused.append(_refusal(sql, drugs(), store, cache)))
    thread.start()
    thread.join()
    assert [(error.name, "statement is too large" in error.message) for error in refused] == [("STACK_OVERFLOW", True)]


def test_memory_and_threads_are_bounded_and_nothing_is_written_to_the_disk() -> None:
    connection = engine.connect([])
    names = ("memory_limit", "threads", "temp_directory")
    row = connection.execute(f"SELECT {', '.join(f'current_setting({name!r})' for name in names)}").fetchone()
    assert row == ("1.9 GiB", engine.THREADS, "")


def test_a_query_that_needs_more_memory_ends_in_a_named_error(
    monkeypatch: pytest.MonkeyPatch, store: DirectoryStore, cache: ObjectCache
) -> None:
    monkeypatch.setattr(engine, "MEMORY_LIMIT_MB", 64)
    sql = "SELECT count(*) FROM (SELECT DISTINCT a.x * 10000 + b.y FROM UNNEST(sequence(1, 10000)) a(x), "
    refused = _refusal(f"{sql} UNNEST(sequence(1, 10000)) b(y))", drugs(), store, cache)
    assert refused.name == "EXCEEDED_LOCAL_MEMORY_LIMIT"
    assert "Query exhausted resources at this scale factor" in refused.message


def test_a_result_that_is_too_large_ends_before_it_is_whole(
    monkeypatch: pytest.MonkeyPatch, store: DirectoryStore, cache: ObjectCache
) -> None:
    monkeypatch.setattr(engine, "RESULT_LIMIT_BYTES", 10_000_000)
    sql = "SELECT rpad('x', 1000, 'y') FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 1000)) b(y)"
    assert _refusal(sql, drugs(), store, cache).name == "EXCEEDED_LOCAL_MEMORY_LIMIT"


def _written(path: Path) -> bytes:
    pq.write_table(pa.table({"a": list(range(1000)), "b": [f"text {n}" for n in range(1000)]}), path)
    return path.read_bytes()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_footer_is_bad_data_or_read(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "damaged.parquet"
    content = bytearray(_written(path))
    length = int.from_bytes(content[-8:-4], "little")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(len(content) - 8 - length, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    told = "HIVE_BAD_DATA: Not valid Parquet file: s3://lake/t/damaged.parquet"
    try:
        open_files({LakeObject("lake", "t/damaged.parquet", "e", 1): path})
    except QueryError as error:
        refused = str(error)
    else:
        refused = told
    assert refused == told


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1PAR1", b"PAR1" + b"\xff\xff\xff\x7f" + b"PAR1", b"x" * 100])
def test_what_is_no_parquet_file_is_bad_data(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "other.parquet"
    path.write_bytes(content)
    with pytest.raises(QueryError, match="HIVE_BAD_DATA: Not valid Parquet file: s3://lake/k"):
        open_files({LakeObject("lake", "k", "e", 1): path})


def test_damaged_pages_end_in_a_named_error(tmp_path: Path) -> None:
    store, cache = DirectoryStore(tmp_path / "bucket"), ObjectCache(tmp_path / "cache")
    (tmp_path / "bucket" / "t").mkdir(parents=True)
    path = tmp_path / "bucket" / "t" / "one.parquet"
    content = bytearray(_written(path))
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[4:footer] = b"\xff" * (footer - 4)
    path.write_bytes(content)
    table = Table("db", "t", (Column("b", "string"),), (), "s3://lake/t/", "parquet", ())
    refused = _refusal("SELECT count(DISTINCT length(b)) FROM t", table, store, cache)
    assert refused.name == "HIVE_CURSOR_ERROR", refused.message
    assert str(tmp_path) not in refused.message

"""The shut-in engine, and the reading of Parquet through the views of a query."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_cloud.athena.engine.connection import connect
from local_cloud.athena.engine.object_cache import LakeObject, ObjectCache
from local_cloud.athena.errors import QueryError, ScanLimitExceededError
from local_cloud.athena.query import Answer, Cancellation, answer
from local_cloud.athena.statements import Request
from local_cloud.athena.tables.catalog import Column, Partition, Table
from tests.local_cloud.athena.attacks import HARMLESS, REFUSED
from tests.local_cloud.athena.tables import StaticCatalog, drugs


class DirectoryStore:
    """Objects of one bucket in a directory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.reads = 0

    def list_objects(self, bucket: str, prefix: str) -> list[LakeObject]:
        files = (path for path in self.root.rglob("*") if path.is_file())
        items = [(str(path.relative_to(self.root)), path.read_bytes()) for path in files]
        return [
            LakeObject(bucket, key, hashlib.sha256(content).hexdigest(), len(content))
            for key, content in items
            if key.startswith(prefix)
        ]

    def require_readable(self, item: LakeObject) -> None:
        assert item.bucket == "lake"

    def read(self, item: LakeObject) -> bytes:
        self.reads += 1
        return (self.root / item.key).read_bytes()

    def put(self, key: str, columns: dict[str, Any] | pa.Table) -> None:
        path = self.root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), path)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    (tmp_path / "bucket").mkdir()
    return DirectoryStore(tmp_path / "bucket")


@pytest.fixture
def cache(tmp_path: Path) -> ObjectCache:
    return ObjectCache(tmp_path / "cache")


def table(*columns: Column, keys: tuple[Column, ...] = (), partitions: tuple[Partition, ...] = ()) -> Table:
    return Table("db", "t", columns, keys, "s3://lake/t/", "parquet", partitions)


def ask(sql: str, made: Table, store: DirectoryStore, cache: ObjectCache, limit: int | None = None) -> Answer:
    return answer(Request(sql, "db", scan_limit=limit), StaticCatalog(made), store, cache)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '{allowed}'",
        "COPY (SELECT 1) TO '{allowed}.other'",
        "ATTACH '/tmp/local-athena-escape.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['/etc/passwd']",
        "SELECT getenv('HOME')",
        "EXPORT DATABASE '/tmp/local-athena-escape'",
    ],
)
def test_the_engine_itself_reaches_nothing_but_its_files(sql: str, tmp_path: Path) -> None:
    allowed = tmp_path / "one.parquet"
    pq.write_table(pa.table({"a": [1]}), allowed)
    before = allowed.read_bytes()
    connection = connect([allowed])
    with pytest.raises(duckdb.Error):
        connection.execute(sql.format(allowed=allowed)).fetchall()
    assert allowed.read_bytes() == before
    assert connection.read_parquet(str(allowed)).fetchall() == [(1,)]
    assert list(tmp_path.iterdir()) == [allowed]


OVER_AGGREGATES = [
    ("SELECT 100 * count_if(n > 1) / count(*) FROM t", [("66",)]),
    ("SELECT count(*) / count(DISTINCT k) FROM t", [("1",)]),
    ("SELECT sum(n) / 2, sum(i) / 2, avg(n) / 2 FROM t", [("3", "3", "1.0")]),
    ("SELECT sum(n) * 3000000000 / 2 FROM t", [("9000000000",)]),
    ("SELECT k, sum(n) * 10 / sum(sum(n)) OVER () FROM t GROUP BY k ORDER BY k", [("a", "5"), ("b", "5")]),
    ("SELECT date_add('month', 2, min(d)), max(d) + interval '1' day FROM t", [("2024-03-31", "2024-03-01")]),
    ("SELECT max(d) - interval '1' month, date_trunc('month', max(d)) FROM t", [("2024-01-29", "2024-02-01")]),
    ("SELECT date_diff('day', min(d), max(d)), year(max(d)) FROM t", [("29", "2024")]),
    ("SELECT k FROM t WHERE n = SOME (SELECT 2) OR n = ANY (SELECT 3) ORDER BY n", [("a",), ("b",)]),
    ("SELECT n FROM t WHERE 3 > ALL (SELECT n FROM t WHERE k = 'a') AND k = 'b'", [("3",)]),
    ("SELECT k FROM t GROUP BY k HAVING max(n) > 2", [("b",)]),
]


@pytest.mark.parametrize(("sql", "expected"), OVER_AGGREGATES)
def test_expressions_over_aggregates_and_subqueries_are_those_of_trino(
    sql: str, expected: list[tuple[str, ...]], store: DirectoryStore, cache: ObjectCache
) -> None:
    store.put(
        "t/x.parquet",
        pa.table(
            {
                "k": ["a", "a", "b"],
                "n": pa.array([1, 2, 3], pa.int64()),
                "i": pa.array([1, 2, 3], pa.int32()),
                "d": [dt.date(2024, 1, 31), dt.date(2024, 2, 29), None],
            }
        ),
    )
    made = table(Column("k", "string"), Column("n", "bigint"), Column("i", "int"), Column("d", "date"))
    assert list(ask(sql, made, store, cache).result.rows) == expected


@pytest.mark.parametrize("sql", REFUSED)
def test_what_reaches_for_the_machine_is_refused_before_it_runs(
    sql: str, store: DirectoryStore, cache: ObjectCache
) -> None:
    with pytest.raises(QueryError) as refused:
        ask(sql, drugs(), store, cache)
    assert refused.value.name in {
        "SYNTAX_ERROR", "NOT_SUPPORTED", "TABLE_NOT_FOUND", "SCHEMA_NOT_FOUND", "CATALOG_NOT_FOUND",
        "FUNCTION_NOT_FOUND", "COLUMN_NOT_FOUND", "NOT_FOUND",
    }  # fmt: skip


@pytest.mark.parametrize("sql", HARMLESS)
def test_quotes_within_names_and_texts_do_no_harm(sql: str, store: DirectoryStore, cache: ObjectCache) -> None:
    before = set(Path("/tmp").glob("esc*"))  # noqa: S108 - where the statements would write
    found = ask(sql, drugs(), store, cache).result
    assert "root:" not in str(found.rows)
    assert set(Path("/tmp").glob("esc*")) == before  # noqa: S108


def test_a_python_variable_is_no_table() -> None:
    frame = pa.table({"a": [1]})
    assert frame.num_rows == 1
    with pytest.raises(duckdb.Error):
        connect([]).execute("SELECT * FROM frame")


def test_columns_go_by_name_without_regard_to_case_order_or_file(store: DirectoryStore, cache: ObjectCache) -> None:
    store.put("t/1.parquet", {"B": [1], "A": ["x"]})
    store.put("t/2.parquet", {"a": ["y"], "extra": [1]})
    made = table(Column("a", "string"), Column("b", "bigint"))
    found = ask("SELECT * FROM t ORDER BY a", made, store, cache).result
    assert [column.name for column in found.columns] == ["a", "b"]
    assert found.rows == (("x", "1"), ("y", None))


def test_partition_values_come_from_the_catalog_and_not_from_the_path(
    store: DirectoryStore, cache: ObjectCache
) -> None:
    store.put("t/year=1999/x.parquet", {"a": ["x"]})
    store.put("t/year=2000/x.parquet", {"a": ["unregistered"]})
    made = table(
        Column("a", "string"),
        keys=(Column("year", "int"),),
        partitions=(Partition(("2024",), "s3://lake/t/year=1999"),),
    )
    found = ask('SELECT a, year, year + 1, "$path" FROM t', made, store, cache).result
    assert found.rows == (("x", "2024", "2025", "s3://lake/t/year=1999/x.parquet"),)
    assert found.columns[1].type == "integer"


def test_a_location_does_not_match_its_siblings(store: DirectoryStore, cache: ObjectCache) -> None:
    store.put("t/x.parquet", {"a": ["mine"]})
    store.put("t2/x.parquet", {"a": ["sibling"]})
    made = Table("db", "t", (Column("a", "string"),), (), "s3://lake/t", "parquet")
    assert ask("SELECT a FROM t", made, store, cache).result.rows == (("mine",),)


def test_an_empty_table_answers_with_no_rows(store: DirectoryStore, cache: ObjectCache) -> None:
    made = table(Column("a", "string"), keys=(Column("v", "date"),))
    assert ask("SELECT a, v FROM t", made, store, cache).result.rows == ()
    assert ask("SELECT count(*) FROM t", made, store, cache).result.rows == (("0",),)


def test_values_of_every_type_are_written_as_athena_writes_them(store: DirectoryStore, cache: ObjectCache) -> None:
    types = {
        "s": "string", "i": "int", "d": "double", "p": "decimal(10,2)", "o": "boolean", "t": "date",
        "m": "timestamp", "l": "array<string>", "r": "struct<x:int,y:string>", "k": "map<string,int>", "b": "binary",
    }  # fmt: skip
    row = {
        "s": pa.array(["é"]),
        "i": pa.array([-1], pa.int32()),
        "d": pa.array([1e10]),
        "p": pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        "o": pa.array([True]),
        "t": pa.array([dt.date(3031, 2, 9)]),
        "m": pa.array([1_704_164_645_678_901], pa.timestamp("us")),
        "l": pa.array([["a", None]]),
        "r": pa.array([{"x": 1, "y": None}], pa.struct([("x", pa.int32()), ("y", pa.string())])),
        "k": pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())),
        "b": pa.array([b"\x01\xff"]),
    }
    store.put("t/x.parquet", row)
    made = table(*(Column(name, kind) for name, kind in types.items()))
    found = ask("SELECT * FROM t", made, store, cache).result
    assert found.rows == (
        ("é", "-1", "1.0E10", "1.50", "true", "3031-02-09", "2024-01-02 03:04:05.678",
         "[a, null]", "{x=1, y=null}", "{a=1}", "01 ff"),
    )  # fmt: skip
    assert [column.type for column in found.columns] == [
        "varchar", "integer", "double", "decimal", "boolean", "date", "timestamp", "array", "row", "map", "varbinary",
    ]  # fmt: skip


@pytest.mark.parametrize(("declared", "values"), [("string", [1]), ("bigint", ["1"]), ("date", ["2024-01-01"])])
def test_a_type_that_does_not_fit_the_file_is_bad_data(
    declared: str, values: list[Any], store: DirectoryStore, cache: ObjectCache
) -> None:
    store.put("t/x.parquet", {"a": values, "b": ["fine"]})
    made = table(Column("a", declared), Column("b", "string"))
    with pytest.raises(QueryError, match=r"HIVE_BAD_DATA: Field a's type .* in parquet file s3://lake/t/x.parquet"):
        ask("SELECT a FROM t", made, store, cache)
    assert ask("SELECT b FROM t", made, store, cache).result.rows == (("fine",),)


def test_what_is_not_parquet_is_named(store: DirectoryStore, cache: ObjectCache) -> None:
    (store.root / "t").mkdir()
    (store.root / "t" / "x.parquet").write_text("not parquet")
    with pytest.raises(QueryError, match=r"HIVE_BAD_DATA: Not valid Parquet file: s3://lake/t/x.parquet"):
        ask("SELECT a FROM t", table(Column("a", "string")), store, cache)
    text = Table("db", "t", (Column("a", "string"),), (), "s3://lake/t/", "text")
    with pytest.raises(QueryError, match="NOT_SUPPORTED: table 't' holds text"):
        ask("SELECT a FROM t", text, store, cache)


def test_scanned_bytes_are_the_column_chunks_of_the_footer(store: DirectoryStore, cache: ObjectCache) -> None:
    store.put("t/x.parquet", {"a": ["x"] * 1000, "b": list(range(1000))})
    group = pq.read_metadata(store.root / "t/x.parquet").row_group(0)
    sizes = [group.column(index).total_compressed_size for index in range(2)]
    made = table(Column("a", "string"), Column("b", "bigint"))
    assert ask("SELECT count(*) FROM t", made, store, cache).scanned_bytes == 0
    assert ask("SELECT max(a) FROM t", made, store, cache).scanned_bytes == sizes[0]
    assert ask("SELECT * FROM t", made, store, cache).scanned_bytes == sum(sizes)
    assert ask("SELECT 1 FROM t x JOIN t y ON x.b = y.b", made, store, cache).scanned_bytes == 2 * sizes[1]
    with pytest.raises(ScanLimitExceededError):
        ask("SELECT * FROM t", made, store, cache, limit=10)


def test_an_object_is_fetched_once_for_each_content(store: DirectoryStore, cache: ObjectCache) -> None:
    store.put("t/x.parquet", {"a": ["old"]})
    made = table(Column("a", "string"))
    assert [ask("SELECT a FROM t", made, store, cache).result.rows for _ in range(2)] == [(("old",),)] * 2
    assert store.reads == 1
    store.put("t/x.parquet", {"a": ["new"]})
    assert ask("SELECT a FROM t", made, store, cache).result.rows == (("new",),)
    assert store.reads == 2


def test_the_cache_keeps_to_its_limit(store: DirectoryStore, tmp_path: Path) -> None:
    store.put("t/x.parquet", {"a": ["x"]})
    small = ObjectCache(tmp_path / "small", limit=0)
    assert ask("SELECT a FROM t", table(Column("a", "string")), store, small).result.rows == (("x",),)
    assert list((tmp_path / "small").iterdir()) == []


def test_a_cancelled_query_does_not_run(store: DirectoryStore, cache: ObjectCache) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(QueryError, match="USER_CANCELED"):
        answer(Request("SELECT 1", "db"), StaticCatalog(), store, cache, cancellation)

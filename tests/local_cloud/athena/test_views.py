"""What a query does with a view: as with a table, whatever stands around its name."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local_cloud.athena.engine.object_cache import ObjectCache
from local_cloud.athena.errors import QueryError
from local_cloud.athena.query import answer
from local_cloud.athena.sql.translate import translate
from local_cloud.athena.statements import Request
from local_cloud.athena.tables.catalog import Column, Table
from tests.local_cloud.athena.tables import StaticCatalog
from tests.local_cloud.athena.test_engine import DirectoryStore

PILLS = Table("db", "pills", (Column("code", "string"), Column("n", "bigint")), (), "s3://lake/p/", "parquet")


@pytest.fixture
def catalog() -> StaticCatalog:
    return StaticCatalog(PILLS)


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    (tmp_path / "bucket" / "p").mkdir(parents=True)
    pq.write_table(pa.table({"code": ["x", "y"], "n": [1, 2]}), tmp_path / "bucket" / "p" / "x.parquet")
    return DirectoryStore(tmp_path / "bucket")


def ask(sql: str, catalog: StaticCatalog, store: DirectoryStore) -> list[tuple[str | None, ...]]:
    found = answer(Request(sql, "db"), catalog, store, ObjectCache(store.root.parent / "cache"))
    return list(found.result.rows)


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT x FROM v AS q(x, y) ORDER BY 1", [("x",), ("y",)]),
        ("SELECT * FROM v TABLESAMPLE BERNOULLI (0)", []),
        ("SELECT v.code, w.n FROM v JOIN v w ON v.n = w.n ORDER BY 1", [("x", "1"), ("y", "2")]),
        ("SELECT a.code FROM pills a JOIN (v JOIN v w ON v.n = w.n) ON a.n = v.n ORDER BY 1", [("x",), ("y",)]),
        ("SELECT db.v.code FROM db.v WHERE n = 2", [("y",)]),
        ("WITH v AS (SELECT 'z' AS code) SELECT code FROM v", [("z",)]),
        ("WITH pills AS (SELECT 'z' AS code) SELECT v.code, p.code FROM v, pills p WHERE v.n = 1", [("x", "z")]),
        ("WITH own AS (SELECT code FROM v WHERE n = 1) SELECT code FROM own", [("x",)]),
        (
            "(SELECT code FROM v WHERE n = 1) UNION ALL (SELECT code FROM pills WHERE n = 2) ORDER BY 1",
            [("x",), ("y",)],
        ),
        ("SELECT code FROM pills WHERE n IN (SELECT max(n) FROM v)", [("y",)]),
    ],
)
def test_a_view_stands_wherever_a_table_does(
    sql: str, expected: list[tuple[str | None, ...]], catalog: StaticCatalog, store: DirectoryStore
) -> None:
    ask("CREATE VIEW v AS WITH u AS (SELECT * FROM pills) SELECT * FROM u", catalog, store)
    assert ask(sql, catalog, store) == expected


@pytest.mark.parametrize("name", ["scan_0", "view_0"])
def test_a_common_table_expression_hides_no_table(name: str, catalog: StaticCatalog, store: DirectoryStore) -> None:
    ask("CREATE VIEW v AS SELECT * FROM pills", catalog, store)
    sql = f"WITH {name} AS (SELECT 'own' AS code) SELECT v.code, o.code, p.code FROM v, {name} o, pills p"
    assert ask(f"{sql} WHERE v.n = 1 AND p.n = 2", catalog, store) == [("x", "own", "y")]
    with pytest.raises(QueryError, match=r"NOT_SUPPORTED: .* keeps names with"):
        ask(sql.replace(name, f'"${name}"'), catalog, store)


def test_views_of_views_are_read_once_each(catalog: StaticCatalog, store: DirectoryStore) -> None:
    ask("CREATE VIEW v0 AS SELECT code FROM pills", catalog, store)
    for level in range(1, 13):
        before = f"v{level - 1}"
        ask(f"CREATE VIEW v{level} AS SELECT l.code FROM {before} l JOIN {before} r ON l.code = r.code", catalog, store)
    assert len(translate("SELECT count(*) FROM v12", "db", catalog).scans) == 1
    assert ask("SELECT count(*) FROM v12", catalog, store) == [("2",)]

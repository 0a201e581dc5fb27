"""Athena in the local cloud, through boto3, over a catalog and Parquet made for it."""

from __future__ import annotations

import secrets
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.athena.lake import Lake, execute, reason, results, rows, session


def test_declared_columns_by_name_with_null_where_a_file_lacks_one_and_hidden_files_left_out(lake: Lake) -> None:
    found = rows(lake, "SELECT * FROM plain ORDER BY amount")
    assert found == [["code", "amount"], ["a", "1"], [None, "2"], ["c", None]]


def test_only_registered_partitions_are_read_with_their_values(lake: Lake) -> None:
    found = rows(lake, "SELECT version, count(*) FROM versions GROUP BY version ORDER BY version")
    assert found == [["version", "_col1"], ["2024-01-01", "3"], ["2024-02-01", "3"]]


def test_current_table_follows_its_location(lake: Lake) -> None:
    glue = lake.cloud.client("glue")
    table = {"Name": "moving", "TableType": "EXTERNAL_TABLE"}
    first = lake.descriptor("versions/version=2024-01-01/run=1/")
    glue.create_table(DatabaseName=lake.database, TableInput={**table, "StorageDescriptor": first})
    assert rows(lake, "SELECT max(code) FROM moving")[1] == ["2024-01-01"]
    second = lake.descriptor("versions/version=2024-02-01/run=1/")
    glue.update_table(DatabaseName=lake.database, TableInput={**table, "StorageDescriptor": second})
    assert rows(lake, "SELECT max(code) FROM moving")[1] == ["2024-02-01"]


def test_a_rewritten_object_is_not_served_from_the_cache(lake: Lake) -> None:
    lake.put("rewritten/x.parquet", {"code": ["old"], "amount": [1]})
    lake.cloud.client("glue").create_table(
        DatabaseName=lake.database,
        TableInput={"Name": "rewritten", "StorageDescriptor": lake.descriptor("rewritten/")},
    )
    assert rows(lake, "SELECT code FROM rewritten")[1:] == [["old"]]
    lake.put("rewritten/x.parquet", {"code": ["new"], "amount": [1]})
    assert rows(lake, "SELECT code FROM rewritten")[1:] == [["new"]]


def test_scanned_bytes_are_those_of_the_columns_and_partitions_read(lake: Lake) -> None:
    one = lake.put("versions/version=2024-01-01/run=1/x.parquet", {"code": ["2024-01-01"] * 3, "amount": [1, 2, 3]})

    def scanned(sql: str) -> int:
        return int(execute(lake, sql)["Statistics"]["DataScannedInBytes"])

    assert scanned("SELECT count(*) FROM versions") == 0
    assert scanned("SELECT * FROM versions WHERE version = '2024-01-01'") == one
    assert 0 < scanned("SELECT code FROM versions WHERE version = '2024-01-01'") < one
    assert scanned("SELECT * FROM versions WHERE version IN ('2024-01-01', '2024-03-01')") == one
    assert scanned("SELECT * FROM versions WHERE version > '2024-01-01'") > 0
    assert scanned("SELECT * FROM versions") > one


def test_result_lies_in_s3_quoted_with_its_metadata(lake: Lake) -> None:
    execution = execute(lake, "SELECT code, 'say \"x\"' AS Said FROM plain WHERE amount <= 2 ORDER BY amount")
    location = execution["ResultConfiguration"]["OutputLocation"]
    assert location == f"s3://{lake.bucket}/results/{execution['QueryExecutionId']}.csv"
    key = location.removeprefix(f"s3://{lake.bucket}/")
    s3 = lake.cloud.client("s3")
    body = s3.get_object(Bucket=lake.bucket, Key=key)["Body"].read().decode()
    assert body == '"code","Said"\n"a","say ""x"""\n,"say ""x"""\n'
    assert s3.head_object(Bucket=lake.bucket, Key=f"{key}.metadata")["ContentLength"] > 0


def test_pages_hold_the_header_once(lake: Lake) -> None:
    execution = execute(lake, "SELECT n FROM UNNEST(sequence(1, 5)) AS t(n) ORDER BY n")
    paginator = lake.cloud.client("athena").get_paginator("get_query_results")
    pages = paginator.paginate(QueryExecutionId=execution["QueryExecutionId"], PaginationConfig={"PageSize": 2})
    texts = [[row["Data"][0]["VarCharValue"] for row in page["ResultSet"]["Rows"]] for page in pages]
    assert texts == [["n", "1"], ["2", "3"], ["4", "5"]]


def test_types_are_named_as_athena_names_them(lake: Lake) -> None:
    page = results(lake, "SELECT code, amount, 1.25 AS d, ARRAY[1] AS a, date '2024-01-01' AS t FROM plain")
    info = page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
    assert [column["Type"] for column in info] == ["varchar", "bigint", "decimal", "array", "date"]
    assert (info[2]["Precision"], info[2]["Scale"]) == (3, 2)


def test_show_and_describe_speak_of_the_catalog(lake: Lake) -> None:
    assert [lake.database] in rows(lake, "SHOW DATABASES")
    assert rows(lake, "SHOW TABLES 'v*'") == [["versions"]]
    assert rows(lake, "SHOW PARTITIONS versions") == [["version=2024-01-01"], ["version=2024-02-01"]]
    described = [str(row[0]).split("\t") for row in rows(lake, f"DESCRIBE {lake.database}.versions")]
    assert [part.strip() for part in described[0]] == ["code", "string", ""]
    assert [part.strip() for part in described[-1]] == ["version", "string", ""]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        'SELECT * FROM "/etc/passwd"',
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '/tmp/local-athena-escape.csv'",
        "ATTACH '/tmp/local-athena-escape.db'",
        "INSTALL httpfs",
        "PRAGMA database_list",
        "SET enable_external_access = true",
        "SELECT getenv('HOME')",
    ],
)
def test_no_sql_reaches_a_file_or_a_setting_of_the_machine(lake: Lake, sql: str) -> None:
    assert reason(lake, sql).split(":")[0] in {
        "SYNTAX_ERROR",
        "NOT_SUPPORTED",
        "TABLE_NOT_FOUND",
        "FUNCTION_NOT_FOUND",
    }


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO plain VALUES ('x', 1)",
        "CREATE TABLE other AS SELECT 1 AS one",
        "CREATE EXTERNAL TABLE other (a int) LOCATION 's3://x/'",
        "DROP TABLE plain",
        "UNLOAD (SELECT 1) TO 's3://x/' WITH (format = 'PARQUET')",
        "DELETE FROM plain",
        "MSCK REPAIR TABLE plain",
        "ALTER TABLE versions ADD PARTITION (version = 'x')",
    ],
)
def test_statements_that_write_are_refused(lake: Lake, sql: str) -> None:
    assert "NOT_SUPPORTED" in reason(lake, sql)
    assert lake.cloud.client("glue").get_table(DatabaseName=lake.database, Name="plain")


def test_unknown_table_and_column_are_named_with_their_place(lake: Lake) -> None:
    expected = f"TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.{lake.database}.nowhere' does not exist"
    assert reason(lake, "SELECT * FROM nowhere") == expected
    assert (
        reason(lake, "SELECT nothing FROM plain") == "COLUMN_NOT_FOUND: line 1:8: Column 'nothing' cannot be resolved"
    )


def test_a_file_that_does_not_fit_the_declared_type_fails_by_name(lake: Lake) -> None:
    lake.put("misfit/x.parquet", {"code": [1], "amount": [1]})
    lake.cloud.client("glue").create_table(
        DatabaseName=lake.database,
        TableInput={"Name": "misfit", "StorageDescriptor": lake.descriptor("misfit/")},
    )
    assert reason(lake, "SELECT code FROM misfit").startswith("HIVE_BAD_DATA: Field code's type int64")
    assert rows(lake, "SELECT amount FROM misfit")[1:] == [["1"]]


def test_parameters_take_the_places_of_question_marks(lake: Lake) -> None:
    found = rows(lake, "SELECT code FROM plain WHERE amount = ? AND code = ?", ExecutionParameters=["1", "'a'"])
    assert found[1:] == [["a"]]


@pytest.mark.parametrize(
    ("sql", "parameters", "expected"),
    [
        (
            "SELECT n FROM (VALUES 1, 2, 3) t(n) WHERE n >= ? ORDER BY n OFFSET ? LIMIT ?",
            ["1", "1", "2"],
            [["2"], ["3"]],
        ),
        ("WITH a AS (SELECT ? x), b AS (SELECT ? y) SELECT x, y, ? FROM a, b", ["1", "2", "3"], [["1", "2", "3"]]),
        ("SELECT trim(BOTH ? FROM ?), -?, '?' /* ? */", ["'x'", "'xax'", "-1"], [["a", "1", "?"]]),
    ],
)
def test_parameters_are_bound_by_their_place_in_the_text(
    lake: Lake, sql: str, parameters: list[str], expected: list[list[str]]
) -> None:
    assert rows(lake, sql, ExecutionParameters=parameters)[1:] == expected


def test_having_may_use_columns_that_are_not_selected(lake: Lake) -> None:
    grouped = "SELECT code FROM plain GROUP BY code HAVING"
    assert rows(lake, f"SELECT count(*) FROM ({grouped} max(amount) > 0 AND count(*) > 0)")[1:] == [["2"]]
    assert rows(lake, f"{grouped} max(amount) = 1")[1:] == [["a"]]
    assert rows(lake, "SELECT code FROM plain WHERE amount > 0 GROUP BY code HAVING max(amount) < 0")[1:] == []
    assert reason(lake, "SELECT code AS c FROM plain GROUP BY code HAVING c > 'a'").startswith("COLUMN_NOT_FOUND")


def work_group(lake: Lake, **configuration: Any) -> str:
    name = f"group-{uuid.uuid4().hex[:8]}"
    location = {"OutputLocation": f"s3://{lake.bucket}/of-the-group/"}
    lake.cloud.client("athena").create_work_group(
        Name=name, Configuration={"ResultConfiguration": location, **configuration}
    )
    return name


def test_an_enforced_work_group_decides_where_results_go(lake: Lake) -> None:
    enforced = work_group(lake, EnforceWorkGroupConfiguration=True)
    execution = execute(lake, "SELECT 1", WorkGroup=enforced)
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{lake.bucket}/of-the-group/")
    lenient = work_group(lake, EnforceWorkGroupConfiguration=False)
    execution = execute(lake, "SELECT 1", WorkGroup=lenient)
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{lake.bucket}/results/")


def test_an_unknown_work_group_is_an_invalid_request(lake: Lake) -> None:
    with pytest.raises(ClientError, match=r"InvalidRequestException.*nobody"):
        execute(lake, "SELECT 1", WorkGroup="nobody")


def test_a_query_that_is_too_long_is_an_invalid_request_and_one_that_is_too_deep_fails_by_name(lake: Lake) -> None:
    with pytest.raises(ClientError, match="maximum query length of 262144 bytes"):
        execute(lake, f"SELECT '{'x' * 262_144}'")
    assert "STACK_OVERFLOW" in reason(lake, f"SELECT {'(' * 3000}1{')' * 3000}")
    assert "STACK_OVERFLOW" in reason(lake, f"SELECT {'+'.join(['1'] * 3000)}")
    assert "INVALID_FUNCTION_ARGUMENT" in reason(lake, "SELECT repeat('x', 1000000000)")
    assert rows(lake, "SELECT 1 AS one")[1:] == [["1"]]


def test_a_query_over_the_scan_limit_is_cancelled_before_it_runs(lake: Lake) -> None:
    # Athena takes no smaller limit; random text does not compress below half its size.
    limited = work_group(lake, BytesScannedCutoffPerQuery=10_000_000)
    assert lake.put("large/x.parquet", {"code": [secrets.token_hex(11_000_000)]}) > 10_000_000
    lake.cloud.client("glue").create_table(
        DatabaseName=lake.database,
        TableInput={"Name": "large", "StorageDescriptor": lake.descriptor("large/")},
    )
    execution = execute(lake, "SELECT code FROM large", WorkGroup=limited)
    assert execution["Status"]["State"] == "CANCELLED"
    assert "Bytes scanned limit was exceeded" in execution["Status"]["StateChangeReason"]
    assert execute(lake, "SELECT count(*) FROM large", WorkGroup=limited)["Status"]["State"] == "SUCCEEDED"


def test_stop_interrupts_a_running_query(lake: Lake) -> None:
    athena = lake.cloud.client("athena")
    endless = (
        "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a(x), UNNEST(sequence(1, 10000)) b(y), "
        "UNNEST(sequence(1, 10000)) c(z), UNNEST(sequence(1, 10000)) d(w) WHERE x * y * z * w = 7"
    )
    started = athena.start_query_execution(
        QueryString=endless, ResultConfiguration={"OutputLocation": f"s3://{lake.bucket}/results/"}
    )
    time.sleep(0.5)
    athena.stop_query_execution(QueryExecutionId=started["QueryExecutionId"])
    found = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])["QueryExecution"]
    assert found["Status"]["State"] == "CANCELLED"


def test_queries_run_side_by_side(lake: Lake) -> None:
    with ThreadPoolExecutor(4) as pool:
        queries = [("SELECT ? + count(*) FROM plain", str(n)) for n in range(8)]
        found = list(pool.map(lambda query: rows(lake, query[0], ExecutionParameters=[query[1]]), queries))
    assert [page[1] for page in found] == [[str(3 + n)] for n in range(8)]


def test_the_catalog_and_s3_are_read_with_the_callers_permissions(lake: Lake) -> None:
    bucket = f"arn:aws:s3:::{lake.bucket}"
    base: list[dict[str, Any]] = [
        {"Action": "athena:*", "Resource": "*"},
        {"Action": ["s3:PutObject", "s3:GetObject"], "Resource": f"{bucket}/results/*"},
    ]
    catalog = {"Action": ["glue:GetTable", "glue:GetPartitions"], "Resource": "*"}
    listing = {"Action": "s3:ListBucket", "Resource": bucket}
    reading = {"Action": "s3:GetObject", "Resource": f"{bucket}/plain/*"}
    sql = "SELECT count(code) FROM plain"

    def run(statements: list[dict[str, Any]], query: str = sql) -> dict[str, Any]:
        credentials = session(lake, statements)
        status: dict[str, Any] = execute(lake, query, client=lake.cloud.client("athena", **credentials))["Status"]
        return status

    assert "glue:GetTable" in run(base)["StateChangeReason"]
    assert "s3:ListBucket" in run([*base, catalog])["StateChangeReason"]
    assert "s3:GetObject" in run([*base, catalog, listing])["StateChangeReason"]
    assert run([*base, catalog, listing, reading])["State"] == "SUCCEEDED"
    beside = run([*base, catalog, listing, reading], "SELECT code FROM versions")
    assert "versions/" in beside["StateChangeReason"]
    assert "s3:PutObject" in run([base[0], catalog, listing, reading])["StateChangeReason"]


def test_local_copies_lie_with_the_state_of_the_local_cloud(lake: Lake) -> None:
    assert rows(lake, "SELECT count(amount) FROM plain") == [["_col0"], ["2"]]
    cache = lake.cloud.state_directory / "athena"
    assert list(cache.glob("*.data"))
    assert cache.stat().st_mode & 0o777 == 0o700

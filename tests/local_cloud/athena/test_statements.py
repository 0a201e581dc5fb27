"""Views, prepared statements, EXPLAIN and named queries, through boto3."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_cloud.athena.lake import Lake, execute, reason, results, rows, session


def ran(lake: Lake, sql: str, **arguments: Any) -> dict[str, Any]:
    execution = execute(lake, sql, **arguments)
    assert execution["Status"]["State"] == "SUCCEEDED", execution["Status"]
    return execution


def glue_table(lake: Lake, name: str) -> dict[str, Any]:
    found: dict[str, Any] = lake.cloud.client("glue").get_table(DatabaseName=lake.database, Name=name)["Table"]
    return found


def test_a_view_is_stored_as_athena_stores_it_and_read_back(lake: Lake) -> None:
    columns = "code AS c, count(*) AS n, 1.5 AS d, ARRAY[1] AS a, CAST(ROW(1) AS row(x integer)) AS r"
    query = f"SELECT {columns} FROM plain GROUP BY code"
    execution = ran(lake, f"CREATE VIEW summary AS\n{query} -- as it is written")
    assert (execution["StatementType"], execution["SubstatementType"]) == ("DDL", "CREATE_VIEW")
    table = glue_table(lake, "summary")
    assert table["TableType"] == "VIRTUAL_VIEW"
    assert table["Parameters"]["presto_view"] == "true"
    encoded = table["ViewOriginalText"].removeprefix("/* Presto View: ").removesuffix(" */")
    content = json.loads(base64.b64decode(encoded))
    assert content["originalSql"].startswith("SELECT code AS c")
    assert (content["catalog"], content["schema"]) == ("awsdatacatalog", lake.database)
    assert content["columns"] == [
        {"name": "c", "type": "varchar"}, {"name": "n", "type": "bigint"}, {"name": "d", "type": "decimal(2,1)"},
        {"name": "a", "type": "array(integer)"}, {"name": "r", "type": "row(x integer)"},
    ]  # fmt: skip
    types = [column["Type"] for column in table["StorageDescriptor"]["Columns"]]
    assert types == ["string", "bigint", "decimal(2,1)", "array<int>", "struct<x:int>"]
    found = rows(lake, "SELECT c, n, s.r.x FROM summary s WHERE n = 1 ORDER BY c")
    assert found == [["c", "n", "x"], ["a", "1", "1"], ["c", "1", "1"], [None, "1", "1"]]
    assert ["summary"] in rows(lake, "SHOW VIEWS")
    assert rows(lake, "SHOW CREATE VIEW summary")[0] == [f"CREATE VIEW {lake.database}.summary AS"]
    assert reason(lake, f"CREATE VIEW summary AS {query}").startswith("ALREADY_EXISTS")
    ran(lake, "CREATE OR REPLACE VIEW summary AS SELECT 2 AS two")
    assert rows(lake, "SELECT * FROM summary") == [["two"], ["2"]]
    ran(lake, "DROP VIEW summary")
    assert reason(lake, "DROP VIEW summary").startswith("TABLE_NOT_FOUND")
    ran(lake, "DROP VIEW IF EXISTS summary")
    assert reason(lake, "DROP VIEW plain").startswith("TABLE_NOT_FOUND")
    assert glue_table(lake, "plain")["Name"] == "plain"


def test_a_view_that_athena_made_is_read_in_its_own_database(lake: Lake) -> None:
    content = {
        "originalSql": "SELECT code, amount FROM plain WHERE amount > 0", "catalog": "awsdatacatalog",
        "schema": lake.database,
        "columns": [{"name": "code", "type": "varchar(10)"}, {"name": "amount", "type": "bigint"}],
    }  # fmt: skip
    encoded = base64.b64encode(json.dumps(content).encode()).decode()
    other = f"other_{uuid.uuid4().hex[:8]}"
    glue = lake.cloud.client("glue")
    glue.create_database(DatabaseInput={"Name": other})
    storage = {"Columns": [{"Name": "code", "Type": "varchar(10)"}, {"Name": "amount", "Type": "bigint"}]}
    glue.create_table(
        DatabaseName=other,
        TableInput={
            "Name": "given", "TableType": "VIRTUAL_VIEW", "Parameters": {"presto_view": "true"},
            "StorageDescriptor": storage, "ViewOriginalText": f"/* Presto View: {encoded} */",
            "ViewExpandedText": "/* Presto View */",
        },
    )  # fmt: skip
    assert rows(lake, f"SELECT given.code FROM {other}.given WHERE given.amount = 1")[1:] == [["a"]]
    assert [str(row[0]).strip() for row in rows(lake, f"SHOW COLUMNS IN {other}.given")] == ["code", "amount"]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("CREATE VIEW v AS SELECT count(*) FROM plain", "MISSING_COLUMN_NAME"),
        ("CREATE VIEW v AS SELECT code, code FROM plain", "DUPLICATE_COLUMN_NAME"),
        ("CREATE VIEW v AS SELECT NULL AS a", "COLUMN_TYPE_UNKNOWN"),
        ("CREATE VIEW v AS SELECT nothing FROM plain", "COLUMN_NOT_FOUND"),
        ("CREATE OR REPLACE VIEW plain AS SELECT 1 AS a", "ALREADY_EXISTS"),
        ("CREATE VIEW nowhere.v AS SELECT 1 AS a", "HIVE_METASTORE_ERROR"),
        ("SHOW CREATE VIEW plain", "NOT_SUPPORTED"),
    ],
)
def test_a_view_that_cannot_be_is_refused(lake: Lake, sql: str, error: str) -> None:
    assert reason(lake, sql).startswith(error)


def test_a_view_whose_query_has_changed_or_names_itself_is_refused(lake: Lake) -> None:
    ran(lake, "CREATE VIEW inner_one AS SELECT 1 AS a")
    ran(lake, "CREATE VIEW outer_one AS SELECT * FROM inner_one")
    ran(lake, "CREATE OR REPLACE VIEW inner_one AS SELECT 'x' AS a")
    assert reason(lake, "SELECT * FROM outer_one").startswith("VIEW_IS_STALE")
    assert reason(lake, "CREATE OR REPLACE VIEW inner_one AS SELECT * FROM outer_one").startswith(
        "INVALID_VIEW: line 1"
    )
    assert "is recursive" in reason(lake, "CREATE OR REPLACE VIEW inner_one AS SELECT a FROM inner_one")
    ran(lake, "DROP VIEW inner_one")
    assert reason(lake, "SELECT * FROM outer_one").startswith("INVALID_VIEW")


def test_whoever_reads_a_view_needs_its_tables(lake: Lake) -> None:
    ran(lake, "CREATE OR REPLACE VIEW guarded AS SELECT version, code FROM versions")
    bucket, glue = f"arn:aws:s3:::{lake.bucket}", f"arn:aws:glue:*:*:table/{lake.database}"
    above = ["arn:aws:glue:*:*:catalog", f"arn:aws:glue:*:*:database/{lake.database}"]
    base: list[dict[str, Any]] = [
        {"Action": "athena:*", "Resource": "*"},
        {"Action": ["s3:PutObject", "s3:GetObject"], "Resource": f"{bucket}/results/*"},
        {"Action": "glue:GetTable", "Resource": [*above, f"{glue}/guarded", f"{glue}/another"]},
    ]
    table = {"Action": ["glue:GetTable", "glue:GetPartitions"], "Resource": [*above, f"{glue}/versions"]}
    objects = [
        {"Action": "s3:ListBucket", "Resource": bucket},
        {"Action": "s3:GetObject", "Resource": f"{bucket}/versions/*"},
    ]

    def run(*statements: dict[str, Any]) -> str:
        client = lake.cloud.client("athena", **session(lake, list(statements)))
        sql = "SELECT count(code) FROM guarded WHERE version = '2024-01-01'"
        return str(execute(lake, sql, client=client)["Status"].get("StateChangeReason", ""))

    assert f"{lake.database}/versions" in run(*base)
    assert "s3:ListBucket" in run(*base, table)
    assert run(*base, table, *objects) == ""
    client = lake.cloud.client("athena", **session(lake, [*base, table, *objects]))
    refused = execute(lake, "CREATE VIEW another AS SELECT code FROM versions", client=client)
    assert "glue:CreateTable" in refused["Status"]["StateChangeReason"]


def test_a_condition_on_a_view_chooses_partitions(lake: Lake) -> None:
    ran(lake, "CREATE OR REPLACE VIEW all_versions AS SELECT * FROM versions")
    part = execute(lake, "SELECT code, amount FROM all_versions WHERE version = '2024-01-01'")
    whole = execute(lake, "SELECT code, amount FROM all_versions")
    scanned = [execution["Statistics"]["DataScannedInBytes"] for execution in (part, whole)]
    assert scanned[0] * 2 == scanned[1] > 0


def test_prepared_statements_bind_what_using_lists(lake: Lake) -> None:
    ran(lake, "PREPARE mine FROM SELECT code FROM plain WHERE amount >= ? AND code LIKE ? ORDER BY 1")
    assert rows(lake, "EXECUTE mine USING 1, concat('a', '%')")[1:] == [["a"]]
    assert rows(lake, "EXECUTE mine", ExecutionParameters=["1", "'a'"])[1:] == [["a"]]
    assert reason(lake, "EXECUTE mine USING 1").startswith("INVALID_PARAMETER_USAGE")
    assert reason(lake, "PREPARE broken FROM SELEC 1").startswith("SYNTAX_ERROR")
    athena = lake.cloud.client("athena")
    found = athena.get_prepared_statement(StatementName="mine", WorkGroup="primary")["PreparedStatement"]
    assert found["QueryStatement"].startswith("SELECT code FROM plain")
    athena.update_prepared_statement(StatementName="mine", WorkGroup="primary", QueryStatement="SELECT 7 AS n")
    assert rows(lake, "EXECUTE mine") == [["n"], ["7"]]
    ran(lake, "DEALLOCATE PREPARE mine")
    assert reason(lake, "EXECUTE mine").startswith("NOT_FOUND")
    assert reason(lake, "DEALLOCATE PREPARE mine").startswith("NOT_FOUND")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        athena.update_prepared_statement(StatementName="mine", WorkGroup="primary", QueryStatement="SELECT 1")
    with pytest.raises(ClientError, match="WorkGroup nobody is not found"):
        athena.create_prepared_statement(StatementName="x", WorkGroup="nobody", QueryStatement="SELECT 1")


def test_explain_tells_the_plan_and_reads_nothing(lake: Lake) -> None:
    page = results(lake, "EXPLAIN SELECT code FROM plain WHERE amount > 1")
    assert [column["Name"] for column in page["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]] == ["Query Plan"]
    execution = ran(lake, "EXPLAIN (FORMAT TEXT) SELECT code FROM plain WHERE amount > 1")
    assert (execution["StatementType"], execution["Statistics"]["DataScannedInBytes"]) == ("UTILITY", 0)
    assert ran(lake, "EXPLAIN ANALYZE SELECT code FROM plain")["Statistics"]["DataScannedInBytes"] > 0
    assert rows(lake, "EXPLAIN (TYPE VALIDATE) SELECT code FROM plain") == [["true"]]
    assert reason(lake, "EXPLAIN (FORMAT JSON) SELECT 1").startswith("NOT_SUPPORTED: EXPLAIN (FORMAT JSON)")
    assert reason(lake, "EXPLAIN SELECT nothing FROM plain").startswith("COLUMN_NOT_FOUND")
    assert str(lake.cloud.state_directory) not in str(page)


def test_named_queries_are_kept_listed_and_deleted(lake: Lake) -> None:
    athena = lake.cloud.client("athena")
    group = f"named-{uuid.uuid4().hex[:8]}"
    athena.create_work_group(Name=group)
    given = {"Database": lake.database, "WorkGroup": group}
    made = [
        athena.create_named_query(Name=f"q{n}", QueryString=f"SELECT {n}", **given)["NamedQueryId"] for n in range(3)
    ]
    assert athena.list_named_queries(WorkGroup=group)["NamedQueryIds"] == made
    athena.update_named_query(NamedQueryId=made[0], Name="q0", QueryString="SELECT 10")
    assert athena.get_named_query(NamedQueryId=made[0])["NamedQuery"]["QueryString"] == "SELECT 10"
    athena.delete_named_query(NamedQueryId=made[0])
    batch = athena.batch_get_named_query(NamedQueryIds=made)
    assert [query["Name"] for query in batch["NamedQueries"]] == ["q1", "q2"]
    assert [item["NamedQueryId"] for item in batch["UnprocessedNamedQueryIds"]] == made[:1]
    for call in (athena.get_named_query, athena.delete_named_query):
        with pytest.raises(ClientError, match="InvalidRequestException"):
            call(NamedQueryId=made[0])
    with pytest.raises(ClientError, match="WorkGroup nobody is not found"):
        athena.create_named_query(Name="x", QueryString="SELECT 1", Database="d", WorkGroup="nobody")


def test_a_template_makes_a_named_query_and_takes_it_away(lake: Lake) -> None:
    stacks, athena = lake.cloud.client("cloudformation"), lake.cloud.client("athena")
    name = f"saved-{uuid.uuid4().hex[:8]}"
    properties = {"Database": lake.database, "Name": "monthly", "QueryString": "SELECT 1", "WorkGroup": "primary"}
    resource = {"Type": "AWS::Athena::NamedQuery", "Properties": properties}
    template = {
        "Resources": {"Saved": resource},
        "Outputs": {"Id": {"Value": {"Fn::GetAtt": ["Saved", "NamedQueryId"]}}},
    }

    def outcome(action: Any, waiting_for: str, body: dict[str, Any]) -> str:
        action(StackName=name, TemplateBody=json.dumps(body))
        stacks.get_waiter(waiting_for).wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
        (stack,) = stacks.describe_stacks(StackName=name)["Stacks"]
        return str(stack["Outputs"][0]["OutputValue"])

    first = outcome(stacks.create_stack, "stack_create_complete", template)
    assert athena.get_named_query(NamedQueryId=first)["NamedQuery"]["Name"] == "monthly"
    resource["Properties"] = {**properties, "QueryString": "SELECT 2"}
    second = outcome(stacks.update_stack, "stack_update_complete", template)
    assert athena.get_named_query(NamedQueryId=second)["NamedQuery"]["QueryString"] == "SELECT 2"
    stacks.delete_stack(StackName=name)
    deadline = time.monotonic() + 30
    while second in athena.list_named_queries(WorkGroup="primary")["NamedQueryIds"] and time.monotonic() < deadline:
        time.sleep(0.1)
    remaining = athena.list_named_queries(WorkGroup="primary")["NamedQueryIds"]
    assert {first, second}.isdisjoint(remaining)


def test_whoever_may_not_change_what_is_saved_is_refused(lake: Lake) -> None:
    athena, group = lake.cloud.client("athena"), "primary"
    ran(lake, "PREPARE guarded FROM SELECT 1 AS n")
    named = athena.create_named_query(Name="q", QueryString="SELECT 1", Database=lake.database)["NamedQueryId"]
    denied = lake.cloud.client("athena", **session(lake, [{"Action": "athena:Get*", "Resource": "*"}]))
    with pytest.raises(ClientError, match="AccessDenied"):
        denied.update_prepared_statement(StatementName="guarded", WorkGroup=group, QueryStatement="SELECT 2")
    with pytest.raises(ClientError, match="AccessDenied"):
        denied.update_named_query(NamedQueryId=named, Name="q", QueryString="SELECT 2")
    kept = athena.get_prepared_statement(StatementName="guarded", WorkGroup=group)["PreparedStatement"]
    assert kept["QueryStatement"] == "SELECT 1 AS n"
    assert athena.get_named_query(NamedQueryId=named)["NamedQuery"]["QueryString"] == "SELECT 1"
    ran(lake, "DEALLOCATE PREPARE guarded")
    athena.delete_named_query(NamedQueryId=named)

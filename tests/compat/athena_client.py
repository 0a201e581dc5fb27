"""Queries to Athena's API."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import boto3

from tests.compat.answers import Answer, Column

_POLL_SECONDS = 0.02


class AthenaClient:
    """Asks the Athena of a local cloud, in the project's work group."""

    def __init__(self, cloud: Mapping[str, str], database: str, work_group: str) -> None:
        self._client = boto3.client(
            "athena", endpoint_url=cloud["AWS_ENDPOINT_URL"], region_name=cloud["AWS_REGION"],
            aws_access_key_id=cloud["AWS_ACCESS_KEY_ID"], aws_secret_access_key=cloud["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip
        self._database, self._work_group = database, work_group

    def ask(self, sql: str) -> Answer:
        """Run one query to its end."""
        started = self._client.start_query_execution(
            QueryString=sql, QueryExecutionContext={"Database": self._database}, WorkGroup=self._work_group
        )
        query = started["QueryExecutionId"]
        status = self._wait(query)
        if status["State"] != "SUCCEEDED":
            name, _, message = str(status.get("StateChangeReason")).partition(": ")
            return Answer(failure=name, message=message)
        pages = list(self._client.get_paginator("get_query_results").paginate(QueryExecutionId=query))
        described = pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        rows = [tuple(cell.get("VarCharValue") for cell in row["Data"]) for page in pages for row in _rows(page)]
        return Answer(tuple(Column(column["Name"], _type(column)) for column in described), tuple(rows[1:]))

    def _wait(self, query: str) -> Any:
        while True:
            status = self._client.get_query_execution(QueryExecutionId=query)["QueryExecution"]["Status"]
            if status["State"] not in {"QUEUED", "RUNNING"}:
                return status
            time.sleep(_POLL_SECONDS)


def _rows(page: Any) -> Any:
    return page["ResultSet"]["Rows"]


def _type(column: Any) -> str:
    kind = str(column["Type"])
    return f"decimal({column['Precision']},{column['Scale']})" if kind == "decimal" else kind

"""Named queries and prepared statements, which MiniStack keeps: guarded, and made by PREPARE and by templates."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

from ministack.core.responses import error_response_json, get_account_id, get_region, json_response
from ministack.services import athena

from local_cloud import seams
from local_cloud.athena.errors import ErrorName, QueryError
from local_cloud.athena.service import access

_Response = tuple[int, dict[str, str], bytes]
_Operation = Callable[[dict[str, Any]], _Response]
_NAMED_QUERY = "AWS::Athena::NamedQuery"


class PreparedStatements(MutableMapping[str, str]):
    """The prepared statements of one work group, as the caller may use them."""

    def __init__(self, work_group: str) -> None:
        self._work_group = work_group

    def _key(self, name: str, action: str) -> str:
        arn = f"arn:aws:athena:{get_region()}:{get_account_id()}:workgroup/{self._work_group}"
        refused = access.denial(f"athena:{action}PreparedStatement", arn)
        if refused:
            raise QueryError(ErrorName.ACCESS_DENIED, refused.message)
        return f"{self._work_group}/{name}"

    def __getitem__(self, name: str) -> str:
        return str(athena._prepared_statements[self._key(name, "Get")]["QueryStatement"])

    def __setitem__(self, name: str, sql: str) -> None:
        athena._prepared_statements[self._key(name, "Create")] = {
            "StatementName": name,
            "WorkGroupName": self._work_group,
            "QueryStatement": sql,
            "LastModifiedTime": int(time.time()),
        }

    def __delitem__(self, name: str) -> None:
        del athena._prepared_statements[self._key(name, "Delete")]

    def __iter__(self) -> Iterator[str]:
        keys = (key.partition("/") for key in list(athena._prepared_statements))
        return (name for group, _, name in keys if group == self._work_group)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def install() -> dict[str, _Operation]:
    """Guard what MiniStack takes unchecked; return the operations that it does not have, by name."""
    athena._create_named_query = _of_a_work_group(athena._create_named_query)
    athena._create_prepared_statement = _of_a_work_group(athena._create_prepared_statement)
    athena._delete_named_query = _of_a_named_query(athena._delete_named_query)
    seams.CLOUDFORMATION_HANDLERS.value[_NAMED_QUERY] = {
        "create": _provision,
        "update": _reprovision,
        "delete": _unprovision,
    }
    return {"UpdateNamedQuery": _of_a_named_query(_update_named_query), "UpdatePreparedStatement": _update_prepared}


def invalid(message: str, code: str = "InvalidRequestException") -> _Response:
    """Return an error of the caller."""
    response: _Response = error_response_json(code, message, 400)
    return response


def _of_a_work_group(create: _Operation) -> _Operation:
    def create_checked(data: dict[str, Any]) -> _Response:
        group = data.get("WorkGroup") or "primary"
        return create(data) if group in athena._workgroups else invalid(f"WorkGroup {group} is not found.")

    return create_checked


def _of_a_named_query(change: _Operation) -> _Operation:
    def change_known(data: dict[str, Any]) -> _Response:
        name = data.get("NamedQueryId")
        return change(data) if name in athena._named_queries else invalid(f"NamedQuery {name} was not found")

    return change_known


def _update_named_query(data: dict[str, Any]) -> _Response:
    changes = {name: data[name] for name in ("Name", "Description", "QueryString") if name in data}
    athena._named_queries[data["NamedQueryId"]].update(changes)
    return _nothing()


def _update_prepared(data: dict[str, Any]) -> _Response:
    known = athena._prepared_statements.get(f"{data.get('WorkGroup')}/{data.get('StatementName')}")
    if known is None:
        return invalid(f"Prepared statement {data.get('StatementName')} was not found", "ResourceNotFoundException")
    changes = {name: data[name] for name in ("QueryStatement", "Description") if name in data}
    known.update(changes, LastModifiedTime=int(time.time()))
    return _nothing()


def _nothing() -> _Response:
    response: _Response = json_response({})
    return response


def _provision(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
    status, _, body = athena._create_named_query({"Name": f"{stack_name}-{logical_id}", **properties})
    answer = json.loads(body)
    if "NamedQueryId" not in answer:
        message = f"{_NAMED_QUERY}: {answer.get('message')} ({status})"
        raise ValueError(message)
    return answer["NamedQueryId"], {"NamedQueryId": answer["NamedQueryId"]}


def _reprovision(
    physical_id: str, before: dict[str, Any], properties: dict[str, Any], stack_name: str
) -> tuple[str, dict[str, Any]]:
    # Every property of a named query needs a replacement.
    made = _provision(physical_id, properties, stack_name)
    _unprovision(physical_id, before)
    return made


def _unprovision(physical_id: str, _properties: dict[str, Any]) -> None:
    athena._named_queries.pop(physical_id, None)

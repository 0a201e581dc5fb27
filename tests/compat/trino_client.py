"""Queries to Trino by its REST protocol, answered as Athena's API would write them.

Protocol: https://trino.io/docs/470/develop/client-protocol.html
"""

from __future__ import annotations

import base64
import re
from typing import Any

import requests

from local_cloud.athena.engine.results import double_text
from tests.compat.answers import Answer, Column

_SECONDS = 120
_ATHENA_TYPES = {"real": "float", "char": "varchar", "time": "time"}
_Type = dict[str, Any]


class TrinoClient:
    """Asks one Trino server.

    Parameters
    ----------
    address
        Where it listens.
    database
        The schema of tables that are named without one.
    """

    def __init__(self, address: str, database: str) -> None:
        self._address = address
        self._session = requests.Session()
        self._session.headers.update({
            "X-Trino-User": "compat", "X-Trino-Catalog": "awsdatacatalog", "X-Trino-Schema": database,
            "X-Trino-Time-Zone": "UTC", "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
        })  # fmt: skip

    def ask(self, sql: str) -> Answer:
        """Run one query to its end."""
        page = self._session.post(f"{self._address}/v1/statement", sql.encode(), timeout=_SECONDS).json()
        described: list[_Type] = []
        rows: list[list[Any]] = []
        while True:
            if "error" in page:
                return Answer(failure=page["error"]["errorName"], message=page["error"]["message"].splitlines()[0])
            described = page.get("columns", described)
            rows += page.get("data") or []
            if "nextUri" not in page:
                break
            page = self._session.get(page["nextUri"], timeout=_SECONDS).json()
        kinds = [column["typeSignature"] for column in described]
        columns = tuple(Column(column["name"], _type(column["typeSignature"])) for column in described)
        return Answer(columns, tuple(tuple(map(text, row, kinds)) for row in rows))


def _type(kind: _Type) -> str:
    name = str(kind["rawType"])
    if name == "decimal":
        precision, scale = (argument["value"] for argument in kind["arguments"])
        return f"decimal({precision},{scale})"
    return _ATHENA_TYPES.get(name, name)


def text(value: Any, kind: _Type) -> str | None:
    """Write a value of Trino's JSON as Athena's API writes it."""
    if value is None:
        return None
    inner = [argument["value"] for argument in kind.get("arguments", [])]
    name = kind["rawType"]
    if name == "array":
        return f"[{', '.join(_within(item, inner[0]) for item in value)}]"
    if name == "map":
        return f"{{{', '.join(f'{key}={_within(item, inner[1])}' for key, item in value.items())}}}"
    if name == "row":
        fields = zip(range(len(inner)), value, inner, strict=True)
        return f"{{{', '.join(_field(index, item, field) for index, item, field in fields)}}}"
    return _scalar(value, str(name))


def _scalar(value: Any, name: str) -> str:
    if name == "boolean":
        return "true" if value else "false"
    if name in {"double", "real"}:
        return double_text(float(value))
    if name == "varbinary":
        return base64.b64decode(value).hex(" ")
    if name.startswith("timestamp"):
        # Athena's API shows milliseconds, whatever the precision.
        return re.sub(r"^(\S+ \d\d:\d\d:\d\d)(\.\d+)?", lambda found: _millis(found[1], found[2] or "."), str(value))
    return str(value)


def _millis(moment: str, fraction: str) -> str:
    return f"{moment}{fraction[:4].ljust(4, '0')}"


def _within(value: Any, kind: _Type) -> str:
    return "null" if value is None else text(value, kind) or ""


def _field(index: int, value: Any, field: _Type) -> str:
    name = (field.get("fieldName") or {}).get("name") or f"field{index}"
    return f"{name}={_within(value, field['typeSignature'])}"

"""What is asked of both engines: the queries of ``queries.sql``, and every expression of the unit tests."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.local_cloud.athena.expressions import AGGREGATE, FAILURES, OPERATORS, SCALAR, VALUES
from tests.local_cloud.athena.statements import STATEMENTS

_QUERIES = Path(__file__).parent / "queries.sql"


@dataclass(frozen=True)
class Query:
    """One query; an unnamed one is an expression, and goes by its text."""

    name: str
    sql: str

    @property
    def ordered(self) -> bool:
        """Whether the order of its rows counts."""
        return re.search(r"\border by\b(?!.*\))", self.sql, re.IGNORECASE | re.DOTALL) is not None


def project_queries(text: str | None = None) -> list[Query]:
    """Return the queries of ``queries.sql``."""
    parts = re.split(r"^-- name: (.+)$", _QUERIES.read_text("utf-8") if text is None else text, flags=re.MULTILINE)[1:]
    return [Query(name.strip(), body.strip().rstrip(";")) for name, body in zip(parts[::2], parts[1::2], strict=True)]


def expression_queries() -> list[Query]:
    """Return a query for each expression whose answer the unit tests of the local Athena state."""
    constant = [item[0] for group in (SCALAR, OPERATORS, FAILURES) for item in group]
    made = [Query(item, f"SELECT {item}") for item in constant]
    made += [Query(sql, sql) for sql, _ in STATEMENTS]
    return [*made, *(Query(item, f"SELECT {item} {VALUES}") for item, _ in AGGREGATE)]

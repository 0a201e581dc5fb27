"""TPC-H and TPC-DS: their tables in the local cloud, and their queries as Trino takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from tests.compat.queries import Query
from tests.compat.tables import BUCKET, clients, empty_database, table
from tests.tpc.__main__ import TYPES, trino

ANSWERS = Path("build/tpc/answers")
"""What ``tests/tpc/generate.py`` writes."""


def make(cloud: Mapping[str, str], answers: Path = ANSWERS) -> None:
    """Write the tables of each benchmark, into a database of its name."""
    s3, glue = clients(cloud)
    for folder in _folders(answers):
        empty_database(glue, folder.name)
        known = json.loads((folder / "answers.json").read_text("utf-8"))
        for name, columns in known["tables"].items():
            prefix = f"{folder.name}/{name}/"
            s3.put_object(Bucket=BUCKET, Key=f"{prefix}x.parquet", Body=(folder / f"{name}.parquet").read_bytes())
            declared = {column: TYPES.get(kind, kind.lower()) for column, kind in columns}
            glue.create_table(DatabaseName=folder.name, TableInput=table(name, prefix, declared, {}))


def queries(answers: Path = ANSWERS) -> list[tuple[str, Query]]:
    """Return the queries, each with its database."""
    return [
        (folder.name, Query(f"{folder.name} {number}", trino(query["sql"])))
        for folder in _folders(answers)
        for number, query in json.loads((folder / "answers.json").read_text("utf-8"))["queries"].items()
    ]


def _folders(answers: Path) -> list[Path]:
    return sorted(path for path in answers.iterdir() if path.is_dir())

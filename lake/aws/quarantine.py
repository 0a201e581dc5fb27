"""Quarantined rows of a run, read from their Parquet files in the lake bucket."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from _shared.contracts import layout
from lake.aws.connection import Connection

_REASON, _LINE = "quarantine_reason", "meta_raw_line"
_POSITION, _SOURCE = "meta_row_position", "meta_source_table"
_BATCH = 4096


@dataclass(frozen=True)
class QuarantinedRow:
    """One row as the Bronze job wrote it, and why it was not published.

    Parameters
    ----------
    table
        The silver table that lacks it.
    source
        The bronze table that it came from.
    position
        Place of the record in its source table.
    values
        Its fields as the source has them, without nulls; empty if the record is malformed.
    line
        The whole text of a malformed record.
    """

    table: str
    reason: str
    source: str
    position: int | None
    values: dict[str, str]
    line: str | None


@dataclass
class Quarantine:
    """What a run quarantined: numbers of rows by table and reason, and the first rows of each."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    rows: list[QuarantinedRow] = field(default_factory=list)


def summarize(rows: Iterable[QuarantinedRow], reason: str | None, limit: int) -> Quarantine:
    """Count rows, and keep the first of each table and reason.

    Parameters
    ----------
    reason
        Only this reason; all if ``None``.
    limit
        Rows of each table and reason to keep.
    """
    found = Quarantine()
    for row in rows:
        if reason in {None, row.reason}:
            if found.counts[row.table, row.reason] < limit:
                found.rows.append(row)
            found.counts[row.table, row.reason] += 1
    return found


def rows(connection: Connection, bucket: str, table: str, run_id: str) -> Iterator[QuarantinedRow]:
    """Yield the rows of a silver table that a run quarantined."""
    from pyarrow import parquet  # noqa: PLC0415 - half a second, which no other command should wait for

    prefix = layout.quarantine_prefix(table, run_id)
    pages = connection.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    for key in [item["Key"] for page in pages for item in page.get("Contents", [])]:
        if key.endswith(".parquet"):
            body = connection.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
            for batch in parquet.ParquetFile(io.BytesIO(body)).iter_batches(batch_size=_BATCH):
                yield from (_row(table, row) for row in batch.to_pylist())


def _row(table: str, row: dict[str, Any]) -> QuarantinedRow:
    fields = {name: value for name, value in row.items() if name != _REASON and not name.startswith("meta_")}
    return QuarantinedRow(
        table=table,
        reason=str(row.get(_REASON)),
        source=str(row.get(_SOURCE) or table),
        position=row.get(_POSITION),
        values={name: str(value) for name, value in fields.items() if value is not None},
        line=row.get(_LINE),
    )

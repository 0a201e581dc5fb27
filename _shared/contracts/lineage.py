"""Lineage columns, which the platform adds to every row of bronze and silver.

Datasets do not declare them. Their names start with ``meta_``; names of other columns must not.
"""

from __future__ import annotations

from _shared.contracts.dataset import SilverColumn

PREFIX = "meta_"

VERSION = "meta_version"
RUN_ID = "meta_run_id"
SOURCE_FILE = "meta_source_file"
SOURCE_SHA256 = "meta_source_sha256"
ROW_POSITION = "meta_row_position"
"""Position of a row: unique within the file and increasing in file order."""
INGESTED_AT = "meta_ingested_at"

SOURCE_TABLE = "meta_source_table"
"""Bronze table of a row; not published."""

LINEAGE = (
    SilverColumn(VERSION, "string", "Release date of the version, YYYY-MM-DD"),
    SilverColumn(RUN_ID, "string", "Run that wrote the row"),
    SilverColumn(SOURCE_FILE, "string", "Archive member the row came from"),
    SilverColumn(SOURCE_SHA256, "string", "SHA-256 of the fetched source"),
    SilverColumn(ROW_POSITION, "bigint", "Place of the row in its file: unique in the file and in its order"),
    SilverColumn(INGESTED_AT, "timestamp", "Start of the run that ingested the row, UTC"),
)
"""The last columns of every silver table."""

"""Write the files of a dataset that a test describes as one document."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

TABLES = "tables"
"""Key of the silver tables in such a document: from the names of their files to what these hold."""


def write_dataset(directory: Path, document: Mapping[str, Any], name: str = "sample") -> Path:
    """Write ``<directory>/<name>/config/dataset.json`` and the files of its tables; return the directory."""
    config = directory / name / "config"
    (config / "tables").mkdir(parents=True)
    (config / "dataset.json").write_text(json.dumps({k: v for k, v in document.items() if k != TABLES}), "utf-8")
    for table, content in document.get(TABLES, {}).items():
        (config / "tables" / f"{table}.json").write_text(json.dumps(content), "utf-8")
    return directory

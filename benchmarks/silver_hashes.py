"""Row count and hash of every silver table of a release, to compare before and after a change.

Usage: ``python -m benchmarks.silver_hashes FOLDER [--dataset cder] [--write hashes.json] [--compare hashes.json]``

Both jobs run on every zip file under the folder. Its path must contain the dataset's name and the release date:
``releases/2019-04-29/cder/ndctext.zip`` or ``domains/cder/samples/2019-04-29/ndctext.zip``. The run id and the time of
the run are fixed, so that lineage columns can be compared. The hash does not depend on the order of rows or columns.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import duckdb
from pyspark.sql import SparkSession

from _shared.contracts.dataset import DatasetConfig
from _shared.glue_lib.bronze.job import run_bronze
from _shared.glue_lib.silver.job import run_silver
from benchmarks.jobs import RUN_ID, start_spark
from benchmarks.local_folder import FolderLake, put_archives
from config.datasets import dataset_names, load_dataset

EXPECTED = "expected.json"
"""File beside a sample with the expected hashes of its silver tables, for tests."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class TableHash:
    """Hash of a table's content.

    Parameters
    ----------
    rows
        Number of rows.
    columns
        Names and types, in order.
    digest
        Sum of the hashes of all rows.
    """

    rows: int
    columns: str
    digest: str


def releases_in(folder: Path) -> dict[tuple[str, str], list[Path]]:
    """Return the zip files under a folder, by dataset and release date."""
    found = defaultdict(list)
    datasets = set(dataset_names())
    for path in sorted(folder.resolve().glob("**/*.zip")):
        dates = [part for part in path.parts if _DATE.fullmatch(part)]
        names = [part for part in path.parts if part in datasets]
        if dates and names:
            found[names[-1], dates[-1]].append(path)
    return dict(found)


def hashes_of(spark: SparkSession, dataset: str, version: str, files: Iterable[Path]) -> dict[str, TableHash]:
    """Run bronze and silver on one release; return the hash of each silver table."""
    config = load_dataset(dataset)
    transforms = importlib.import_module(f"domains.{dataset}.transforms").TRANSFORMS
    with tempfile.TemporaryDirectory() as folder:
        lake = FolderLake(Path(folder))
        put_archives(lake, config, RUN_ID, version, by_source(config, files))
        run_bronze(spark, config, lake, RUN_ID)
        report = run_silver(spark, config, transforms, lake, RUN_ID)
        return {counts.table: table_hash(f"{lake.root}/silver/{counts.table}") for counts in report.tables}


def by_source(config: DatasetConfig, files: Iterable[Path]) -> dict[str, Path]:
    """Return the file of each source, matched by the file name in the URL, or the only source."""
    if len(config.sources) == 1:
        (file,) = files
        return {config.sources[0].name: file}
    names = {urlsplit(source.url).path.rsplit("/", 1)[-1]: source.name for source in config.sources}
    return {names[file.name]: file for file in files}


def table_hash(folder: str) -> TableHash:
    """Hash the Parquet files under a folder."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        files = f"read_parquet('{folder}/**/*.parquet', hive_partitioning = false)"
        described = connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()  # noqa: S608 - own path
        columns = {str(name): str(kind) for name, kind, *_ in described}
        row = ", ".join(f'"{name}"' for name in sorted(columns))
        query = (
            f"SELECT count(*), sum(md5_number_lower(to_json(row_)::VARCHAR)) FROM (SELECT {row} FROM {files}) AS row_"  # noqa: S608
        )
        rows, total = connection.execute(query).fetchone() or (0, 0)
    return TableHash(rows, ", ".join(f"{name} {kind}" for name, kind in columns.items()), f"{int(total or 0):x}")


def main() -> None:
    """Read the command line and run; return 1 if tables differ from those in a file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dataset", action="append", help="only this one; may be given several times")
    parser.add_argument("--write", type=Path, help="JSON file to write")
    parser.add_argument("--compare", type=Path, help="JSON file of an earlier run")
    parser.add_argument("--expected", action="store_true", help=f"write {EXPECTED} beside the files of each release")
    options = parser.parse_args()
    spark = start_spark()
    found: dict[str, TableHash] = {}
    for (dataset, version), files in releases_in(options.folder).items():
        if options.dataset and dataset not in options.dataset:
            continue
        tables = hashes_of(spark, dataset, version, files)
        if options.expected:
            text = json.dumps({table: asdict(value) for table, value in tables.items()}, indent=2)
            files[0].with_name(EXPECTED).write_text(text + "\n", "utf-8")
        for table, value in tables.items():
            found[f"{table} {version}"] = value
            print(f"{table:<26} {version} {value.rows:>9,} {value.digest}", flush=True)
        if options.write:
            text = json.dumps({name: asdict(value) for name, value in found.items()}, indent=2)
            options.write.write_text(text + "\n", "utf-8")
    spark.stop()
    if options.compare:
        sys.exit(_compare(json.loads(options.compare.read_text("utf-8")), found))


def _compare(before: dict[str, dict[str, object]], found: dict[str, TableHash]) -> int:
    differing = [name for name, value in found.items() if before.get(name) != asdict(value)]
    for name in differing:
        print(f"DIFFERS {name}: before {before.get(name)}, now {asdict(found[name])}")
    print(f"{len(found) - len(differing)} of {len(found)} tables are equal")
    return int(bool(differing))


if __name__ == "__main__":
    main()

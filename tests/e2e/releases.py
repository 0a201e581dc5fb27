"""Releases for the end-to-end tests, cut from the sample that the product ships."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from pathlib import Path

import duckdb

SAMPLE = (
    Path(__file__).resolve().parents[2]
    / "domains" / "nsde" / "samples" / "2019-04-29" / "Comprehensive_NDC_SPL_Data_Elements_File.zip"
)  # fmt: skip
MEMBER = "Comprehensive_NDC_SPL_Data_Elements_File.csv"


def sample_rows() -> list[list[str]]:
    """Header and rows of the shipped sample."""
    with zipfile.ZipFile(SAMPLE) as archive:
        return list(csv.reader(io.StringIO(archive.read(MEMBER).decode("utf-8"), newline="")))


def write_release(
    root: Path, release: str, *, rename_to: str = "", drop_every: int = 0, most_rows: int | None = None
) -> Path:
    """Write ``<root>/nsde/<release>/<sample name>``: the sample, perhaps with column 6 renamed and fewer rows."""
    header, *rows = sample_rows()
    if rename_to:
        header = [rename_to if name.startswith("Application") else name for name in header]
    if drop_every:
        rows = [row for number, row in enumerate(rows) if number % drop_every]
    rows = rows[:most_rows]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path = root / "nsde" / release / SAMPLE.name
    path.parent.mkdir(parents=True)
    # The time of the release, not of this moment: two releases are never the same bytes, as FDA's are not.
    member = zipfile.ZipInfo(MEMBER, dt.date.fromisoformat(release).timetuple()[:6])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, text.getvalue().encode("utf-8"), zipfile.ZIP_DEFLATED)
    return path


def independent_counts(release: Path) -> dict[str, int]:
    """Count rows of a release with DuckDB, from the CSV, without any of the product's code."""
    with zipfile.ZipFile(release) as archive:
        extracted = archive.extract(MEMBER, release.parent)
    connection = duckdb.connect()
    connection.execute(
        "create table raw as select *, trim(coalesce(\"Item Code\", '')) <> '' as identified "
        "from read_csv(?, header=true, all_varchar=true, delim=',', quote='\"', escape='\"')",
        [extracted],
    )
    counted = connection.execute(
        "select count(*), (select count(*) from (select distinct * from raw where identified)), "
        "count(*) filter (not identified) from raw"
    ).fetchone()
    assert counted is not None
    raw, silver, quarantined = counted
    return {"raw": raw, "silver": silver, "quarantined": quarantined, "duplicates": raw - silver - quarantined}

"""Cut a small sample out of an NSDE release. The output is reproducible.

Usage: ``python -m domains.nsde.samples.cut <whole>.zip <sample>.zip [--rows 20000]``
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

PER_SHAPE = 60
"""Number of rows to keep of each rare shape."""
ITEM_CODE, NAME, CATEGORY, CITATION, PRODUCT_TYPE, START, END, INACTIVATED, REACTIVATED = 0, 2, 4, 5, 6, 7, 8, 10, 11
COMMON_SHAPES = frozenset({"99999-999-99", "99999-9999-9", "9999-9999-99"})
UNKNOWN_START = "19000101"

Row = tuple[str, ...]


def shapes(row: Row) -> list[str]:
    """Names of the special properties of a row."""
    digits_as_nines = "".join("9" if c.isdigit() else c for c in row[ITEM_CODE])
    citation = "".join("9" if c.isdigit() else c for c in row[CITATION])
    found = [f"product type {row[PRODUCT_TYPE]}", f"category {row[CATEGORY]}", f"citation {citation}"]
    tests = {
        f"code {digits_as_nines[:1]}": digits_as_nines not in COMMON_SHAPES,
        "no start": not row[START],
        "unknown start": row[START] == UNKNOWN_START,
        "ended": bool(row[END]),
        "inactivated": bool(row[INACTIVATED]) and not row[REACTIVATED],
        "reactivated": bool(row[REACTIVATED]),
        "quote": any('"' in field for field in row),
        "not ASCII": not all(field.isascii() for field in row),
    }
    return found + [name for name, special in tests.items() if special]


def choose(rows: Sequence[Row], wanted: int) -> list[Row]:
    """Choose rows with each shape, duplicates of chosen rows, and a pseudo-random part of the others, in file order."""
    chosen: set[Row] = set()
    seen: dict[str, int] = defaultdict(int)
    copies: dict[Row, int] = defaultdict(int)
    for row in rows:
        copies[row] += 1
        rare = [shape for shape in shapes(row) if seen[shape] < PER_SHAPE]
        if rare or copies[row] > 1:
            chosen.add(row)
        for shape in rare:
            seen[shape] += 1
    special = sum(copies[row] for row in chosen)
    rest = sorted((row for row in copies if row not in chosen), key=_share)
    chosen.update(rest[: max(0, wanted - special)])
    return [row for row in rows if row in chosen]


def _share(row: Row) -> str:
    return hashlib.sha256("\x1f".join(row).encode()).hexdigest()


def cut(whole: Path, sample: Path, wanted: int) -> int:
    """Write the sample and return the number of rows."""
    with zipfile.ZipFile(whole) as archive:
        (name,) = archive.namelist()
        text = archive.read(name).decode("utf-8")
    header, *rows = (tuple(row) for row in csv.reader(io.StringIO(text, newline="")))
    kept = choose(rows, wanted)
    content = io.StringIO(newline="")
    csv.writer(content, lineterminator="\r\n").writerows([header, *kept])
    member = zipfile.ZipInfo(name, date_time=(2019, 4, 29, 0, 0, 0))
    member.external_attr = 0o644 << 16
    member.create_system = 3
    sample.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(sample, "w") as archive:
        archive.writestr(member, content.getvalue().encode("utf-8"), zipfile.ZIP_DEFLATED, 9)
    return len(kept)


def main() -> None:
    """Parse the command line and write the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("whole", type=Path)
    parser.add_argument("sample", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    options = parser.parse_args()
    print(f"{cut(options.whole, options.sample, options.rows)} rows in {options.sample}")


if __name__ == "__main__":
    main()

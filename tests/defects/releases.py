"""Releases of NSDE with one defect each, made from the sample of a real one."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.datasets import DOMAINS_DIRECTORY

SAMPLE = DOMAINS_DIRECTORY / "nsde/samples/2019-04-29/Comprehensive_NDC_SPL_Data_Elements_File.zip"
ROWS = 3000
_CATEGORY, _TYPE, _UNIT, _START = "Marketing Category", "Product Type", "Billing Unit", "Marketing Start Date"

Row = list[str]


@dataclass(frozen=True)
class Defect:
    """One defect: what is wrong, and how the rows of a good release are spoilt."""

    what: str
    spoil: Callable[[Row, list[Row]], list[Row]]
    cut: Callable[[bytes], bytes] = bytes

    def release(self) -> bytes:
        """Return the file."""
        header, rows = good()
        return self.cut(written(header, self.spoil(header, [list(row) for row in rows])))


def good(path: Path = SAMPLE) -> tuple[Row, list[Row]]:
    """Return header and first rows of the real file; equal rows once, so that a duplicate is one that was made."""
    with zipfile.ZipFile(path) as archive:
        text = archive.read(archive.namelist()[0]).decode("utf-8")
    reader = csv.reader(io.StringIO(text))
    header = next(reader)
    distinct = {tuple(row): None for row in reader}
    return header, [list(row) for row in list(distinct)[:ROWS]]


def written(header: Row, rows: Sequence[Row]) -> bytes:
    """Return the rows as FDA writes them."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows([header, *rows])
    return target.getvalue().encode("utf-8")


def _every(rows: list[Row], nth: int) -> Iterator[Row]:
    yield from rows[::nth]


def _set(column: str, value: str, nth: int) -> Callable[[Row, list[Row]], list[Row]]:
    def spoil(header: Row, rows: list[Row]) -> list[Row]:
        for row in _every(rows, nth):
            row[header.index(column)] = value
        return rows

    return spoil


def _shifted(_: Row, rows: list[Row]) -> list[Row]:
    for row in _every(rows, 4):
        row[3:] = [*row[4:], ""]
    return rows


def _contradicted(header: Row, rows: list[Row]) -> list[Row]:
    place = header.index("Dosage Form")
    return rows + [[*row[:place], "OTHER FORM", *row[place + 1 :]] for row in _every(rows, 12)]


DEFECTS = (
    Defect("none: the next day's release", lambda _, rows: rows),
    Defect("yesterday's file, processed again with `force`", lambda _, rows: rows),
    Defect("a tenth of a required column is empty", _set(_CATEGORY, "", 10)),
    Defect("a tenth of another column is empty", _set(_UNIT, "", 10)),
    Defect("a new category", _set(_TYPE, "HUMAN GENE THERAPY", 100)),
    Defect("a billing unit that NCPDP does not have", _set(_UNIT, "BX", 20)),
    Defect("a fifth of the dates are ten years later", _set(_START, "20290101", 5)),
    Defect("a quarter of the rows have lost a field, so that the others are shifted", _shifted),
    Defect("15 % of the rows have disappeared", lambda _, rows: [row for n, row in enumerate(rows) if n % 20 > 2]),
    Defect("a twentieth of the rows twice", lambda _, rows: rows + list(_every(rows, 20))),
    Defect("8 % of the rows contradict another with their key", _contradicted),
    Defect("half a file, cut off in a row", lambda _, rows: rows, lambda body: body[: len(body) // 2]),
    Defect("half a file, cut off between rows", lambda _, rows: rows[: len(rows) // 2]),
)

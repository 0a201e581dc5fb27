"""Releases of CDER and RxNorm for the end-to-end tests, made of the samples that the product ships."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

DOMAINS = Path(__file__).resolve().parents[2] / "domains"
CDER = DOMAINS / "cder" / "samples" / "2019-04-29"
RXNORM = DOMAINS / "rxnorm" / "samples" / "2026-09-08" / "RxNorm_full_prescribe_09082026.zip"

Change = Callable[[bytes], bytes]

_CLASS = re.compile(r"\[(?:EPC|PE|CS|MoA|Chemical/Ingredient|EXT)\](?:,|$)")


def members(archive: Path) -> dict[str, bytes]:
    """Read an archive."""
    with zipfile.ZipFile(archive) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def write(archive: Path, files: Mapping[str, bytes], day: str) -> Path:
    """Write an archive whose server will say that it was last modified on a day."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, body in files.items():
            opened.writestr(name, body)
    at = datetime.combine(date.fromisoformat(day), time(12)).timestamp()
    os.utime(archive, (at, at))
    return archive


def some_lines(count: int) -> Change:
    """Return a change that keeps the header and the first lines of a file of FDA's."""
    return lambda body: b"\r\n".join([*body.split(b"\r\n")[: count + 1], b""])


def rows(files: Iterable[bytes]) -> list[dict[str, str]]:
    """Read tab separated files without any of the product's code."""
    found = []
    for body in files:
        header, *lines = body.decode("cp1252").removesuffix("\r\n").split("\r\n")
        found += [dict(zip(header.split("\t"), line.split("\t"), strict=True)) for line in lines]
    return found


def class_count(products: Iterable[Mapping[str, str]]) -> int:
    """Count pharmacological classes by the marker that ends each."""
    return sum(len(_CLASS.findall(product.get("PHARM_CLASSES", ""))) for product in products)


def equation_holds(counted: Mapping[str, Any]) -> bool:
    """Whether every raw row is kept, a duplicate, in quarantine, or left out by design."""
    kept = counted["silver"] if counted["kept"] is None else counted["kept"]
    accounted = kept + counted["duplicates"] + counted["quarantined"] + counted["left_out"]
    return bool(counted["raw"] == counted["bronze"] == accounted)

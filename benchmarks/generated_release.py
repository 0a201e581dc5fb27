"""Multiply a release to any size with the same structure. The release is streamed line by line.

Usage: ``python -m benchmarks.generated_release <release>.zip <target>.zip rrf/RXNREL.RRF=197 [...]``

Sizes are in units of 10^6 bytes; members that are not named are copied. The first copy of a member is the member
itself. In each further copy, NSDE names start with the copy's number, RxNorm identifiers are increased by a step that
is larger than all of them, and labeler codes of NDCs are shifted within their length. So keys stay unique, and mirrored
relations stay mirrored. NDCs of two copies can be equal by chance. If members grow by different factors, the larger
ones refer to concepts that the smaller ones lack.
"""

from __future__ import annotations

import argparse
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path, PurePosixPath

MEGABYTE = 1_000_000
_CONCEPT, _ATOM, _RELATION = 10**8, 10**9, 10**10
_RXNORM_STEPS = {
    "RXNCONSO.RRF": {0: _CONCEPT, 7: _ATOM, 8: _ATOM, 9: _CONCEPT},
    "RXNREL.RRF": {0: _CONCEPT, 1: _ATOM, 4: _CONCEPT, 5: _ATOM, 8: _RELATION},
    "RXNSAT.RRF": {0: _CONCEPT, 3: _ATOM},
}
"""Fields with identifiers, and the step by which each copy increases them."""
_CODES = {"RXNCONSO.RRF": (11, 13), "RXNSAT.RRF": (9, 5)}
"""Fields of source and code. If the source is RXNORM, the code is the concept's identifier."""
_ATTRIBUTE, _VALUE = 8, 10

_NDC = re.compile(r"\b(\d{4,5})-(?=\d{3,4}(?![0-9A-Za-z]))")
"""An underscore may follow: PRODUCTID of CDER is the product's NDC, an underscore and a document's identifier."""

_LABELER_STEP = 30_803
"""Step of labeler codes. It is coprime to the number of labeler codes of each length."""


def shifted_labeler(labeler: str, copy: int) -> str:
    """Return the labeler code of a copy: a different one in each copy, of the same length."""
    first = 10_000 if len(labeler) > 4 and labeler[0] != "0" else 0  # noqa: PLR2004
    count = 90_000 if first else 10_000
    return str((int(labeler) - first + copy * _LABELER_STEP) % count + first).zfill(len(labeler))


def rxnorm_line(name: str, line: str, copy: int) -> str:
    """Return a line of an RRF file for a copy."""
    fields = line.split("|")
    for position, step in _RXNORM_STEPS[name].items():
        if fields[position].isdigit():
            fields[position] = str(int(fields[position]) + copy * step)
    if name in _CODES:
        source, code = _CODES[name]
        own = fields[source] == "RXNORM" and fields[code].isdigit()
        fields[code] = str(int(fields[code]) + copy * _CONCEPT) if own else with_shifted_ndcs(fields[code], copy)
    if name == "RXNSAT.RRF" and fields[_ATTRIBUTE] == "NDC":
        labeler, rest = fields[_VALUE][:5], fields[_VALUE][5:]
        fields[_VALUE] = shifted_labeler(labeler, copy) + rest if labeler.isdigit() else fields[_VALUE]
    return "|".join(fields)


def named_line(line: str, copy: int) -> str:
    """Give one line of NSDE under another name, which is a part of its key; quoted names keep their quotes."""
    code, ndc11, rest = line.split(",", 2) if line.strip() else ("", "", "")
    if not code:
        return line
    named = f'"{copy} {rest[1:]}' if rest.startswith('"') else f"{copy} {rest}"
    return f"{code},{ndc11},{named}"


def with_shifted_ndcs(text: str, copy: int) -> str:
    """Shift the labeler of every hyphenated NDC in a text, consistently for each labeler."""
    return _NDC.sub(lambda found: f"{shifted_labeler(found[1], copy)}-", text)


def lines(archive: zipfile.ZipFile, member: str, size: int) -> Iterator[bytes]:
    """Yield lines of a member up to the size. A CDER file's header is yielded once."""
    name, written, copy = PurePosixPath(member).name, 0, 0
    rewrite = _rewriting(name)
    while written < size:
        before = written
        with archive.open(member) as file:
            for number, line in enumerate(file):
                if copy and not number and name not in _RXNORM_STEPS:
                    continue
                made = rewrite(line.decode("latin-1"), copy).encode("latin-1") if copy else line
                yield made
                written += len(made)
                if written >= size:
                    return
        copy += 1
        if written == before:
            msg = f"{member} has no lines to repeat"
            raise ValueError(msg)


def _rewriting(name: str) -> Callable[[str, int], str]:
    if name in _RXNORM_STEPS:
        return partial(rxnorm_line, name)
    return named_line if name.endswith(".csv") else with_shifted_ndcs


def generate(source: Path, target: Path, megabytes: Mapping[str, float]) -> None:
    """Write an archive with the members of another one. The named members are multiplied to the given sizes.

    Raises
    ------
    KeyError
        A named member is not in the archive.
    """
    with zipfile.ZipFile(source) as archive, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        unknown = set(megabytes) - set(archive.namelist())
        if unknown:
            raise KeyError(", ".join(sorted(unknown)))
        for info in archive.infolist():
            size = megabytes.get(info.filename)
            made = archive.open(info) if size is None else lines(archive, info.filename, round(size * MEGABYTE))
            with out.open(info.filename, "w", force_zip64=True) as member:
                buffered = io.BufferedWriter(member, MEGABYTE)
                buffered.writelines(made)
                buffered.flush()
                buffered.detach()


def _sized(text: str) -> tuple[str, float]:
    name, _, size = text.rpartition("=")
    return name, float(size)


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generated_release", description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("sizes", type=_sized, nargs="+", help="member=megabytes")
    arguments = parser.parse_args()
    generate(arguments.source, arguments.target, dict(arguments.sizes))


if __name__ == "__main__":
    main()

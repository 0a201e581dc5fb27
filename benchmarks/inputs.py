"""What every contender reads: a release of a dataset in a folder, multiplied to the size that is asked for."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.layout import release_key
from _shared.contracts.release import Release
from _shared.contracts.source import Member
from benchmarks.generated_release import generate
from benchmarks.jobs import RUN_ID
from benchmarks.local_folder import FolderLake, put_archives
from benchmarks.silver_hashes import by_source, releases_in
from config.datasets import DOMAINS_DIRECTORY, load_dataset

VERSION = "2019-04-29"
"""Release date that every input is given."""

SAMPLE = 0
"""Scale that takes the files as they are."""

MEGABYTES: dict[str, dict[str, float]] = {
    "nsde": {"*.csv": 30.4},
    "cder": {"product.txt": 42.8, "package.txt": 33.3, "unfinished_product.txt": 4.5, "unfinished_package.txt": 3.9},
    "rxnorm": {"rrf/RXNCONSO.RRF": 30, "rrf/RXNREL.RRF": 197, "rrf/RXNSAT.RRF": 281},
}
"""Size of a real release's files: scale 1."""


@dataclass(frozen=True)
class RawTable:
    """One text file of a release, and how to read it."""

    name: str
    path: Path
    columns: tuple[str, ...]
    delimiter: str
    quote: str
    has_header: bool
    encoding: str

    def as_utf8(self, folder: Path) -> Path:
        """Give the file in UTF-8: itself, or a copy in the folder."""
        if self.encoding == "utf-8":
            return self.path
        copy = folder / f"{self.name}.txt"
        with (
            self.path.open(encoding=self.encoding, newline="") as source,
            copy.open("w", encoding="utf-8", newline="") as target,
        ):
            shutil.copyfileobj(source, target, 1 << 20)
        return copy


def raw_tables(lake: FolderLake, dataset: str) -> list[RawTable]:
    """Files of the release in a lake; the empty column behind a last delimiter is named ``rest``."""
    release = decode_text(Release, lake.read_text(release_key(dataset, RUN_ID)), "release document")
    members = {member.table: member for source in load_dataset(dataset).sources for member in source.members}
    found = []
    for raw in release.members:
        parse, path = members[raw.table].parse, lake.path(raw.key)
        columns = _columns(members[raw.table], path, raw.encoding)
        found.append(RawTable(raw.table, path, columns, parse.delimiter, parse.quote, parse.header, raw.encoding))
    return found


def _columns(member: Member, path: Path, encoding: str) -> tuple[str, ...]:
    """Names of a file's columns, in its order."""
    if not member.parse.header:
        return (*[column.name for column in member.columns], *(["rest"] if member.parse.trailing_delimiter else []))
    with path.open(encoding=encoding) as file:
        header = member.parse.header_names(file.readline().lstrip("\ufeff"))
    names = {text: column.name for column in member.columns for text in (column.header, *column.aliases)}
    return tuple(names[text] for text in header)


def put_input(dataset: str, scale: float, releases: Path | None, root: Path) -> float:
    """Write the input of one measurement as a fetched release; give its size in MB.

    Parameters
    ----------
    dataset, scale
        What to write, and its size in real releases; :data:`SAMPLE` takes the files as they are.
    releases
        Folder with zips beneath folders named by dataset and date; the samples of the repository where None.
    root
        Folder of the lake.
    """
    config, lake = load_dataset(dataset), FolderLake(root)
    archives = dict(_multiplied(config, _newest(dataset, releases), scale, root))
    put_archives(lake, config, RUN_ID, VERSION, archives)
    for archive in archives.values():
        if archive.parent == root:
            archive.unlink()
    return sum(table.path.stat().st_size for table in raw_tables(lake, dataset)) / 1e6


def _newest(dataset: str, releases: Path | None) -> list[Path]:
    found = releases_in(releases or DOMAINS_DIRECTORY)
    dates = [date for name, date in found if name == dataset]
    if not dates:
        msg = f"no release of {dataset} in {releases}: expected zips beneath folders named {dataset} and YYYY-MM-DD"
        raise FileNotFoundError(msg)
    return found[dataset, max(dates)]


def _multiplied(config: DatasetConfig, files: Iterable[Path], scale: float, folder: Path) -> Iterator[tuple[str, Path]]:
    for source, archive in by_source(config, files).items():
        target = archive
        if scale != SAMPLE:
            target = folder / f"{source}.zip"
            generate(archive, target, _sizes(config.dataset, archive, scale))
        yield source, target


def _sizes(dataset: str, archive: Path, scale: float) -> dict[str, float]:
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    return {
        name: size * scale
        for pattern, size in MEGABYTES[dataset].items()
        for name in names
        if name == pattern or (pattern.startswith("*") and name.endswith(pattern[1:]))
    }

"""Write the folder of a dataset: configuration, transform, sample, test and data dictionary."""

from __future__ import annotations

import io
import re
import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from _shared.contracts.dataset import DatasetConfig
from _shared.contracts.lineage import ROW_POSITION
from _shared.contracts.source import ParseContract
from config.datasets import dataset_names, load_dataset
from config.dictionary import dictionary, with_dictionary
from config.distinct import check_distinct
from config.json_text import json_text
from lake.errors import UserMistakeError
from lake.new.columns import column_names
from lake.new.delimited import Shape
from lake.new.source_file import SourceFile

_NAME = re.compile(r"[a-z][a-z0-9]{1,19}")
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class NewDataset:
    """Parameters of the folder of a new dataset.

    Parameters
    ----------
    name
        Name of the dataset, of its folder and of its table.
    source, shape
        The example file and its format.
    url
        Address of the dataset's source.
    only_here
        Whether the address is on this machine, so that the dataset is deployed locally only.
    """

    name: str
    source: SourceFile
    shape: Shape
    url: str
    only_here: bool

    @property
    def sample(self) -> str:
        """Path of the sample in the folder."""
        return f"samples/{self.source.day}/{sample_name(self.source)}"


def sample_name(source: SourceFile) -> str:
    """Return the name of the sample's file: the release's name, with characters replaced that a URL cannot have."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", source.name)


def check_name(name: str, directory: Path) -> None:
    """Check the name of a new dataset.

    Parameters
    ----------
    directory
        Folder of the datasets.

    Raises
    ------
    UserMistakeError
        The name is not valid, or already in use.
    """
    if not _NAME.fullmatch(name):
        msg = f"{name!r} cannot be the name of a dataset"
        raise UserMistakeError(msg, "give 2 to 20 lower-case letters and digits, a letter first, such as unii")
    if (directory / name).exists():
        msg = f"domains/{name} exists"
        raise UserMistakeError(msg, "give another name, or delete the folder first")


def write_folder(new: NewDataset, directory: Path) -> DatasetConfig:
    """Write the folder atomically.

    Parameters
    ----------
    directory
        Folder of the datasets.

    Raises
    ------
    ConfigError
        Another dataset has a table of that name.
    """
    others = [load_dataset(name, directory) for name in dataset_names(directory)]
    with tempfile.TemporaryDirectory(dir=directory, prefix=".new-") as scratch:
        root = Path(scratch)
        for path, content in _files(new).items():
            target = root / new.name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        config = load_dataset(new.name, root)
        check_distinct([*others, config])
        readme = root / new.name / "README.md"
        readme.write_text(with_dictionary(readme.read_text("utf-8"), dictionary(new.name, root)), "utf-8")
        shutil.move(root / new.name, directory / new.name)
    return config


def _files(new: NewDataset) -> Mapping[str, str | bytes]:
    names = column_names(new.shape.headers)
    values = {"name": new.name, "NAME": new.name.upper(), "member": new.source.member, "records": new.shape.records}
    return {
        "__init__.py": f'"""{new.name.upper()}: made of {new.source.member}."""\n',
        "transforms.py": _TRANSFORMS.format_map(values),
        "README.md": f"# {new.name.upper()}\n\nMade of `{new.source.member}`.\n\n- Source: `{new.url}`\n",
        "config/dataset.json": json_text(_dataset(new, names)),
        f"config/tables/{new.name}.json": json_text(_table(new, names)),
        "tests/__init__.py": '"""Tests of this dataset."""\n',
        f"tests/test_{new.name}.py": _TEST.format_map(values),
        new.sample: _sample(new),
    }


def _dataset(new: NewDataset, names: list[str]) -> dict[str, object]:
    shape, usual = new.shape, ParseContract()
    parse: dict[str, object] = {"delimiter": shape.delimiter, "quote": shape.quote}
    if not shape.header:
        parse["header"] = False
    if shape.trailing_delimiter:
        parse["trailing_delimiter"] = True
    columns = [
        {"name": name, "header": header} if shape.header else {"name": name}
        for name, header in zip(names, shape.headers, strict=True)
    ]
    unusual = {key: value for key, value in parse.items() if value != getattr(usual, key)}
    member = {"table": new.name, "pattern": new.source.pattern, **({"parse": unusual} if unusual else {})}
    return {
        "dataset": new.name,
        "title": f"{new.name.upper()}: {new.source.member}",
        "source_url": new.url,
        **({"environments": ["local"]} if new.only_here else {}),
        "members": [{**member, "columns": columns}],
    }


def _table(new: NewDataset, names: list[str]) -> dict[str, object]:
    headers = new.shape.headers
    return {
        "name": new.name,
        "description": f"One row per row of {new.source.member}",
        "grain": [ROW_POSITION],
        "columns": [
            {"name": name, "type": "string", "comment": f"{header[:200]} as the source writes it", "source": header}
            for name, header in zip(names, headers, strict=True)
        ],
    }


def _sample(new: NewDataset) -> bytes:
    if not new.source.is_archive:
        return new.shape.lines
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(new.source.member, _ZIP_TIME), new.shape.lines, zipfile.ZIP_DEFLATED)
    return content.getvalue()


_TRANSFORMS = '''\
"""{NAME} silver: from bronze text to the rows of the published table."""

from __future__ import annotations

from pyspark.sql import DataFrame

from _shared.glue_lib.silver.transform import SilverTransform


def {name}(rows: DataFrame) -> DataFrame:
    """Give the rows as they are."""
    return rows


TRANSFORMS = (SilverTransform("{name}", ("{name}",), {name}),)
'''

_TEST = """\
from __future__ import annotations

from pyspark.sql import SparkSession

from tests.sample_runs import run_sample
from tests._shared.glue_lib.local_lake import LocalLake


def test_every_row_of_the_sample_is_published(spark: SparkSession, lake: LocalLake) -> None:
    (table,) = run_sample(spark, lake, "{name}").tables
    assert (table.table, table.rows_in) == ("{name}", {records})
    assert table.rows_out + table.duplicates == {records}
"""

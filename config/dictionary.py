"""Data dictionaries: the section of ``domains/<dataset>/README.md`` that is generated from the configuration.

Usage: ``python -m config.dictionary [DATASET …] [--check]``. The text before and after the section is not changed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from _shared.contracts import naming
from _shared.contracts.lineage import LINEAGE
from config.datasets import DOMAINS_DIRECTORY, dataset_names, load_dataset
from config.documents import read_document
from config.errors import ConfigError
from config.release.notes import SILVER_NOTES, SOURCE_NOTES
from config.release.table_files import table_files

BEGIN = "<!-- data dictionary: written by `make dictionaries` from config/, not by hand -->"
END = "<!-- end of the data dictionary -->"

_LINEAGE_WORDS = """\
The last columns of every silver table are the same: where a row came from, and when. The platform adds them."""

_BRONZE_WORDS = """\
Text columns, null where the file has an empty field; then the columns of the lineage, as in silver; `meta_malformed`,
the reason why a record breaks the contract (its columns are then null), and `meta_raw_line`, its text."""

Row = Mapping[str, Any]


def dictionary(name: str, directory: Path = DOMAINS_DIRECTORY) -> str:
    """Return the section of a dataset, with its markers.

    Raises
    ------
    ConfigError
        The configuration has a mistake.
    """
    load_dataset(name, directory)
    folder = directory / name / "config"
    tables = [read_document(path, path.name) for path in table_files(folder)]
    document = read_document(folder / "dataset.json", "dataset.json")
    members = [member for source in document.get("sources", [document]) for member in source["members"]]
    parts = [
        BEGIN,
        *(_silver_section(path.stem, table) for path, table in zip(table_files(folder), tables, strict=True)),
        f"## Lineage\n\n{_LINEAGE_WORDS}\n\n{_lineage_table()}",
        f"## Bronze\n\n{_BRONZE_WORDS}",
        *(_bronze_section(member) for member in members),
        END,
    ]
    return "\n\n".join(parts)


def with_dictionary(text: str, section: str) -> str:
    """Replace the section in a README, or append it."""
    before, marker, rest = text.partition(BEGIN)
    if not marker:
        return f"{text.rstrip()}\n\n{section}\n"
    return f"{before}{section}{rest.partition(END)[2]}"


def _silver_section(name: str, table: Row) -> str:
    grain = ", ".join(f"`{column}`" for column in table["grain"])
    head = f"## Silver: `{name}` and `{naming.versions_table(name)}`\n\n{table['description']}. Grain: ({grain})."
    cells: dict[str, Callable[[Row], str]] = {"type": lambda row: row["type"], "meaning": lambda row: row["comment"]}
    return f"{head}\n\n{_table(table['columns'], cells, SILVER_NOTES)}"


def _lineage_table() -> str:
    rows = [{"name": column.name, "type": column.type, "comment": column.comment} for column in LINEAGE]
    return _table(rows, {"type": lambda row: row["type"], "meaning": lambda row: row["comment"]}, {})


def _bronze_section(member: Row) -> str:
    optional = ", optional" if member.get("optional") else ""
    head = f"### `{naming.bronze_table(member['table'])}`: `{member['pattern']}`{optional}"
    return f"{head}\n\n{_table(member['columns'], {'header': _header}, SOURCE_NOTES)}"


def _header(column: Row) -> str:
    aliases = f" (also {', '.join(column['aliases'])})" if column.get("aliases") else ""
    return f"{column.get('header', '')}{aliases}{' (optional)' if column.get('optional') else ''}"


def _table(rows: Sequence[Row], cells: Mapping[str, Callable[[Row], str]], notes: Mapping[str, str]) -> str:
    """Return a table of columns: names, the given cells, and each kind of note that at least one column has."""
    used = {key: heading for key, heading in notes.items() if any(row.get(key) for row in rows)}
    lines = [_line(["column", *cells, *used.values()]), _line(["---"] * (1 + len(cells) + len(used)), "")]
    for row in rows:
        given = (cell(row) for cell in cells.values())
        lines.append(_line([f"`{row['name']}`", *given, *(row.get(key, "") or "-" for key in used)]))
    return "\n".join(lines)


def _line(cells: Sequence[str], space: str = " ") -> str:
    inner = f"{space}|{space}".join(cell.replace("|", "\\|") for cell in cells)
    return f"|{space}{inner}{space}|"


def outdated(names: Sequence[str], directory: Path = DOMAINS_DIRECTORY) -> Iterator[tuple[Path, str]]:
    """Return the READMEs whose section differs from the configuration, each with its correct text."""
    for name in names:
        path = directory / name / "README.md"
        before = path.read_text("utf-8") if path.is_file() else f"# {name}\n"
        text = with_dictionary(before, dictionary(name, directory))
        if not path.is_file() or text != before:
            yield path, text


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the dictionaries. With ``--check``, only list those that are outdated, and return 1 if there are any."""
    parser = argparse.ArgumentParser(prog="python -m config.dictionary", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("dataset", nargs="*", help="default: every dataset")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    try:
        found = list(outdated(options.dataset or dataset_names()))
    except ConfigError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    for path, text in found:
        sys.stdout.write(f"{path}{' is not current: make dictionaries' if options.check else ''}\n")
        if not options.check:
            path.write_text(text, "utf-8")
    return int(options.check and bool(found))


if __name__ == "__main__":
    sys.exit(main())

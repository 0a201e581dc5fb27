"""Read ``domains/<dataset>/expectations/<table>.json``: a suite in Great Expectations' format for each silver table."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from _shared.contracts.dataset import SilverTable
from _shared.contracts.quality.expectations import COLUMN_LIST, REFERENCE, REMEDY, SINGLE_COLUMNS, Expectation
from config.documents import read_document
from config.errors import ConfigError, describe, mismatch, one_on_a_line

FOLDER = "expectations"

_ADAPTER = TypeAdapter(tuple[Expectation, ...])
_SUITE_KEYS = frozenset({"name", "expectations", "meta", "notes", "id", "suite_parameters"})
"""Keys of a suite that Great Expectations writes. Only name and expectations have an effect."""
_LISTS = frozenset({COLUMN_LIST, "value_set", "regex_list"})
_BATCH = "{batch}"
_TYPE = re.compile(r"expect_[a-z0-9_]+|unexpected_rows_expectation")


def with_expectations(tables: Sequence[SilverTable], domain: Path, where: str) -> tuple[SilverTable, ...]:
    """Add the suites of a dataset to its tables. A table without a file has no expectations of its own.

    Parameters
    ----------
    domain
        Folder of the dataset.
    where
        Name of that folder in error messages, such as ``domains/nsde``.

    Raises
    ------
    ConfigError
        A file has a mistake, or belongs to no table. The message lists the mistakes of all files.
    """
    by_name = {table.name: table for table in tables}
    mistakes: list[str] = []
    for path in sorted((domain / FOLDER).glob("*.json")):
        file = f"{where}/{FOLDER}/{path.name}"
        table = by_name.get(path.stem)
        if table is None:
            mistakes.append(f"{file}: there is no table {path.stem} in {where}/config/tables")
            continue
        try:
            by_name[table.name] = replace(table, expectations=as_suite(read_document(path, file), table, file))
        except ConfigError as error:
            mistakes.append(error.what)
    if mistakes:
        raise ConfigError(one_on_a_line(mistakes))
    return tuple(by_name.values())


def as_suite(document: dict[str, Any], table: SilverTable, file: str) -> tuple[Expectation, ...]:
    """Validate one suite.

    Parameters
    ----------
    file
        Name of the file in error messages.

    Raises
    ------
    ConfigError
        The document has a mistake. Whether Great Expectations knows a type and its arguments is found when it is
        evaluated.
    """
    if unknown := sorted(document.keys() - _SUITE_KEYS):
        msg = f"{file}: {unknown[0]}: unknown key: a suite has name, expectations and meta"
        raise ConfigError(msg)
    if document.get("name") != table.name:
        msg = f"{file}: {mismatch('name', document.get('name'), repr(table.name))}"
        raise ConfigError(msg)
    try:
        suite = _ADAPTER.validate_json(json.dumps(document.get("expectations")), strict=True)
    except ValidationError as error:
        raise ConfigError(describe(f"{file}: expectations", error)) from error
    places = [(f"{file}: expectations.{number}", one) for number, one in enumerate(suite)]
    mistakes = [mistake for place, one in places for mistake in _mistakes(place, one, table)]
    if mistakes:
        raise ConfigError(one_on_a_line(mistakes))
    return suite


def _mistakes(place: str, expectation: Expectation, table: SilverTable) -> Iterator[str]:
    if not _TYPE.fullmatch(expectation.type):
        yield mismatch(f"{place}.type", expectation.type, "a name like expect_column_values_to_be_unique")
    yield from _argument_mistakes(f"{place}.kwargs", expectation.kwargs, table)
    for key in sorted(expectation.meta.keys() - {REFERENCE, REMEDY}):
        yield mismatch(f"{place}.meta", key, f"{REFERENCE} or {REMEDY}")


def _argument_mistakes(place: str, kwargs: dict[str, Any], table: SilverTable) -> Iterator[str]:
    """Yield the mistakes of what the platform itself reads. Great Expectations checks all arguments later."""
    known = {column.name for column in table.columns}
    for key in _LISTS & kwargs.keys():
        if not isinstance(kwargs[key], list):
            yield mismatch(f"{place}.{key}", kwargs[key], "a list")
    named = [(key, kwargs[key]) for key in SINGLE_COLUMNS if key in kwargs]
    for key, name in [*named, *((COLUMN_LIST, name) for name in _listed(kwargs, COLUMN_LIST))]:
        if not isinstance(name, str) or name not in known:
            yield mismatch(f"{place}.{key}", name, f"a column of {table.name}")
    single = [kwargs["regex"]] if "regex" in kwargs else []
    for pattern in [*single, *_listed(kwargs, "regex_list")]:
        if not _compiles(pattern):
            yield mismatch(f"{place}.regex", pattern, "a regular expression")
    query = kwargs.get("unexpected_rows_query", _BATCH)
    if _BATCH not in str(query):
        yield mismatch(f"{place}.unexpected_rows_query", query, f"a query of {_BATCH}, which stands for the table")


def _listed(kwargs: dict[str, Any], key: str) -> list[Any]:
    value = kwargs.get(key)
    return value if isinstance(value, list) else []


def _compiles(pattern: object) -> bool:
    try:
        re.compile(pattern if isinstance(pattern, str) else "(")
    except re.error:
        return False
    return True

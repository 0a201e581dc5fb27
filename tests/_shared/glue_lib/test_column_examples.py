"""Run the examples in the docstrings of column functions, and require one for each public column function."""

from __future__ import annotations

import doctest
import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import get_type_hints

import pytest
from pyspark.sql import Column, SparkSession
from pyspark.sql import functions as F

import domains
from _shared.glue_lib import columns, drugs

OUTSIDE = ("tests", "samples")
COLUMNS = {Column, list[Column]}


class WithoutLastBlankLine(doctest.OutputChecker):
    """Ignores the blank line that ``DataFrame.show`` prints after a table; all other white space counts."""

    def check_output(self, want: str, got: str, optionflags: int) -> bool:
        return super().check_output(want, f"{got.rstrip()}\n" if got else got, optionflags)


def modules() -> Iterator[str]:
    for package in (columns, drugs, domains):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.ispkg and not set(module.name.split(".")) & set(OUTSIDE):
                yield module.name


def column_functions(module: ModuleType) -> Iterator[tuple[str, str]]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            returned = get_type_hints(function, {**vars(module), "Column": Column}).get("return")
            if returned in COLUMNS:
                yield name, inspect.getdoc(function) or ""


@pytest.mark.parametrize("name", list(modules()))
def test_examples_give_the_rows_they_show(spark: SparkSession, name: str) -> None:
    runner, report = doctest.DocTestRunner(WithoutLastBlankLine(), verbose=False), list[str]()
    for examples in doctest.DocTestFinder().find(import_module(name), extraglobs={"spark": spark, "F": F}):
        runner.run(examples, out=report.append)
    assert not report, "".join(report)


@pytest.mark.parametrize("name", list(modules()))
def test_column_functions_have_an_example(name: str) -> None:
    without = [function for function, text in column_functions(import_module(name)) if ">>>" not in text]
    assert without == []


def test_modules_and_column_functions_are_found() -> None:
    assert {"_shared.glue_lib.drugs.ndc", "domains.cder.rows", "domains.rxnorm.fields"} <= set(modules())
    assert {"in_order", "missing"} <= dict(column_functions(import_module("domains.rxnorm.fields"))).keys()

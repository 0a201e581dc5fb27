"""Every pattern of the code that runs on source text, collected from the calls that use one."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from _shared.contracts.source import ParseContract
from _shared.glue_lib.bronze import records, undecodable
from _shared.glue_lib.columns import dates
from _shared.lambdas.libs.source.http import licensed as licensed_source
from config.datasets import load_dataset
from domains.rxnorm import atoms

ROOT = Path(__file__).parents[2]
DATASETS = sorted(path.parents[1].name for path in ROOT.glob("domains/*/config/dataset.json"))
JAVA, PYTHON, PYTHON_WHOLE = "java", "python", "python, from the start only"

_IN_SPARK = {
    "rlike", "regexp", "regexp_like", "regexp_count", "regexp_extract", "regexp_extract_all", "regexp_instr",
    "regexp_replace", "regexp_substr", "split",
}  # fmt: skip
_FROM_START = {"fullmatch", "match"}
_IN_PYTHON = {"compile", "findall", "finditer", "search", "split", "sub", "subn"} | _FROM_START


@dataclass(frozen=True)
class SourcePattern:
    """A pattern, the engine that runs it, and the function that names it."""

    where: str
    engine: str
    pattern: str


def source_patterns() -> tuple[list[SourcePattern], set[str]]:
    """Patterns of all calls, and the functions whose patterns are made of arguments and not listed in ``MADE``."""
    found: dict[tuple[str, str], SourcePattern] = {}
    unknown = set()
    for path in sorted([*ROOT.glob("_shared/**/*.py"), *ROOT.glob("domains/*/*.py")]):
        text = path.read_text("utf-8")
        if not re.search(r"regexp|rlike|RLIKE|F\.split|\bre\.", text):
            continue
        where = path.relative_to(ROOT).as_posix()
        module = importlib.import_module(where.removesuffix(".py").replace("/", "."))
        for function, engine, argument in _uses(ast.parse(text), text):
            name = f"{where}: {function}"
            patterns = [value for value in [_value(argument, module)] if value is not None] or MADE.get(name, [])
            if not patterns:
                unknown.add(name)
            for pattern in patterns:
                found.setdefault((engine, pattern), SourcePattern(name, engine, pattern))
    for expected in _of_expectations():
        found.setdefault((JAVA, expected.pattern), expected)
    return list(found.values()), unknown


def _of_expectations() -> Iterator[SourcePattern]:
    """Patterns of the suites, which Spark applies to every value of a column."""
    for config in _CONFIGS:
        for table in config.silver_tables:
            for one in table.expectations:
                patterns = [one.kwargs.get("regex"), *one.kwargs.get("regex_list", ())]
                where = f"domains/{config.dataset}/expectations/{table.name}.json"
                yield from (SourcePattern(where, JAVA, pattern) for pattern in patterns if pattern is not None)


def _uses(tree: ast.Module, text: str) -> Iterator[tuple[str, str, ast.expr]]:
    """Give function, engine and pattern of each call that takes one, SQL text with a pattern in it included."""
    for top in tree.body:
        for scope in top.body if isinstance(top, ast.ClassDef) else [top]:
            for node in ast.walk(scope):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                    of, name = node.func.value, node.func.attr
                    engine = (of.id if isinstance(of, ast.Name) else "", name)
                    function = getattr(scope, "name", "module")
                    if engine[0] == "F" and (name in _IN_SPARK or name == "expr"):
                        yield function, JAVA, node.args[0 if name == "expr" else 1]
                    elif engine[0] == "re" and name in _IN_PYTHON:
                        names = [target.id for target in getattr(scope, "targets", []) if isinstance(target, ast.Name)]
                        methods = {name, *re.findall(rf"\b{names[0]}\.(\w+)\(", text)} if names else {name}
                        whole = methods - {"compile"} <= _FROM_START
                        yield function, PYTHON_WHOLE if whole else PYTHON, node.args[0]
                    elif name in _IN_SPARK - {"split"}:
                        yield function, JAVA, node.args[0]


def _value(argument: ast.expr, module: ModuleType) -> str | None:
    """Text of an argument that is made of a module's constants alone."""
    if isinstance(argument, ast.Call) and getattr(argument.func, "attr", "") == "lit":
        argument = argument.args[0]
    try:
        value = eval(compile(ast.Expression(argument), module.__name__, "eval"), vars(module))  # noqa: S307 - our code
    except NameError:
        return None
    return value if isinstance(value, str) else None


def _fields_of(parse: ParseContract) -> Iterator[str]:
    yield records._simple_pattern(parse.delimiter)
    if parse.quote:
        yield f"{records._pattern(parse.delimiter)}({records.RecordReader(parse, ())._field()})"


_CONFIGS = [load_dataset(name) for name in DATASETS]
_WHOLE_DATES = [rf"\A{pattern}\z" for pattern in (dates._COMPACT, dates._NAMED, dates._ISO)]
_ADDRESS = "https://example.org/a?b=c"

MADE = {
    "_shared/glue_lib/bronze/records.py: fields": sorted(
        {pattern for config in _CONFIGS for member in config.members for pattern in _fields_of(member.parse)}
    ),
    "_shared/glue_lib/columns/dates.py: parsed": _WHOLE_DATES,
    "_shared/lambdas/libs/source/http/caller_keys.py: _filled_in": [r"/a[^/]*b"],
    "_shared/lambdas/libs/source/http/licensed.py: _without_key": [re.escape(_ADDRESS) + licensed_source._WHOLE],
    "_shared/lambdas/libs/source/release_date.py: _written": sorted(
        {s.release_date.pattern for config in _CONFIGS for s in config.sources if s.release_date}
    ),
    "_shared/glue_lib/bronze/undecodable.py: escaped": [*undecodable._CHARACTERS.values(), undecodable._ONE_BYTE],
    "domains/rxnorm/atoms.py: _spl_code": [atoms._UNII, atoms._PRODUCT_NDC],
}
"""Patterns that functions make of what they are given: all that they are given here, or one like those of users."""

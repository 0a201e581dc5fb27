"""The fingerprint of a dataset: it changes where its tables may come out differently, and nowhere else.

It covers the code that makes a table from what was downloaded, as far as it is imported: what unpacks and decodes raw
files, what the jobs run, the dataset's transforms. It covers the configuration but for what says how a run is carried
out. Of Python code the syntax tree counts, so that comments, docstrings and formatting reprocess nothing.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from modulefinder import ModuleFinder
from pathlib import Path

from _shared.contracts.codec import encode
from _shared.contracts.dataset import DatasetConfig
from stacks.packaging.errors import PackagingError
from stacks.packaging.glue_library import domain_files
from stacks.packaging.staging import existing

UNPACKING = ("_shared.lambdas.libs.source.files.content", "_shared.lambdas.libs.source.files.raw_files")
"""What checks, unpacks and decodes a download."""

JOBS = "_shared.glue_lib.jobs.run_job"

WITHOUT_EFFECT_ON_DATA = frozenset(
    {
        "bronze_crawler_name",
        "bronze_job_name",
        "display_name",
        "environments",
        "job_timeout_minutes",
        "number_of_workers",
        "schedule",
        "silver_job_name",
        "title",
        "worker_type",
    }
)
"""Keys of the configuration that say how a run is carried out, or how it is called. Every other key counts."""

ONLY_SAID = frozenset({"_shared.contracts.errors", "_shared.contracts.messages", "_shared.lambdas.libs.observability"})
"""Modules that decide what is said of an error, and never what is in a table."""

_GLUE_LOCK = Path("requirements/glue.lock")


def fingerprint(config: DatasetConfig, root: Path) -> str:
    """Return SHA-256, lower-case hex, of the code and the configuration that make a dataset's tables.

    Raises
    ------
    PackagingError
        A module that counts is missing, or is no Python.
    """
    parts = {
        "configuration": _declarations(config),
        "packages of the jobs": existing(root / _GLUE_LOCK).read_bytes(),
        **{name: content for name, content in domain_files(config.dataset, root).items() if not name.endswith(".py")},
        **{name: _syntax(path.read_bytes()) for name, path in modules(config.dataset, root).items()},
    }
    total = hashlib.sha256()
    for name in sorted(parts):
        total.update(f"{name}\0{hashlib.sha256(parts[name]).hexdigest()}\0".encode())
    return total.hexdigest()


def modules(dataset: str, root: Path) -> dict[str, Path]:
    """Return the repository's modules that make a dataset's tables, by name: the roots and all that they import.

    Nothing is executed: the imports are read from the code.
    """
    roots = (*UNPACKING, JOBS, f"domains.{dataset}.transforms")
    finder = ModuleFinder(path=[str(root)])
    for name in roots:
        _follow(finder, name, root)
    _refuse_unreadable(finder, root)
    files = {name: getattr(module, "__file__", None) for name, module in finder.modules.items()}
    return {name: Path(file) for name, file in files.items() if file is not None and name not in ONLY_SAID}


def _follow(finder: ModuleFinder, name: str, root: Path) -> None:
    try:
        finder.import_hook(name)
    except ImportError as error:
        msg = f"there is no module {name} in {root}, which a fingerprint starts from"
        raise PackagingError(msg, f"restore it, or name what took its place in {Path(__file__).name}") from error
    except SyntaxError as error:
        msg = f"{name} is not valid Python: {error}"
        raise PackagingError(msg, "correct it") from error


def _refuse_unreadable(finder: ModuleFinder, root: Path) -> None:
    """Refuse a module that is there and was not read; what is not there is a third-party package, or a name in one."""
    for name in finder.badmodules:
        path = root.joinpath(*name.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                msg = f"{file.relative_to(root)} is not valid Python"
                raise PackagingError(msg, "correct it")


def _declarations(config: DatasetConfig) -> bytes:
    document = {key: value for key, value in encode(config).items() if key not in WITHOUT_EFFECT_ON_DATA}
    return json.dumps(document, sort_keys=True).encode()


@cache
def _syntax(source: bytes) -> bytes:
    """Return a digest of what a module does: datasets share most of theirs, and synthesis computes it once."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        match node:
            case (
                ast.Module(body=[ast.Expr(ast.Constant(str())), *rest])
                | ast.ClassDef(body=[ast.Expr(ast.Constant(str())), *rest])
                | ast.FunctionDef(body=[ast.Expr(ast.Constant(str())), *rest])
                | ast.AsyncFunctionDef(body=[ast.Expr(ast.Constant(str())), *rest])
            ):
                node.body = rest
    return hashlib.sha256(ast.dump(tree).encode()).digest()

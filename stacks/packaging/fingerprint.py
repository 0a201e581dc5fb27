"""The fingerprint of a dataset, which changes when the same source could give other tables.

It covers the code between download and table, with all its imports: unpacking and decoding of raw files, the jobs and
the dataset's transforms. It also covers the configuration, except the keys that only affect how a run is carried out.
Python code is hashed as a syntax tree, so comments, docstrings and formatting do not change the fingerprint.
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
"""The modules that check, unpack and decode a download."""

JOBS = "_shared.glue_lib.jobs.run_job"

WITHOUT_EFFECT_ON_DATA = frozenset(
    {
        "bronze_crawler_name",
        "bronze_job_name",
        "display_name",
        "environments",
        "execution_class",
        "job_timeout_minutes",
        "number_of_workers",
        "schedule",
        "silver_job_name",
        "title",
        "worker_type",
    }
)
"""Configuration keys for names, titles and the execution of a run. All other keys are in the fingerprint."""

ONLY_SAID = frozenset(
    {
        "_shared.contracts.errors",
        "_shared.contracts.messages",
        "_shared.contracts.naming",
        "_shared.contracts.quality.results",
        "_shared.glue_lib.jobs.json_lines",
        "_shared.glue_lib.quality.data_docs",
        "_shared.glue_lib.quality.publication",
        "_shared.glue_lib.quality.report_page",
        "_shared.lambdas.libs.observability",
    }
)
"""Modules that affect names, error messages, logs and reports, but never the content of a table."""

_GLUE_LOCK = Path("requirements/glue.lock")


def fingerprint(config: DatasetConfig, root: Path) -> str:
    """Return the SHA-256, in lower-case hex, of the code and the configuration that determine a dataset's tables.

    Raises
    ------
    PackagingError
        A module is missing, or is not valid Python.
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
    """Return the modules in the fingerprint, by name: the roots and all modules of this repository that they import.

    The imports are read from the code; nothing is executed.
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
    """Raise if a module of this repository was not read. Other names belong to third-party packages."""
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
    """Return a digest of a module's syntax tree. It is cached, because datasets share most modules."""
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

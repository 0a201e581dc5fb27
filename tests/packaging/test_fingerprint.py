"""Which datasets a change reprocesses: those whose tables it may change, and no other."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from _shared.contracts.dataset import DatasetConfig, Schedule
from config.datasets import load_dataset
from stacks.packaging.artefacts import ROOT
from stacks.packaging.errors import PackagingError
from stacks.packaging.fingerprint import WITHOUT_EFFECT_ON_DATA, fingerprint, modules

NAMES = ("cder", "nsde", "rxnorm")
CONFIGS = {name: load_dataset(name) for name in NAMES}
EVERY = set(NAMES)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources."""
    for folder in ("_shared", "domains", "requirements"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    return {name: fingerprint(config, ROOT) for name, config in CONFIGS.items()}


def changed(tree: Path, before: dict[str, str]) -> set[str]:
    """Names of the datasets whose fingerprint is another one in the tree."""
    return {name for name, config in CONFIGS.items() if fingerprint(config, tree) != before[name]}


def append(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text("utf-8") if path.is_file() else "") + text, "utf-8")


def test_fingerprint_is_the_same_wherever_the_sources_lie(tree: Path, before: dict[str, str]) -> None:
    assert changed(tree, before) == set()
    assert len(set(before.values())) == len(NAMES)


@pytest.mark.parametrize(
    ("file", "reprocessed"),
    [
        # What transforms the rows of one dataset, or of those that import it.
        ("domains/nsde/transforms.py", {"nsde"}),
        ("domains/cder/ingredients.py", {"cder"}),
        ("domains/rxnorm/__init__.py", {"rxnorm"}),
        ("_shared/glue_lib/drugs/ndc.py", EVERY),
        ("_shared/glue_lib/drugs/applications.py", {"nsde", "cder"}),
        # What every job runs.
        ("_shared/glue_lib/jobs/run_job.py", EVERY),
        ("_shared/glue_lib/bronze/job.py", EVERY),
        ("_shared/glue_lib/silver/job.py", EVERY),
        ("_shared/glue_lib/quality/checks.py", EVERY),
        ("_shared/contracts/codec.py", EVERY),
        ("_shared/contracts/layout.py", EVERY),
        # What unpacks and decodes.
        ("_shared/lambdas/libs/source/files/archive.py", EVERY),
        ("_shared/lambdas/libs/source/files/encodings.py", EVERY),
        ("_shared/lambdas/libs/source/files/raw_files.py", EVERY),
        ("_shared/lambdas/libs/source/files/content.py", EVERY),
        ("_shared/lambdas/libs/aws/s3_reader.py", EVERY),
        ("requirements/glue.lock", EVERY),
        # What neither makes rows nor decides which there are.
        ("_shared/lambdas/fetch_and_hash/app.py", set()),
        ("_shared/lambdas/libs/run/lease.py", set()),
        ("_shared/lambdas/libs/steps/failure.py", set()),
        ("_shared/contracts/naming.py", set()),
        ("_shared/contracts/errors.py", set()),
        ("_shared/contracts/run_record.py", set()),
        ("_shared/glue_lib/not_imported.py", set()),
        ("domains/nsde/not_imported.py", set()),
        ("domains/nsde/README.md", set()),
        ("domains/nsde/tests/test_nsde.py", set()),
        ("domains/nsde/samples/rows.csv", set()),
        ("requirements/lambda.lock", set()),
    ],
)
def test_a_change_of_code_reprocesses_the_datasets_that_it_makes(
    tree: Path, before: dict[str, str], file: str, reprocessed: set[str]
) -> None:
    append(tree / file, "\nANOTHER = 1\n")
    assert changed(tree, before) == reprocessed


def test_code_for_some_reprocesses_only_those_that_import_it(tree: Path, before: dict[str, str]) -> None:
    transforms = tree / "domains" / "nsde" / "transforms.py"
    text = transforms.read_text("utf-8").replace(
        "from _shared.glue_lib.drugs.ndc import with_ndc\n", "with_ndc = None\n"
    )
    transforms.write_text(text, "utf-8")
    without = fingerprint(CONFIGS["nsde"], tree)
    append(tree / "_shared" / "glue_lib" / "drugs" / "ndc.py", "\nANOTHER = 1\n")
    assert fingerprint(CONFIGS["nsde"], tree) == without
    assert changed(tree, before) == EVERY


@pytest.mark.parametrize(
    "import_line",
    ["from _shared.glue_lib import added", "import _shared.glue_lib.added", "from . import helper"],
)
def test_imports_are_followed_however_they_are_written(tree: Path, before: dict[str, str], import_line: str) -> None:
    append(tree / "domains" / "nsde" / "helper.py", "def late():\n    from _shared.glue_lib.added import ROWS\n")
    append(tree / "_shared" / "glue_lib" / "added.py", "ROWS = 1\n")
    append(tree / "domains" / "nsde" / "transforms.py", f"\n{import_line}\n")
    first = fingerprint(CONFIGS["nsde"], tree)
    append(tree / "_shared" / "glue_lib" / "added.py", "ROWS = 2\n")
    assert fingerprint(CONFIGS["nsde"], tree) != first
    assert changed(tree, before) == {"nsde"}


def test_a_data_file_of_a_domain_counts(tree: Path, before: dict[str, str]) -> None:
    append(tree / "domains" / "cder" / "units.csv", "kg,1000\n")
    assert changed(tree, before) == {"cder"}


@pytest.mark.parametrize(
    "file", ["domains/nsde/transforms.py", "_shared/glue_lib/drugs/ndc.py", "_shared/glue_lib/silver/job.py"]
)
def test_comments_docstrings_and_formatting_reprocess_nothing(tree: Path, before: dict[str, str], file: str) -> None:
    path = tree / file
    text = path.read_text("utf-8")
    assert '    """' in text
    text = text.replace('    """', '    """More. ', 1).replace('"""', '"""Other. ', 1).replace("\n\n\n", "\n\n\n\n")
    path.write_text(f"# Said before all.\n{text}\n# Said after all.\n", "utf-8")
    assert changed(tree, before) == set()


def test_a_text_that_is_no_docstring_counts(tree: Path, before: dict[str, str]) -> None:
    path = tree / "domains" / "nsde" / "transforms.py"
    text = path.read_text("utf-8")
    assert '"UNKNOWN"' in text
    path.write_text(text.replace('"UNKNOWN"', '"NOT_KNOWN"', 1), "utf-8")
    assert changed(tree, before) == {"nsde"}


ANOTHER: dict[str, Callable[[DatasetConfig], Any]] = {
    "bronze_crawler_name": lambda _: "another",
    "bronze_job_name": lambda _: "another",
    "display_name": lambda _: "another",
    "execution_class": lambda _: "FLEX",
    "environments": lambda _: ("another",),
    "job_timeout_minutes": lambda config: config.job_timeout_minutes + 1,
    "number_of_workers": lambda config: config.number_of_workers + 1,
    "schedule": lambda _: Schedule("rate(1 day)"),
    "silver_job_name": lambda _: "another",
    "title": lambda _: "another",
    "worker_type": lambda _: "G.8X",
    "database_name": lambda _: "another",
    "data_quality": lambda config: replace(config.data_quality, critical_null_threshold=0.01),
    "dataset": lambda _: "another",
    "glue_version": lambda _: "5.0",
    "pipeline": lambda _: "another",
    "silver_tables": lambda config: config.silver_tables[:-1],
    "sources": lambda config: (replace(config.sources[0], optional=True), *config.sources[1:]),
}


@pytest.mark.parametrize("key", [field.name for field in fields(DatasetConfig)])
def test_every_key_of_the_configuration_counts_but_those_that_only_say_how_a_run_is_carried_out(
    tree: Path, key: str
) -> None:
    shutil.copytree(tree / "domains" / "nsde", tree / "domains" / "another")
    config = CONFIGS["nsde"]
    other = replace(config, **{key: ANOTHER[key](config)})
    assert (fingerprint(other, tree) == fingerprint(config, tree)) is (key in WITHOUT_EFFECT_ON_DATA)


def test_every_key_without_effect_is_one() -> None:
    assert {field.name for field in fields(DatasetConfig)} >= WITHOUT_EFFECT_ON_DATA


def test_every_module_that_counts_is_one_of_the_repository() -> None:
    found = modules("rxnorm", ROOT)
    assert all(path.is_relative_to(ROOT) and path.suffix == ".py" for path in found.values())
    assert {name.split(".")[0] for name in found} == {"_shared", "domains"}
    assert not [name for name in found if name.startswith(("domains.nsde", "domains.cder"))]


@pytest.mark.parametrize(
    "file",
    [
        "domains/nsde/transforms.py",
        "_shared/lambdas/libs/source/files/raw_files.py",
        "_shared/glue_lib/jobs/run_job.py",
    ],
)
def test_a_module_that_it_starts_from_must_be_there(tree: Path, file: str) -> None:
    (tree / file).unlink()
    with pytest.raises(PackagingError, match=rf"there is no module {file[:-3].replace('/', '.')} in "):
        fingerprint(CONFIGS["nsde"], tree)


@pytest.mark.parametrize(
    "file", ["domains/nsde/transforms.py", "_shared/glue_lib/drugs/ndc.py", "_shared/lambdas/libs/__init__.py"]
)
def test_code_that_is_no_python_is_told_by_name(tree: Path, file: str) -> None:
    append(tree / file, "\ndef (:\n")
    with pytest.raises(PackagingError, match=r"(transforms|ndc\.py|libs.*) is not valid Python"):
        fingerprint(CONFIGS["nsde"], tree)

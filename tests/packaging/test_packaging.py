from __future__ import annotations

import os
import shutil
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from _shared.contracts.codec import decode_text
from _shared.contracts.dataset import DatasetConfig
from config.datasets import load_dataset
from stacks.packaging import artefacts as build_module
from stacks.packaging import staging, third_party
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT, Artefacts, build
from stacks.packaging.errors import PackagingError
from stacks.packaging.lambda_code import function_packages


@pytest.fixture(scope="module")
def nsde() -> DatasetConfig:
    return load_dataset("nsde")


@pytest.fixture(scope="module")
def artefacts(nsde: DatasetConfig) -> Artefacts:
    return build([nsde])["nsde"]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources, and of third-party packages that are installed already."""
    target = tmp_path / "tree"
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("_shared", "domains", "requirements"):
        shutil.copytree(ROOT / folder, target / folder, ignore=ignored)
    for installed in BUILD_DIRECTORY.glob("third-party-*"):
        shutil.copytree(installed, target / "build" / installed.name)
    return target


def build_in(tree: Path, config: DatasetConfig) -> Artefacts:
    return build([config], tree, tree / "build")[config.dataset]


def test_second_build_gives_the_same_files_without_pip(
    nsde: DatasetConfig, artefacts: Artefacts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        pytest.fail("pip was called although the lock did not change")

    monkeypatch.setattr(third_party, "_pip_install", refuse)
    assert build([nsde])["nsde"] == artefacts


def test_datasets_share_one_layer_that_is_built_once(nsde: DatasetConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[Path] = []

    def layer(root: Path, output: Path) -> Path:
        built.append(output)
        return root

    monkeypatch.setattr(build_module, "lambda_layer", layer)
    made = build([nsde, load_dataset("cder")])
    assert len(built) == 1
    assert {artefacts.layer for artefacts in made.values()} == {ROOT}


def test_library_has_equal_bytes_wherever_and_whenever_it_is_built(
    nsde: DatasetConfig, artefacts: Artefacts, tree: Path
) -> None:
    for path in tree.rglob("*.py"):
        os.utime(path, (1_000_000_000, 1_000_000_000))
    again = build_in(tree, nsde)
    assert again.glue_library.read_bytes() == artefacts.glue_library.read_bytes()
    assert again.fingerprint == artefacts.fingerprint


def test_library_has_the_code_the_resolved_configuration_and_dacite(artefacts: Artefacts, nsde: DatasetConfig) -> None:
    with zipfile.ZipFile(artefacts.glue_library) as archive:
        names = archive.namelist()
        config = archive.read("domains/nsde/config/dataset.json")
    assert names == sorted(names)
    assert {
        "_shared/__init__.py",
        "_shared/contracts/codec.py",
        "_shared/glue_lib/__init__.py",
        "domains/__init__.py",
        "domains/nsde/__init__.py",
        "domains/nsde/transforms.py",
        "dacite/__init__.py",
    } <= set(names)
    assert not [name for name in names if name.startswith("_shared/lambdas") or name.endswith((".pyc", ".md"))]
    assert [name for name in names if name.startswith("domains/nsde/config/")] == ["domains/nsde/config/dataset.json"]
    assert decode_text(DatasetConfig, config, "library") == nsde


@pytest.mark.parametrize("name", function_packages(ROOT))
def test_package_is_the_entry_point_and_the_resolved_configuration(
    artefacts: Artefacts, nsde: DatasetConfig, name: str
) -> None:
    folder = artefacts.functions[name]
    assert sorted(path.name for path in folder.iterdir()) == ["app.py", "dataset.json"]
    assert (folder / "app.py").read_bytes() == (ROOT / "_shared" / "lambdas" / name / "app.py").read_bytes()
    assert decode_text(DatasetConfig, (folder / "dataset.json").read_bytes(), name) == nsde


def test_layer_is_pure_python_and_fits_lambda(artefacts: Artefacts) -> None:
    files = [path for path in artefacts.layer.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in (".so", ".pyd", ".dylib", ".pyc")]
    assert not (artefacts.layer / "python" / "bin").exists()
    assert not (artefacts.layer / "python" / "_shared" / "glue_lib").exists()
    assert sum(path.stat().st_size for path in files) < 50 * 1024 * 1024


def test_layer_has_every_package_of_the_lock(artefacts: Artefacts) -> None:
    lock = (ROOT / "requirements" / "lambda.lock").read_text("utf-8")
    locked = {line.split("==")[0] for line in lock.splitlines() if "==" in line and not line.startswith((" ", "#"))}
    folders = (artefacts.layer / "python").glob("*.dist-info")
    installed = {folder.name.split("-")[0].replace("_", "-").lower() for folder in folders}
    assert installed == locked


@pytest.mark.parametrize(
    "missing",
    [
        "_shared/glue_lib/jobs/run_job.py",
        "_shared/__init__.py",
        "requirements/lambda.lock",
    ],
)
def test_missing_source_is_told_by_its_path(nsde: DatasetConfig, tree: Path, missing: str) -> None:
    (tree / missing).unlink()
    with pytest.raises(PackagingError, match=f"{missing} is missing"):
        build_in(tree, nsde)


def test_pip_that_fails_is_told_with_the_remedy_and_leaves_nothing_behind(tmp_path: Path) -> None:
    lock = tmp_path / "lambda.lock"
    lock.write_text("dacite==1.9.2 --hash=sha256:" + "0" * 64 + "\n", "utf-8")
    with pytest.raises(PackagingError, match=r"(?s)pip could not install lambda\.lock: .*; check that pip reaches"):
        third_party.install(lock, tmp_path / "build")
    assert list((tmp_path / "build").iterdir()) == []


def test_folder_that_could_not_be_filled_does_not_exist(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        (folder / "half").write_text("", "utf-8")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        staging.staged(tmp_path / "target", fail)
    assert list(tmp_path.iterdir()) == []


def test_two_builds_at_once_agree(tmp_path: Path) -> None:
    target = tmp_path / "target"

    def overtaken(folder: Path) -> None:
        (folder / "file").write_text("same", "utf-8")
        target.mkdir()
        (target / "file").write_text("same", "utf-8")

    assert staging.staged(target, overtaken) == target
    assert (target / "file").read_text("utf-8") == "same"


NAMES = st.text("abcxyz_", min_size=1, max_size=8).map(lambda name: f"{name}.py")


@given(files=st.dictionaries(NAMES, st.binary(max_size=200), max_size=5))
def test_archive_depends_on_names_and_contents_alone(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes]
) -> None:
    folder = tmp_path_factory.mktemp("zip")
    staging.write_zip(folder / "one.zip", files)
    staging.write_zip(folder / "two.zip", dict(reversed(files.items())))
    assert (folder / "one.zip").read_bytes() == (folder / "two.zip").read_bytes()
    with zipfile.ZipFile(folder / "one.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_build_lands_in_the_folder_that_version_control_ignores() -> None:
    assert BUILD_DIRECTORY == ROOT / "build"
    assert "build/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()

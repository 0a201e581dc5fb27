"""The first job makes Java's archive of classes, the others use it, and none sees half of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from local_cloud.glue.jobs.class_archive import ClassArchive


@pytest.fixture
def work(tmp_path: Path) -> Path:
    directory = tmp_path / "glue-job-1"
    directory.mkdir()
    return directory


def test_without_an_archive_java_makes_one_and_it_is_kept(work: Path, tmp_path: Path) -> None:
    kept = tmp_path / "share" / "classes.jsa"
    archive = ClassArchive.of_job(work, kept)
    assert f"-XX:ArchiveClassesAtExit={archive.made}" in archive.options.split()
    archive.made.write_bytes(b"classes")
    archive.keep()
    assert [path.name for path in kept.parent.iterdir()] == ["classes.jsa"]
    assert f"-XX:SharedArchiveFile={kept}" in ClassArchive.of_job(work, kept).options.split()


def test_the_archive_of_a_faster_job_stays(work: Path, tmp_path: Path) -> None:
    kept = tmp_path / "classes.jsa"
    archive = ClassArchive.of_job(work, kept)
    archive.made.write_bytes(b"second")
    kept.write_bytes(b"first")
    archive.keep()
    assert kept.read_bytes() == b"first"


def test_a_job_that_was_killed_keeps_nothing(work: Path, tmp_path: Path) -> None:
    ClassArchive.of_job(work, tmp_path / "classes.jsa").keep()
    assert not (tmp_path / "classes.jsa").exists()


def test_a_directory_that_cannot_be_made_does_not_fail_the_job(work: Path, tmp_path: Path) -> None:
    (tmp_path / "share").write_text("a file")
    archive = ClassArchive.of_job(work, tmp_path / "share" / "classes.jsa")
    archive.made.write_bytes(b"classes")
    archive.keep()
    assert (tmp_path / "share").read_text() == "a file"

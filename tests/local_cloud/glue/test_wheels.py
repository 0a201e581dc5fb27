"""A job adds packages from a zip of wheels, and only the packages in it."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from local_cloud.glue.jobs.files import LaunchError
from local_cloud.glue.jobs.wheels import added_packages
from stacks.packaging.artefacts import BUILD_DIRECTORY, ROOT
from stacks.packaging.wheels import wheels_archive

ADDRESS = "s3://bucket/code.gluewheels.zip"
GIVEN = {"--additional-python-modules": ADDRESS, "--python-modules-installer-option": "--no-index"}


class Bucket:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def get_object(self, **_: str) -> dict[str, io.BytesIO]:
        return {"Body": io.BytesIO(self.content)}


def archive(*names: str, requirements: str) -> Bucket:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as target:
        target.writestr("wheels/requirements.txt", requirements)
        for name in names:
            target.writestr(f"wheels/{name}-py3-none-any.whl", b"")
    return Bucket(body.getvalue())


def test_the_deployed_archive_has_all_that_glue_lacks_in_the_versions_of_this_machine(tmp_path: Path) -> None:
    content = wheels_archive(ROOT, BUILD_DIRECTORY).read_bytes()
    assert "great-expectations" in added_packages(Bucket(content), GIVEN, tmp_path)


@pytest.mark.parametrize(
    ("bucket", "arguments", "message"),
    [
        (archive(requirements=""), {**GIVEN, "--python-modules-installer-option": ""}, "add .* --no-index"),
        (archive(requirements=""), {**GIVEN, "--additional-python-modules": "great-expectations"}, "names great-exp"),
        (archive(requirements="jinja2==3.1.6\n"), GIVEN, r"has no wheel of jinja2==3\.1\.6"),
        (archive("jinja2-0.1", requirements="jinja2==0.1\n"), GIVEN, r"adds jinja2 0\.1, and this machine has 3"),
        (archive("nowhere-1.0", requirements="nowhere==1.0\n"), GIVEN, r"adds nowhere 1\.0, and this machine has none"),
    ],
)
def test_what_glue_would_not_install_fails_the_start(
    tmp_path: Path, bucket: Bucket, arguments: dict[str, str], message: str
) -> None:
    with pytest.raises(LaunchError, match=message):
        added_packages(bucket, arguments, tmp_path)


def test_a_job_without_the_argument_adds_nothing(tmp_path: Path) -> None:
    assert added_packages(Bucket(b""), {}, tmp_path) == []

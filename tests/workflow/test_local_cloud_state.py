"""What lies on disk: open to its owner alone, and no secret in plain text."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from local_cloud import cloud as local_cloud
from local_cloud.errors import LocalCloudError
from tests.conftest import CloudUnderTest

SECRET, PARAMETER = "the-licence-key-5f2c", "the-parameter-91ab"


def open_to_others(directory: Path) -> str:
    """Files that somebody else could read, write or enter, as ``find`` names them."""
    return subprocess.run(["find", str(directory), "-perm", "/077"], capture_output=True, text=True, check=True).stdout


def files_with(directory: Path, text: str) -> set[str]:
    return {path.name for path in directory.rglob("*") if path.is_file() and text.encode() in path.read_bytes()}


def under(directory: Path, running: local_cloud.Cloud) -> CloudUnderTest:
    return CloudUnderTest(running.endpoint, directory, running)


def test_state_is_closed_to_other_users_and_secrets_in_it_are_encrypted(tmp_path: Path) -> None:
    state = tmp_path / "lake"
    state.mkdir(mode=0o755)
    first = local_cloud.start(state)
    try:
        client: Any = under(state, first).client
        client("secretsmanager").create_secret(Name="key", SecretString=SECRET)
        client("ssm").put_parameter(Name="parameter", Type="SecureString", Value=PARAMETER)
        client("s3").create_bucket(Bucket="closed")
        client("s3").put_object(Bucket="closed", Key="a/b", Body=b"licensed rows")
        client("iam").create_user(UserName="reader")
        made = client("iam").create_access_key(UserName="reader")["AccessKey"]
    finally:
        local_cloud.stop(state)
    assert (state / "state" / "secretsmanager.json").is_file()
    assert open_to_others(state) == ""
    for text in (SECRET, PARAMETER, made["SecretAccessKey"]):
        assert files_with(state, text) == set()
    assert files_with(state, first.root.secret_access_key) == {"root-key.json"}

    second = local_cloud.start(state)
    try:
        assert second.root == first.root
        assert under(state, second).client("secretsmanager").get_secret_value(SecretId="key")["SecretString"] == SECRET
        keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
        assert under(state, second).client("sts", **keys).get_caller_identity()["Arn"].endswith(":user/reader")
    finally:
        local_cloud.stop(state)

    (state / "state.key").write_text(Fernet.generate_key().decode())
    with pytest.raises(LocalCloudError, match=r"encrypted with another key.*put that state\.key back"):
        local_cloud.start(state)

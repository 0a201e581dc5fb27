"""Secrets Manager under IAM: a policy on the ARN that AWS gives a secret, name and six characters, and no other."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, document

NAME, OTHER = "local-cloud/uts-key", "local-cloud/uts-key-of-another"
READ = ["secretsmanager:GetSecretValue"]


@pytest.fixture(scope="module")
def reader(cloud: CloudUnderTest) -> Any:
    """A client of who may read one secret."""
    for name in (NAME, OTHER):
        cloud.client("secretsmanager").create_secret(Name=name, SecretString=f"value of {name}")
    iam = cloud.client("iam")
    iam.create_user(UserName="reads-one-secret")
    policy = document(allow(READ, [f"arn:aws:secretsmanager:us-east-1:000000000000:secret:{NAME}-??????"]))
    iam.put_user_policy(UserName="reads-one-secret", PolicyName="inline", PolicyDocument=policy)
    made = iam.create_access_key(UserName="reads-one-secret")["AccessKey"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    return cloud.client("secretsmanager", **keys)


def test_who_may_read_a_secret_reads_its_newest_value(cloud: CloudUnderTest, reader: Any) -> None:
    assert reader.get_secret_value(SecretId=NAME)["SecretString"] == f"value of {NAME}"
    cloud.client("secretsmanager").put_secret_value(SecretId=NAME, SecretString="new")
    assert reader.get_secret_value(SecretId=NAME)["SecretString"] == "new"


@pytest.mark.parametrize("name", [OTHER, "local-cloud/none"])
def test_another_secret_and_one_that_is_not_there_are_refused_alike(reader: Any, name: str) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.get_secret_value(SecretId=name)


def test_who_may_read_may_not_write(reader: Any) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.put_secret_value(SecretId=NAME, SecretString="mine")

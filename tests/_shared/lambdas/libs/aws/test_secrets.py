"""Keys of licensed sources come from Secrets Manager, and every way that can fail has a name and a remedy."""

from __future__ import annotations

from unittest.mock import MagicMock

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from moto import mock_aws

from _shared.contracts.errors import SourceKeyBusyError, SourceKeyRejectedError
from _shared.lambdas.libs.aws.secrets import SourceKeys, read_key
from _shared.lambdas.libs.source.http.licensed import LicensedClient
from tests._shared.lambdas.support import REGION, client

NAME, KEY = "pp-raws/uts-key", "s3cr3t-key"


def refused(code: str, status: int = 400) -> ClientError:
    answer = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetSecretValue")  # type: ignore[arg-type]


def keys_that_answer(answer: object) -> SourceKeys:
    made = MagicMock()
    made.get_secret_value.side_effect = [answer]
    return SourceKeys(made)


def test_the_key_is_the_secrets_current_value(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        secrets = boto3.client("secretsmanager", region_name=REGION)
        secrets.create_secret(Name=NAME, SecretString="old")
        secrets.put_secret_value(SecretId=NAME, SecretString=f" {KEY}\n")
        assert read_key(NAME) == KEY
        with pytest.raises(SourceKeyRejectedError, match="is not there, or has no value"):
            read_key("another")


@pytest.mark.parametrize("value", ["", " ", "two words", '{"key": "x y"}', "é", "x" * 257, None])
def test_what_is_no_key_is_refused_without_being_told(value: str | None) -> None:
    with pytest.raises(SourceKeyRejectedError, match="expected the key itself") as caught:
        keys_that_answer({} if value is None else {"SecretString": value}).read(NAME)
    assert NAME in str(caught.value)
    assert not (value or "").strip() or (value or "") not in str(caught.value)


def test_a_secret_that_may_not_be_read_may_not_be_there_either() -> None:
    with pytest.raises(SourceKeyRejectedError, match="is not there, or the function may not read it") as caught:
        keys_that_answer(refused("AccessDeniedException")).read(NAME)
    assert "deploy again" in caught.value.remedy


@pytest.mark.parametrize(
    "error",
    [refused("ThrottlingException"), refused("InternalServiceError", 500), EndpointConnectionError(endpoint_url="x")],
    ids=["throttled", "broken", "unreachable"],
)
def test_what_may_pass_is_retried(error: Exception) -> None:
    with pytest.raises(SourceKeyBusyError, match=NAME):
        keys_that_answer(error).read(NAME)


def test_a_client_does_not_show_its_key() -> None:
    with client() as plain:
        assert KEY not in repr(LicensedClient.of(plain, KEY))

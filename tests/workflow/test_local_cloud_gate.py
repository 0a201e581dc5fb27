"""Requests to the local cloud as a page in the user's browser sends them, and as another user of the machine does."""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.conftest import CloudUnderTest
from tests.outcomes import record_outcome
from tests.workflow.guessed_role import FORM, QUERY
from tests.workflow.roles import allow, make_role

BUCKET, KEY = "not-for-pages", "kept"
PAGE = {"Origin": "http://page.example", "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}
TEXT = {"Content-Type": "text/plain"}
FORM_HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Attack:
    """A request, and the status that it must get."""

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    status: int = 403


ATTACKS = {
    "simple POST across origins, guessed key": Attack("POST", f"/?{QUERY}", {**PAGE, **TEXT}),
    "the same from a browser that names no page": Attack("POST", f"/?{QUERY}", TEXT, status=400),
    "reset without credentials, from a page": Attack("POST", "/_ministack/reset", {**PAGE, **TEXT}),
    "reset without credentials, from a program": Attack("POST", "/_ministack/reset?init=1"),
    "reset under an encoded path": Attack("POST", "/%5fministack/reset"),
    "settings without credentials": Attack("POST", "/_ministack/config", TEXT, '{"athena.ATHENA_ENGINE": "mock"}'),
    "preflight": Attack("OPTIONS", f"/{BUCKET}", {**PAGE, "Access-Control-Request-Method": "DELETE"}),
    "a name that leads to loopback": Attack("GET", f"/{BUCKET}/{KEY}", {
        "Host": "page.example", "Sec-Fetch-Site": "same-origin"}),
    "a name that leads to loopback, no page named": Attack("GET", f"/{BUCKET}/{KEY}", {"Host": "page.example"}),
    "image on a page": Attack("GET", f"/{BUCKET}/{KEY}", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}),
    "form on a page": Attack("POST", "/", {"Origin": "null", "Sec-Fetch-Site": "cross-site", **FORM_HEADERS}, FORM),
    "form, browser that names no page": Attack("POST", "/", FORM_HEADERS, FORM),
    "object without a signature": Attack("GET", f"/{BUCKET}/{KEY}"),
    "delete without a signature": Attack("DELETE", f"/{BUCKET}/{KEY}"),
    "role by web identity": Attack("POST", "/", FORM_HEADERS, urlencode({
        "Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "RoleArn": "arn:aws:iam::000000000000:role/a",
        "RoleSessionName": "page", "WebIdentityToken": "token"})),
    "websocket": Attack("GET", "/", {
        **PAGE, "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}),
    "answer of a custom resource, unknown token": Attack("PUT", "/_ministack/cfn-response/guess", TEXT, "{}", 200),
}  # fmt: skip


def send(cloud: CloudUnderTest, attack: Attack) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.running.port, timeout=30)
    connection.request(attack.method, attack.path, attack.body.encode() or None, attack.headers)
    return connection.getresponse()


def content(cloud: CloudUnderTest) -> Any:
    """What a page could have changed."""
    roles = [role["RoleName"] for role in cloud.client("iam").list_roles()["Roles"]]
    body = cloud.client("s3").get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
    return sorted(roles), body


@pytest.fixture(scope="module", autouse=True)
def _kept(cloud: CloudUnderTest) -> None:
    cloud.client("s3").create_bucket(Bucket=BUCKET)
    cloud.client("s3").put_object(Bucket=BUCKET, Key=KEY, Body=b"kept")


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_changes_nothing(cloud: CloudUnderTest, name: str) -> None:
    attack, before = ATTACKS[name], content(cloud)
    answer = send(cloud, attack)
    record_outcome("requests to the local cloud that no client of it sends", name, f"HTTP {answer.status}")
    assert answer.status == attack.status
    assert [header for header in answer.headers if header.lower().startswith("access-control-")] == []
    assert b"kept" not in answer.read()
    assert content(cloud) == before


@pytest.mark.parametrize(
    ("header", "value"), [("Origin", "http://page.example"), ("Sec-Fetch-Site", "cross-site"), ("Host", "page.example")]
)
def test_a_page_that_had_a_signature_would_be_refused(cloud: CloudUnderTest, header: str, value: str) -> None:
    address = f"{cloud.endpoint}/?Action=ListRoles&Version=2010-05-08"
    request = AWSRequest("GET", address)
    root = cloud.running.root
    if header == "Host":
        request.headers["Host"] = value
    SigV4Auth(Credentials(root.access_key_id, root.secret_access_key), "iam", "us-east-1").add_auth(request)
    signed = dict(request.headers.items())
    assert (requests.get(address, headers=signed, timeout=30).status_code == 200) is (header != "Host")
    refused = requests.get(address, headers={**signed, header: value}, timeout=30)
    assert (refused.status_code, refused.text[:8]) == (403, "Refused:")


UNKNOWN = {
    "s3": ("list_buckets", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
    "sts": ("get_caller_identity", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    "iam": ("list_roles", "InvalidClientTokenId", "SignatureDoesNotMatch"),
    "glue": ("get_databases", "UnrecognizedClientException", "InvalidSignatureException"),
    "lambda": ("list_functions", "UnrecognizedClientException", "InvalidSignatureException"),
    "stepfunctions": ("list_state_machines", "UnrecognizedClientException", "InvalidSignatureException"),
    "athena": ("list_work_groups", "UnrecognizedClientException", "InvalidSignatureException"),
    "secretsmanager": ("list_secrets", "UnrecognizedClientException", "InvalidSignatureException"),
}


@pytest.mark.parametrize("service", UNKNOWN)
def test_unknown_keys_and_wrong_secrets_are_refused_in_the_services_words(cloud: CloudUnderTest, service: str) -> None:
    call, unknown, mismatch = UNKNOWN[service]
    for key in ("test", cloud.running.account, "AKIAAAAAAAAAAAAAAAAA"):
        client = cloud.client(service, aws_access_key_id=key, aws_secret_access_key="test")
        with pytest.raises(ClientError, match=rf"\({unknown}\)"):
            getattr(client, call)()
    with pytest.raises(ClientError, match=rf"\({mismatch}\)"):
        getattr(cloud.client(service, aws_secret_access_key="test"), call)()


def test_an_address_signed_for_a_while_works_without_keys(cloud: CloudUnderTest) -> None:
    root = cloud.running.root
    s3 = boto3.client(
        "s3", endpoint_url=cloud.endpoint, region_name="us-east-1", aws_access_key_id=root.access_key_id,
        aws_secret_access_key=root.secret_access_key, config=Config(signature_version="s3v4"),
    )  # fmt: skip
    address = s3.generate_presigned_url("get_object", {"Bucket": BUCKET, "Key": KEY}, ExpiresIn=60)
    assert requests.get(address, timeout=30).content == b"kept"
    assert requests.get(address.replace(KEY, "another"), timeout=30).status_code == 403
    upload = s3.generate_presigned_url("put_object", {"Bucket": BUCKET, "Key": "sent"}, ExpiresIn=60)
    assert requests.put(upload, data=b"sent", timeout=30).status_code == 200
    assert requests.get(upload, timeout=30).status_code == 403


FUNCTION = """
import json, os, urllib.request
def handler(event, context):
    if "ResponseURL" not in event:
        return os.environ["AWS_ACCESS_KEY_ID"]
    answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    answer |= {"Status": "SUCCESS", "PhysicalResourceId": "made", "Data": {"Told": "by the function"}}
    urllib.request.urlopen(urllib.request.Request(event["ResponseURL"], json.dumps(answer).encode(), method="PUT"))
"""


@pytest.fixture(scope="module")
def function(cloud: CloudUnderTest) -> dict[str, str]:
    """A function that answers as a custom resource's, and else tells its access key."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("index.py", FUNCTION)
    made: dict[str, str] = cloud.client("lambda").create_function(
        FunctionName="answers", Runtime="python3.14", Handler="index.handler", Code={"ZipFile": package.getvalue()},
        Role=make_role(cloud, "answers", "lambda.amazonaws.com", allow(["logs:*"], ["*"])),
    )  # fmt: skip
    return made


def test_a_custom_resources_function_can_answer(cloud: CloudUnderTest, function: dict[str, str]) -> None:
    resource = {"Type": "Custom::Answer", "Properties": {"ServiceToken": function["FunctionArn"], "ServiceTimeout": 20}}
    output = {"Told": {"Value": {"Fn::GetAtt": ["Custom", "Told"]}}}
    template = json.dumps({"Resources": {"Custom": resource}, "Outputs": output})
    formation = cloud.client("cloudformation")
    formation.create_stack(StackName="custom", TemplateBody=template)
    formation.get_waiter("stack_create_complete").wait(StackName="custom", WaiterConfig={"Delay": 1, "MaxAttempts": 40})
    told = formation.describe_stacks(StackName="custom")["Stacks"][0]["Outputs"]
    assert told[0]["OutputValue"] == "by the function"


def test_a_functions_credentials_cannot_be_computed_from_its_name(
    cloud: CloudUnderTest, function: dict[str, str]
) -> None:
    answer = cloud.client("lambda").invoke(FunctionName="answers", Payload=b"{}")
    digest = hashlib.sha256(f"{function['FunctionArn']}:{function['Role']}".encode()).hexdigest()
    computed = {
        "aws_access_key_id": f"ASIA{digest[:16].upper()}",
        "aws_secret_access_key": hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        "aws_session_token": hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
    }
    assert json.load(answer["Payload"]) not in {None, computed["aws_access_key_id"]}
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        cloud.client("sts", **computed).get_caller_identity()

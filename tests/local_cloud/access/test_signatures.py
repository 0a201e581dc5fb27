"""Signature Version 4 as botocore signs it: what is signed passes, and nothing else does."""

from __future__ import annotations

import hashlib
import hmac
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode, urlsplit

import pytest
from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.access.sent_request import SentRequest
from local_cloud.access.signatures import NotAuthenticError, check_signature, read_claim

KEY, SECRET, ADDRESS = "AKIAEXAMPLEEXAMPLE22", "the secret", "127.0.0.1:4566"
SIGNERS = [SigV4Auth, S3SigV4Auth, SigV4QueryAuth, S3SigV4QueryAuth]
UNKNOWN = ("UnrecognizedClientException", "no such key")


def secret_of(access_key_id: str, token: str) -> str:
    if (access_key_id, token) != (KEY, ""):
        raise NotAuthenticError(*UNKNOWN)
    return SECRET


def sent(
    signer: type = SigV4Auth, method: str = "POST", *, url: str = f"http://{ADDRESS}/", body: bytes = b"",
    headers: dict[str, str] | None = None, service: str = "", expires: int = 900, key: str = KEY,
) -> SentRequest:  # fmt: skip
    """A request as it arrives after botocore has signed it."""
    request = AWSRequest(method, url, dict(headers or {}), body)
    service = service or ("s3" if signer.__name__.startswith("S3") else "glue")
    settings = {"expires": expires} if "Query" in signer.__name__ else {}
    signer(Credentials(key, SECRET), service, "us-east-1", **settings).add_auth(request)
    parts = urlsplit(str(request.url))
    fields = [(b"Host", ADDRESS.encode())]
    fields += [(str(name).encode(), str(value).encode("utf-8")) for name, value in request.headers.items()]
    return SentRequest.of({
        "method": method, "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(),
        "headers": fields,
    })  # fmt: skip


def check(request: SentRequest, body: bytes = b"", now: datetime | None = None) -> None:
    check_signature(read_claim(request, secret_of, now), body)


def code_of(request: SentRequest, body: bytes = b"", now: datetime | None = None) -> str:
    with pytest.raises(NotAuthenticError) as refused:
        check(request, body, now)
    return refused.value.code


def with_header(request: SentRequest, name: str, *values: str) -> SentRequest:
    return replace(request, headers={**request.headers, name: list(values)})


def with_query(request: SentRequest, name: str, *values: str) -> SentRequest:
    return replace(request, query={**request.query, name: list(values)})


SEGMENT = st.text(string.ascii_letters + string.digits + "-_.~ %+=&äß€", min_size=1, max_size=8)


@st.composite
def requests_signed(draw: st.DrawFn) -> tuple[SentRequest, bytes]:
    path = "/".join(
        quote(part, safe="~") for part in draw(st.lists(SEGMENT.filter(lambda s: set(s) - {"."}), max_size=3))
    )
    query = urlencode(draw(st.lists(st.tuples(SEGMENT, SEGMENT), max_size=3, unique_by=lambda pair: pair[0])))
    query = query.replace("+", "%20")
    signer = draw(st.sampled_from(SIGNERS))
    body = b"" if "Query" in signer.__name__ else draw(st.binary(max_size=30))
    method = draw(st.sampled_from(["GET", "PUT", "POST", "DELETE"]))
    url = f"http://{ADDRESS}/{path}" + (f"?{query}" if query else "")
    return sent(signer, method, url=url, body=body, headers={"X-Amz-Meta-A": draw(SEGMENT).strip() or "a"}), body


@given(requests_signed())
def test_what_botocore_signs_is_taken(signed: tuple[SentRequest, bytes]) -> None:
    check(*signed)


CHANGES: dict[str, Callable[[SentRequest], SentRequest]] = {
    "method": lambda request: replace(request, method="PATCH"),
    "path": lambda request: replace(request, raw_path=request.raw_path + "x"),
    "query": lambda request: with_query(request, "extra", "1"),
    "signed header": lambda request: with_header(request, "host", "127.0.0.1:1"),
}


@given(requests_signed(), st.sampled_from(sorted(CHANGES)))
def test_a_request_that_was_changed_is_refused(signed: tuple[SentRequest, bytes], change: str) -> None:
    request, body = signed
    assert code_of(CHANGES[change](request), body) == "SignatureDoesNotMatch"


@pytest.mark.parametrize(("signer", "body"), [(SigV4Auth, b"{}"), (S3SigV4Auth, b"{}"), (SigV4QueryAuth, b"")])
def test_a_body_that_was_changed_is_refused(signer: type, body: bytes) -> None:
    check(sent(signer, body=body), body)
    assert code_of(sent(signer, body=body), b"another") == "SignatureDoesNotMatch"


def authorized() -> str:
    return sent().headers["authorization"][0]


def presigned() -> SentRequest:
    return sent(SigV4QueryAuth, "GET")


def credential() -> str:
    return authorized().split("Credential=")[1].split(",")[0]


# Signed when the test runs, not when it is collected: a signature is good for minutes.
REFUSED: dict[str, Callable[[], tuple[SentRequest, str]]] = {
    "no signature": lambda: (replace(sent(), headers={"host": [ADDRESS]}), "MissingAuthenticationToken"),
    "an unknown key": lambda: (sent(key="AKIAANOTHERANOTHER22"), "UnrecognizedClientException"),
    "the emulator's own key": lambda: (sent(key="test"), "UnrecognizedClientException"),
    "an account's number as key": lambda: (sent(key="000000000000"), "UnrecognizedClientException"),
    "a token that the key does not have": lambda: (
        with_header(sent(), "x-amz-security-token", "token"), "UnrecognizedClientException"),
    "two Authorization headers": lambda: (
        with_header(sent(), "authorization", authorized(), authorized()), "IncompleteSignature"),
    "two credentials": lambda: (
        with_header(sent(), "authorization", f"{authorized()}, Credential={credential()}"), "IncompleteSignature"),
    "a credential in another part": lambda: (
        with_header(sent(), "authorization", authorized().replace("Headers=", f"Headers=Credential={credential()};")),
        "IncompleteSignature"),
    "header and query": lambda: (with_query(sent(), "X-Amz-Credential", credential()), "UnsupportedSignature"),
    "query names in other case": lambda: (
        with_query(presigned(), "x-amz-credential", credential()), "UnsupportedSignature"),
    "a query credential twice": lambda: (
        with_query(presigned(), "X-Amz-Credential", credential(), credential()), "IncompleteSignature"),
    "no expiry": lambda: (
        replace(presigned(), query={name: value for name, value in presigned().query.items() if "Expires" not in name}),
        "IncompleteSignature"),
    "an expiry of more than a week": lambda: (sent(SigV4QueryAuth, "GET", expires=604801), "IncompleteSignature"),
    "Signature Version 2": lambda: (
        with_header(sent(), "authorization", f"AWS {KEY}:c2lnbmF0dXJl"), "UnsupportedSignature"),
    "Signature Version 2 in the query": lambda: (
        replace(sent(), headers={"host": [ADDRESS]}, query={"AWSAccessKeyId": [KEY], "Signature": ["x"]}),
        "UnsupportedSignature"),
    "Signature Version 4A": lambda: (
        with_header(sent(), "authorization", authorized().replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")),
        "UnsupportedSignature"),
    "a date that is none": lambda: (with_header(sent(), "x-amz-date", "20261326T000000Z"), "IncompleteSignature"),
    "a host that is not signed": lambda: (
        with_header(sent(), "authorization", authorized().replace("=host;", "=")), "SignatureDoesNotMatch"),
    "a signature of zeros": lambda: (
        with_header(sent(), "authorization", authorized()[:-64] + "0" * 64), "SignatureDoesNotMatch"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_signed_by_a_key_of_the_account_is_refused(case: str) -> None:
    request, code = REFUSED[case]()
    assert code_of(request) == code


@pytest.mark.parametrize(
    ("service", "minutes", "refused"),
    [
        ("glue", -4, False),
        ("glue", -6, True),
        ("glue", 6, True),
        ("s3", -14, False),
        ("s3", -16, True),
        ("s3", 16, True),
    ],
)  # fmt: skip
def test_a_request_is_taken_near_its_time_only(service: str, minutes: int, refused: bool) -> None:
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    request, now = sent(signer, service=service), datetime.now(UTC) - timedelta(minutes=minutes)
    if refused:
        assert code_of(request, now=now) == "RequestTimeTooSkewed"
    else:
        check(request, now=now)


@pytest.mark.parametrize("signer", [SigV4QueryAuth, S3SigV4QueryAuth])
def test_an_address_is_good_until_it_expires(signer: type) -> None:
    request = sent(signer, "GET", expires=3600)
    check(request, now=datetime.now(UTC) + timedelta(minutes=59))
    assert code_of(request, now=datetime.now(UTC) + timedelta(minutes=61)) == "RequestExpired"
    assert code_of(request, now=datetime.now(UTC) - timedelta(minutes=16)) == "RequestTimeTooSkewed"


@pytest.mark.parametrize("marker", ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])
def test_s3_clients_need_not_sign_the_body(marker: str) -> None:
    check(sent(SigV4Auth, "PUT", headers={"X-Amz-Content-SHA256": marker}, service="s3"), b"any body")


def chunked(body: bytes) -> tuple[SentRequest, bytes]:
    """A body in one signed chunk, as the AWS SDKs for Java send it."""
    marker = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
    request = sent(SigV4Auth, "PUT", headers={"X-Amz-Content-SHA256": marker}, service="s3")
    date, scope = request.headers["x-amz-date"][0], request.headers["authorization"][0].split("/", 1)[1].split(",")[0]
    key = b"AWS4" + SECRET.encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    previous, framed = request.headers["authorization"][0][-64:], b""
    for chunk in (body, b""):
        lines = ["AWS4-HMAC-SHA256-PAYLOAD", date, scope, previous, hashlib.sha256(b"").hexdigest(),
                 hashlib.sha256(chunk).hexdigest()]  # fmt: skip
        previous = hmac.digest(key, "\n".join(lines).encode(), "sha256").hex()
        framed += b"%x;chunk-signature=%s\r\n%s\r\n" % (len(chunk), previous.encode(), chunk)
    return request, framed


def test_signed_chunks_are_checked_one_by_one() -> None:
    request, framed = chunked(b"four")
    check(request, framed)
    assert code_of(request, framed.replace(b"four", b"five")) == "SignatureDoesNotMatch"
    assert code_of(request, b"") == "SignatureDoesNotMatch"

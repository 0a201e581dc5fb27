"""The adapter to S3: conditional writes, streaming uploads, reading at any position."""

from __future__ import annotations

import errno
import hashlib
import io
import random
from collections.abc import Iterator
from unittest.mock import MagicMock

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from _shared.contracts.errors import StorageRejectedError, StorageThrottledError
from _shared.lambdas.libs.aws.s3_reader import LARGEST_READ, LakeReader
from _shared.lambdas.libs.aws.s3_writer import MultipartWriter
from _shared.lambdas.libs.s3_io import LakeStorage
from tests._shared.lambdas.support import BUCKET, keys, lake, open_uploads

PART = 5 * 1024 * 1024
KEY = "raw/pills/file"


@pytest.fixture(name="storage", scope="module")
def fixture_storage() -> Iterator[LakeStorage]:
    with lake() as storage:
        yield storage


def failing(operation: str, *codes: tuple[str, int]) -> LakeStorage:
    """Return storage whose client answers ``operation`` with these errors in turn, then well."""
    client = MagicMock()
    errors = [
        ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "X")  # type: ignore[typeddict-item]  # as S3 answers
        for code, status in codes
    ]
    getattr(client, operation).side_effect = [*errors, {"ETag": '"new"'}]
    return LakeStorage(client, BUCKET, sleep=lambda _: None)


def test_an_absent_object_is_none(storage: LakeStorage) -> None:
    assert storage.get("nothing") is None
    assert storage.head("nothing") is None


def test_what_is_put_is_read_back(storage: LakeStorage) -> None:
    etag = storage.put("a/key", b"body")
    found = storage.get("a/key")
    assert found is not None
    assert (found.body, found.etag) == (b"body", etag)
    assert b"".join(storage.stream("a/key", chunk_size=2)) == b"body"
    info = storage.head("a/key")
    assert info is not None
    assert (info.size, info.etag) == (4, etag)


def test_only_the_first_of_two_creators_writes(storage: LakeStorage) -> None:
    assert storage.put_json_if("first.json", "1", None) is not None
    assert storage.put_json_if("first.json", "2", None) is None
    assert storage.get("first.json").body == b"1"  # type: ignore[union-attr]  # asserted above


def test_only_the_first_of_two_changers_writes(storage: LakeStorage) -> None:
    etag = storage.put("swap.json", b"0")
    assert storage.put_json_if("swap.json", "1", etag) is not None
    assert storage.put_json_if("swap.json", "2", etag) is None
    assert storage.get("swap.json").body == b"1"  # type: ignore[union-attr]  # asserted above


def test_changing_what_is_gone_writes_nothing(storage: LakeStorage) -> None:
    assert storage.put_json_if("gone.json", "1", '"etag"') is None
    assert storage.get("gone.json") is None


def test_only_the_object_that_was_seen_is_deleted(storage: LakeStorage) -> None:
    old = storage.put("delete.json", b"0")
    new = storage.put("delete.json", b"1")
    assert not storage.delete_if("delete.json", old)
    assert storage.delete_if("delete.json", new)
    assert storage.get("delete.json") is None


def test_a_race_that_s3_could_not_decide_is_tried_again() -> None:
    storage = failing("put_object", ("ConditionalRequestConflict", 409), ("ConditionalRequestConflict", 409))
    assert storage.put_json_if("x", "1", None) == '"new"'


def test_a_race_that_s3_never_decides_is_transient() -> None:
    with pytest.raises(StorageThrottledError, match="could not decide"):
        failing("put_object", *[("ConditionalRequestConflict", 409)] * 5).put_json_if("x", "1", None)


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("BadGateway", 502)])
def test_a_failing_s3_is_transient(code: str, status: int) -> None:
    with pytest.raises(StorageThrottledError, match=f"s3:PutObject s3://{BUCKET}/x: {code}"):
        failing("put_object", (code, status)).put("x", b"")


def test_an_unreachable_s3_is_transient() -> None:
    client = MagicMock()
    client.get_object.side_effect = EndpointConnectionError(endpoint_url="https://s3")
    with pytest.raises(StorageThrottledError):
        LakeStorage(client, BUCKET).get("x")


def test_a_missing_permission_is_terminal_and_named() -> None:
    with pytest.raises(StorageRejectedError, match="allow s3:PutObject"):
        failing("put_object", ("AccessDenied", 403)).put("x", b"")


def test_a_missing_bucket_is_terminal(storage: LakeStorage) -> None:
    with pytest.raises(StorageRejectedError, match="NoSuchBucket"):
        LakeStorage(storage._client, "no-such-bucket").get("x")


@pytest.mark.parametrize(("listed", "absent"), [([], True), ([{"Key": "xy"}], True), ([{"Key": "x"}], False)])
def test_a_refused_read_is_an_absent_object_only_if_the_listing_says_so(
    listed: list[dict[str, str]], *, absent: bool
) -> None:
    storage = failing("get_object", ("AccessDenied", 403))
    storage._client.list_objects_v2.return_value = {"Contents": listed}  # type: ignore[attr-defined]  # a mock
    if absent:
        assert storage.get("x") is None
    else:
        with pytest.raises(StorageRejectedError, match="AccessDenied"):
            storage.get("x")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sizes=st.lists(st.integers(0, PART + 1024), min_size=0, max_size=4),
    tail=st.sampled_from([0, 1, PART - 1, PART, PART + 1]),
)
def test_any_chunking_is_written_as_the_same_bytes(storage: LakeStorage, sizes: list[int], tail: int) -> None:
    chunks = [random.Random(size).randbytes(size) for size in [*sizes, tail]]
    with MultipartWriter(storage, KEY, PART) as writer:
        for chunk in chunks:
            writer.write(chunk)
    whole = b"".join(chunks)
    written = hashlib.sha256(b"".join(storage.stream(KEY)))
    assert written.hexdigest() == hashlib.sha256(whole).hexdigest()
    assert open_uploads(storage) == 0


def write_and_break(storage: LakeStorage, size: int) -> None:
    """Write until the source breaks."""
    with MultipartWriter(storage, "broken", PART) as writer:
        writer.write(bytes(size))
        message = "the source broke"
        raise RuntimeError(message)


@pytest.mark.parametrize("size", [10, 2 * PART + 10])
def test_an_error_leaves_neither_object_nor_upload(storage: LakeStorage, size: int) -> None:
    with pytest.raises(RuntimeError, match="the source broke"):
        write_and_break(storage, size)
    assert keys(storage, "broken") == []
    assert open_uploads(storage) == 0


@pytest.mark.parametrize("size", [10, 2 * PART + 10])
def test_a_discarded_upload_leaves_nothing(storage: LakeStorage, size: int) -> None:
    with MultipartWriter(storage, "discarded", PART) as writer:
        writer.write(bytes(size))
        writer.abort()
    assert keys(storage, "discarded") == []
    assert open_uploads(storage) == 0


def test_a_restarted_upload_has_only_what_came_after(storage: LakeStorage) -> None:
    with MultipartWriter(storage, "restarted", PART) as writer:
        writer.write(bytes(2 * PART))
        writer.restart()
        writer.write(b"anew")
    assert b"".join(storage.stream("restarted")) == b"anew"
    assert open_uploads(storage) == 0


def test_a_failed_completion_is_aborted(storage: LakeStorage, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        message = "no"
        raise StorageThrottledError(message)

    monkeypatch.setattr(storage, "complete_upload", fail)
    with pytest.raises(StorageThrottledError), MultipartWriter(storage, "incomplete", PART) as writer:
        writer.write(bytes(PART + 1))
    assert open_uploads(storage) == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), size=st.integers(0, 300), block=st.integers(1, 64), kept=st.integers(1, 3))
def test_the_reader_reads_as_a_file_does(
    storage: LakeStorage, data: st.DataObject, size: int, block: int, kept: int
) -> None:
    body = random.Random(size).randbytes(size)
    storage.put("any", body)
    reader, file = LakeReader(storage, "any", block, kept), io.BytesIO(body)
    for _ in range(6):
        offset = data.draw(st.integers(0, size + 5))
        wanted = data.draw(st.integers(-1, size + 5))
        assert reader.seek(offset) == file.seek(offset)
        assert reader.read(wanted) == file.read(wanted)
        assert reader.tell() == file.tell()
    assert len(reader._blocks) <= kept


def test_the_reader_notices_that_the_object_was_replaced(storage: LakeStorage) -> None:
    storage.put("replaced", b"0123456789")
    reader = LakeReader(storage, "replaced", 4)
    assert reader.read(4) == b"0123"
    storage.put("replaced", b"abcdefghij")
    with pytest.raises(StorageRejectedError, match="PreconditionFailed"):
        reader.read(4)


def test_the_reader_refuses_a_read_that_would_not_be_flat(storage: LakeStorage) -> None:
    storage.put("small", b"x")
    reader = LakeReader(storage, "small")
    reader.size = LARGEST_READ + 1
    with pytest.raises(OSError, match="too large") as caught:
        reader.read()
    assert caught.value.errno == errno.EFBIG


def test_the_reader_of_an_absent_object_says_so(storage: LakeStorage) -> None:
    with pytest.raises(StorageRejectedError, match="there is no such object"):
        LakeReader(storage, "absent")

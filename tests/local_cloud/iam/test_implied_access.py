"""A call that is allowed is refused for want of what it implies, as on AWS: a key, or the listing of a bucket."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.conftest import CloudUnderTest
from tests.local_cloud.roles import allow, document

BUCKET = "local-cloud-implied-access"
OBJECTS = f"arn:aws:s3:::{BUCKET}/*"
PART = b"x" * (5 * 1024 * 1024)


@pytest.fixture(scope="module")
def key(cloud: CloudUnderTest) -> str:
    """A key, and a bucket that encrypts with it what is put there."""
    arn = str(cloud.client("kms").create_key()["KeyMetadata"]["Arn"])
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}}
    s3.put_bucket_encryption(Bucket=BUCKET, ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.put_object(Bucket=BUCKET, Key="encrypted", Body=b"secret")
    return arn


def as_user(cloud: CloudUnderTest, name: str, service: str, *statements: dict[str, Any]) -> Any:
    """A client of a user who may do what the statements allow."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*statements))
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return cloud.client(service, aws_access_key_id=made["AccessKeyId"], aws_secret_access_key=made["SecretAccessKey"])


def refusal(call: Any, **given: Any) -> str:
    with pytest.raises(ClientError) as caught:
        call(**given)
    return str(caught.value)


def test_a_reader_needs_to_decrypt_and_a_writer_to_make_a_data_key(cloud: CloudUnderTest, key: str) -> None:
    s3 = as_user(cloud, "keyless", "s3", allow(["s3:GetObject", "s3:PutObject"], [OBJECTS]))
    missing = f"not authorized to perform: kms:Decrypt on resource: {key}"
    assert missing in refusal(s3.get_object, Bucket=BUCKET, Key="encrypted")
    assert "perform: kms:GenerateDataKey on" in refusal(s3.put_object, Bucket=BUCKET, Key="other", Body=b"")
    assert "perform: kms:GenerateDataKey on" in refusal(s3.create_multipart_upload, Bucket=BUCKET, Key="other")


def test_metadata_and_missing_objects_need_no_key(cloud: CloudUnderTest, key: str) -> None:
    assert key
    list_bucket = allow(["s3:ListBucket"], [f"arn:aws:s3:::{BUCKET}"])
    s3 = as_user(cloud, "looks", "s3", allow(["s3:GetObject"], [OBJECTS]), list_bucket)
    assert s3.head_object(Bucket=BUCKET, Key="encrypted")["ContentLength"] == len(b"secret")
    assert "NoSuchKey" in refusal(s3.get_object, Bucket=BUCKET, Key="none")


def test_a_missing_object_is_told_to_who_may_list_the_bucket(cloud: CloudUnderTest, key: str) -> None:
    assert key
    s3 = as_user(cloud, "may-not-list", "s3", allow(["s3:GetObject"], [OBJECTS]))
    assert "not authorized to perform: s3:ListBucket on" in refusal(s3.get_object, Bucket=BUCKET, Key="none")
    assert "403" in refusal(s3.head_object, Bucket=BUCKET, Key="none")


def test_the_parts_of_an_upload_need_to_decrypt(cloud: CloudUnderTest, key: str) -> None:
    objects = allow(["s3:PutObject"], [OBJECTS])
    s3 = as_user(cloud, "uploads", "s3", objects, allow(["kms:GenerateDataKey"], [key]))
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large")["UploadId"]
    part = {"Bucket": BUCKET, "Key": "large", "UploadId": upload, "PartNumber": 1, "Body": PART}
    assert "perform: kms:Decrypt on" in refusal(s3.upload_part, **part)


def test_who_may_use_the_key_reads_and_writes(cloud: CloudUnderTest, key: str) -> None:
    objects = allow(["s3:GetObject", "s3:PutObject"], [OBJECTS])
    s3 = as_user(cloud, "holds-the-key", "s3", objects, allow(["kms:Decrypt", "kms:GenerateDataKey"], [key]))
    s3.put_object(Bucket=BUCKET, Key="mine", Body=b"mine")
    assert s3.get_object(Bucket=BUCKET, Key="mine")["Body"].read() == b"mine"


def test_an_encrypted_topic_and_queue_need_the_key(cloud: CloudUnderTest, key: str) -> None:
    topic = cloud.client("sns").create_topic(Name="encrypted", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    sns = as_user(cloud, "publishes", "sns", allow(["sns:Publish"], [topic]))
    assert "perform: kms:GenerateDataKey on" in refusal(sns.publish, TopicArn=topic, Message="m")
    queue = cloud.client("sqs").create_queue(QueueName="encrypted", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    sqs = as_user(cloud, "sends", "sqs", allow(["sqs:SendMessage", "sqs:ReceiveMessage"], ["*"]))
    assert "perform: kms:GenerateDataKey on" in refusal(sqs.send_message, QueueUrl=queue, MessageBody="m")
    assert "perform: kms:Decrypt on" in refusal(sqs.receive_message, QueueUrl=queue)

"""A bucket and a topic are encrypted as their template asks."""

from __future__ import annotations

import json

from tests.conftest import CloudUnderTest

BUCKET, STACK = "local-cloud-template-encryption", "encrypted"


def template(bucket_key: str, topic_key: str | None) -> str:
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": bucket_key}
    encryption = {"ServerSideEncryptionConfiguration": [{"ServerSideEncryptionByDefault": default}]}
    bucket = {"BucketName": BUCKET, "BucketEncryption": encryption}
    topic = {"TopicName": STACK, **({"KmsMasterKeyId": topic_key} if topic_key else {})}
    resources = {
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": bucket},
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": topic},
    }
    return json.dumps({"Resources": resources})


def keys(cloud: CloudUnderTest) -> tuple[str, str]:
    """Of a new object of the bucket, and of the topic."""
    put = cloud.client("s3").put_object(Bucket=BUCKET, Key="new", Body=b"")
    topic = cloud.client("sns").create_topic(Name=STACK)["TopicArn"]
    attributes = cloud.client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]
    return put["SSEKMSKeyId"], attributes.get("KmsMasterKeyId", "")


def test_a_bucket_and_a_topic_are_encrypted_as_their_template_asks(cloud: CloudUnderTest) -> None:
    kms, stacks = cloud.client("kms"), cloud.client("cloudformation")
    first, second = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    stacks.create_stack(StackName=STACK, TemplateBody=template(first, first))
    stacks.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert keys(cloud) == (first, first)
    stacks.update_stack(StackName=STACK, TemplateBody=template(second, None))
    stacks.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig={"Delay": 1})
    assert keys(cloud) == (second, "")

"""A bucket whose events a queue hears."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

ACCOUNT = "123456789012"
EVERYTHING = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:*", "s3:ObjectAcl:Put"]


@dataclass(frozen=True)
class Ear:
    """A bucket and its queue. `hear(n)` waits for n events and returns all that came."""

    aws: Callable[[str], Any]
    bucket: str
    queue_arn: str
    queue_url: str

    def configure(self, events: list[str] | None = None, **filters: str) -> None:
        rule: dict[str, Any] = {"Id": "ear", "QueueArn": self.queue_arn, "Events": events or EVERYTHING}
        if filters:
            rule["Filter"] = {"Key": {"FilterRules": [{"Name": k, "Value": v} for k, v in filters.items()]}}
        configuration = {"QueueConfigurations": [rule]}
        self.aws("s3").put_bucket_notification_configuration(
            Bucket=self.bucket, NotificationConfiguration=configuration
        )
        assert self.hear(1)[0]["Event"] == "s3:TestEvent"

    def hear(self, count: int) -> list[dict[str, Any]]:
        """Events (records, or the test event), in the order in which they came."""
        sqs, found = self.aws("sqs"), []
        deadline = time.monotonic() + 20
        while len(found) < count:
            assert time.monotonic() < deadline, f"{len(found)} of {count} events came"
            reply = sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10)
            for message in reply.get("Messages", []):
                body = json.loads(message["Body"])
                found += body.get("Records", [body])
                sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
            time.sleep(0.01)
        return found

    def marker(self) -> None:
        """Put an object whose event shows that all before it were heard."""
        self.aws("s3").put_object(Bucket=self.bucket, Key="the-end", Body=b"")

    def hear_all(self) -> list[dict[str, Any]]:
        """Events until now: waits for the event of an object that is put for the purpose."""
        self.marker()
        found: list[dict[str, Any]] = []
        while not found or found[-1]["s3"]["object"]["key"] != "the-end":
            found += self.hear(1)
        return found[:-1]


@pytest.fixture
def ear(aws: Callable[[str], Any]) -> Ear:
    """A new bucket, and a queue that lets S3 in for it."""
    name = f"ear-{uuid.uuid4().hex[:8]}"
    aws("s3").create_bucket(Bucket=name)
    url = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "s3.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:s3:::{name}"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return Ear(aws, name, arn, url)

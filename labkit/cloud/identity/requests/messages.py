"""SQS and SNS: queues by their URL, topics by their ARN."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules

_QUEUES = (
    "SendMessage SendMessageBatch ReceiveMessage DeleteMessage DeleteMessageBatch ChangeMessageVisibility ChangeMessageVisibilityBatch"
    " PurgeQueue DeleteQueue CreateQueue GetQueueUrl GetQueueAttributes SetQueueAttributes ListDeadLetterSourceQueues TagQueue"
    " UntagQueue ListQueueTags AddPermission RemovePermission"
)
_TOPICS = (
    "DeleteTopic GetTopicAttributes SetTopicAttributes Subscribe ConfirmSubscription ListSubscriptionsByTopic AddPermission"
    " RemovePermission"
)


def _queue(asked: Asked) -> Iterable[str]:
    """The queue that a URL, a name or (with the old protocol) the path of the request tells."""
    name = asked.text("QueueUrl").rstrip("/").rpartition("/")[2] or asked.text("QueueName")
    path = str(asked.environ.get("PATH_INFO", "")).strip("/")
    return [f"arn:aws:sqs:{asked.region}:{asked.account}:{name or path.rpartition('/')[2] or '*'}"]


def _published(asked: Asked) -> Iterable[str]:
    return [asked.text("TopicArn") or asked.text("TargetArn") or "*"]


def _subscription(asked: Asked) -> Iterable[str]:
    """A subscription's ARN is its topic's and an id."""
    return [asked.text("SubscriptionArn").rpartition(":")[0] or "*"]


def _sns_context(asked: Asked) -> Context:
    if asked.operation != "Subscribe":
        return {}
    names = {"Protocol": "sns:protocol", "Endpoint": "sns:endpoint"}
    return {key: (asked.text(name),) for name, key in names.items() if asked.text(name)}


SQS = Rules(
    prefix="sqs",
    arn="arn:aws:sqs:{region}:{account}:",
    resources={
        "@arn:aws:sqs:{region}:{account}:": "ListQueues",
        "@{SourceArn}": "StartMessageMoveTask ListMessageMoveTasks",
        "*": "CancelMessageMoveTask",
    },
    actions={
        "SendMessageBatch": "SendMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    },
    arns=dict.fromkeys(_QUEUES.split(), _queue),
    tagging={"TagQueue": "CreateQueue"},
    tags=lambda asked, arn: kept_tags.tags_of_queue(arn, asked.account, asked.region),
)
SNS = Rules(
    prefix="sns",
    arn="arn:aws:sns:{region}:{account}:",
    resources={
        "@{TopicArn}": _TOPICS,
        "{Name}": "CreateTopic",
        "@{ResourceArn}": "TagResource UntagResource ListTagsForResource GetDataProtectionPolicy PutDataProtectionPolicy",
        "*": "ListTopics ListSubscriptions",
    },
    actions={"PublishBatch": "Publish"},
    arns={
        **dict.fromkeys(("Publish", "PublishBatch"), _published),
        **dict.fromkeys(("Unsubscribe", "GetSubscriptionAttributes", "SetSubscriptionAttributes"), _subscription),
    },
    tagging={"TagResource": "CreateTopic"},
    context=_sns_context,
    tags=lambda asked, arn: kept_tags.tags_of_topic(arn, asked.account, asked.region),
)

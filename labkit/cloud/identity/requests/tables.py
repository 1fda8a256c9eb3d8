"""The rules of every service that has some; any other is asked for its operation on `*`."""

from __future__ import annotations

from functools import lru_cache

from labkit.cloud.identity.requests.across import BUDGETS, CLOUDTRAIL, TAGGING
from labkit.cloud.identity.requests.athena import ATHENA
from labkit.cloud.identity.requests.cloudwatch import CLOUDWATCH
from labkit.cloud.identity.requests.dynamodb import DYNAMODB
from labkit.cloud.identity.requests.event_bus import EVENTS
from labkit.cloud.identity.requests.functions import LAMBDA
from labkit.cloud.identity.requests.glue import GLUE
from labkit.cloud.identity.requests.iam import IAM
from labkit.cloud.identity.requests.keys import KMS
from labkit.cloud.identity.requests.logs import LOGS
from labkit.cloud.identity.requests.messages import SNS, SQS
from labkit.cloud.identity.requests.parameters import SSM
from labkit.cloud.identity.requests.rules import Rules
from labkit.cloud.identity.requests.s3_control import S3_CONTROL
from labkit.cloud.identity.requests.secrets import SECRETS
from labkit.cloud.identity.requests.stacks import CLOUDFORMATION
from labkit.cloud.identity.requests.sts import STS

_RULES = {
    "athena": ATHENA, "budgets": BUDGETS, "cloudformation": CLOUDFORMATION, "cloudtrail": CLOUDTRAIL, "cloudwatch": CLOUDWATCH,
    "dynamodb": DYNAMODB, "events": EVENTS, "glue": GLUE, "iam": IAM, "kms": KMS, "lambda": LAMBDA, "logs": LOGS,
    "resourcegroupstaggingapi": TAGGING, "secretsmanager": SECRETS, "s3control": S3_CONTROL, "sns": SNS, "sqs": SQS, "ssm": SSM, "sts": STS,
}  # fmt: skip


@lru_cache(maxsize=64)
def rules_of(service: str) -> Rules:
    """The rules of a service by botocore's name."""
    return _RULES.get(service) or Rules(prefix=service, arn="")

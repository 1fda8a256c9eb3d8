"""Whether a function's policy lets CloudWatch alarms invoke it."""

from __future__ import annotations

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.resource_policies import find_resource_policy

_SERVICE = "lambda.alarms.cloudwatch.amazonaws.com"


def may_invoke(function: str, alarm_arn: str) -> bool:
    """Whether an alarm (by ARN) may invoke a function (by ARN)."""
    account = alarm_arn.split(":")[4]
    context = {
        "aws:sourcearn": (alarm_arn,),
        "aws:sourceaccount": (account,),
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (_SERVICE,),
        "aws:securetransport": ("true",),
    }
    access = Access("lambda:InvokeFunction", function, context)
    grants = Grants(resource=find_resource_policy(access, account).policy, resource_must_allow=True)
    return evaluate(Principal("service", "", _SERVICE, _SERVICE, _SERVICE), access, grants).allowed

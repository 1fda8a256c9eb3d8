"""The services that speak of others' resources (tags, trails) or of money."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.rules import Rules, access

# Tagging through the tagging API also needs the tagging action of the resource's own service.
_TAG = {
    "s3": ("PutBucketTagging", "PutBucketTagging"), "sqs": ("TagQueue", "UntagQueue"),
    "ssm": ("AddTagsToResource", "RemoveTagsFromResource"), "cloudtrail": ("AddTags", "RemoveTags"),
}  # fmt: skip
_IAM = {
    "user": "User", "role": "Role", "policy": "Policy", "instance-profile": "InstanceProfile", "mfa": "MFADevice",
    "oidc-provider": "OpenIDConnectProvider", "saml-provider": "SAMLProvider", "server-certificate": "ServerCertificate",
}  # fmt: skip


def _tags_of_each(asked: Asked) -> Iterator[Access]:
    removes = asked.operation == "UntagResources"
    yield access(TAGGING, asked, asked.operation, "*")
    for arn in texts_at(asked.params, "ResourceARNList"):
        service = arn.split(":")[2] if arn.count(":") > 4 else ""
        if service == "iam":
            kind = _IAM.get(arn.split(":", 5)[5].partition("/")[0], "Role")
            yield access(TAGGING, asked, f"iam:{'Untag' if removes else 'Tag'}{kind}", arn)
        elif service:
            names = _TAG.get(service, ("TagResource", "UntagResource"))
            yield access(TAGGING, asked, f"{service}:{names[removes]}", arn)


TAGGING = Rules(prefix="tag", arn="", own={"TagResources": _tags_of_each, "UntagResources": _tags_of_each})

CLOUDTRAIL = Rules(
    prefix="cloudtrail",
    arn="arn:aws:cloudtrail:{region}:{account}:",
    resources={
        "trail/{Name|TrailName}": (
            "CreateTrail GetTrail UpdateTrail DeleteTrail GetTrailStatus StartLogging StopLogging GetEventSelectors PutEventSelectors"
            " GetInsightSelectors PutInsightSelectors"
        ),
        "@{ResourceId|ResourceIdList}": "AddTags RemoveTags ListTags",
    },
)

_BUDGET = "budget/{BudgetName|Budget.BudgetName|NewBudget.BudgetName}"
_VIEWED = (
    "DescribeBudget DescribeNotificationsForBudget DescribeSubscribersForNotification DescribeBudgetPerformanceHistory"
)
_MODIFIED = (
    "CreateBudget UpdateBudget DeleteBudget CreateNotification UpdateNotification DeleteNotification CreateSubscriber UpdateSubscriber"
    " DeleteSubscriber"
)
_ACTION = "CreateBudgetAction DescribeBudgetAction UpdateBudgetAction DeleteBudgetAction ExecuteBudgetAction DescribeBudgetActionHistories"
BUDGETS = Rules(
    prefix="budgets",
    arn="arn:aws:budgets::{account}:",
    resources={
        _BUDGET: f"{_VIEWED} {_MODIFIED} DescribeBudgetActionsForBudget",
        "budget/*": "DescribeBudgets DescribeBudgetNotificationsForAccount",
        "budget/{BudgetName}/action/{ActionId}": _ACTION,
        "@{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    actions={
        **dict.fromkeys((*_VIEWED.split(), "DescribeBudgets", "DescribeBudgetNotificationsForAccount"), "ViewBudget"),
        **dict.fromkeys(_MODIFIED.split(), "ModifyBudget"),
    },
    passes={"CreateBudgetAction": "ExecutionRoleArn", "UpdateBudgetAction": "ExecutionRoleArn"},
    passed_to="budgets.amazonaws.com",
)

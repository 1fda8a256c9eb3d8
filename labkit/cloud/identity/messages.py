"""A refusal in the words and with the code of the service that refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from labkit.cloud.call import AwsError
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.grants import Decision
from labkit.cloud.identity.principal import Principal

_ARTICLES = {
    "identity-based policy": "an",
    "resource-based policy": "a",
    "permissions boundary": "a",
    "session policy": "a",
}
_ASSUMING = {"sts:assumerole": "sts:AssumeRole"}
_FEDERATED_ASSUMING = {"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"}


@dataclass(frozen=True)
class Style:
    """The code and status of a service's refusals."""

    code: str
    status: int


# As botocore and the services' error pages have them; what answers in JSON says AccessDeniedException with 400.
_JSON = Style("AccessDeniedException", 400)
_STYLES = {
    "s3": Style("AccessDenied", 403),
    "lambda": Style("AccessDeniedException", 403),
    "iam": Style("AccessDenied", 403),
    "sts": Style("AccessDenied", 403),
    "cloudformation": Style("AccessDenied", 403),
    "cloudwatch": Style("AccessDenied", 403),
    "monitoring": Style("AccessDenied", 403),
    "sqs": Style("AccessDenied", 403),
    "sns": Style("AuthorizationError", 403),
    "ec2": Style("UnauthorizedOperation", 403),
}
# Services that answer in REST JSON give 403; those that answer in XML (Query, REST) say AccessDenied with 403.
_REST_JSON = ("apigateway", "apigatewayv2", "batch", "eks", "scheduler", "pipes", "xray", "bedrock", "schemas", "kafka")
_XML = (
    "s3control",
    "ses",
    "rds",
    "autoscaling",
    "elb",
    "elbv2",
    "redshift",
    "elasticache",
    "route53",
    "cloudfront",
    "sdb",
)


def style_of(service: str) -> Style:
    """How a service (botocore's name) refuses."""
    if service in _REST_JSON:
        return Style("AccessDeniedException", 403)
    return _STYLES.get(service, Style("AccessDenied", 403) if service in _XML else _JSON)


def denial(principal: Principal, access: Access, decision: Decision, service: str = "") -> AwsError:
    """The error that `service` (the one that answers; the action's own by default) gives for a decision that does not allow."""
    answering = service or access.service
    style = style_of(answering)
    return AwsError(style.code, _message(principal, access, decision, answering), style.status)


def _message(principal: Principal, access: Access, decision: Decision, answering: str) -> str:
    action = access.action.lower()
    if action in _FEDERATED_ASSUMING:
        return f"Not authorized to perform {access.action}"
    if principal.kind == "root" and action in _ASSUMING:
        return "Roles may not be assumed by root accounts."
    # S3 explains itself only to callers of the bucket's own account.
    if answering == "s3" and access.service == "s3" and (principal.kind == "anonymous" or decision.cross_account):
        return "Access Denied"
    shown = _shown_action(access, answering)
    sentence = f"User: {principal.arn} is not authorized to perform: {shown}{_on(access, answering)}"
    return sentence + _reason(decision, shown, action)


def _shown_action(access: Access, answering: str) -> str:
    """SQS writes its actions in lower case and SNS its own name in capitals."""
    if answering == "sqs" and access.service == "sqs":
        return access.action.lower()
    if answering == "sns" and access.service == "sns":
        return "SNS:" + access.action.partition(":")[2]
    return access.action


# Services that name `*` as the resource of an action that knows none; the others leave the resource out.
_NAMING_STAR = ("lambda", "ecr")


def _on(access: Access, answering: str) -> str:
    if access.service == "iam":
        return f" on resource: {_iam_name(access)}"
    if access.resource == "*" and access.service not in _NAMING_STAR:
        return ""
    quote = '"' if answering == "s3" and access.service == "s3" else ""
    return f" on resource: {quote}{access.resource}{quote}"


# IAM names what exists already by kind and name (`role etl`, `policy arn:…`), and what is to be made or passed on by its ARN.
_IAM_BY_ARN = ("iam:PassRole", "iam:CreateUser", "iam:CreateRole", "iam:CreateGroup", "iam:CreateInstanceProfile")
_IAM_ENTITY = re.compile(
    r"arn:aws[\w-]*:iam::(?:\d*|aws):(?P<kind>user|role|group|instance-profile|policy)/(?:.*/)?(?P<name>[^/*]+)"
)


def _iam_name(access: Access) -> str:
    entity = _IAM_ENTITY.fullmatch(access.resource)
    if entity is None or access.action in _IAM_BY_ARN:
        return access.resource
    kind = entity["kind"].replace("-", " ")
    whole = kind == "policy" and access.action != "iam:CreatePolicy"
    return f"{kind} {access.resource if whole else entity['name']}"


def _reason(decision: Decision, shown: str, action: str) -> str:
    if decision.effect == "explicitDeny" and action in _ASSUMING and decision.source == "resource-based policy":
        return " with an explicit deny in the role trust policy"
    if decision.effect == "explicitDeny":
        article = _ARTICLES.get(decision.source, "a")
        return f" with an explicit deny in {article} {decision.source}{_policy_arn(decision)}"
    if action in _ASSUMING:
        return ""  # STS does not tell which side did not allow
    return f" because no {decision.source} allows the {shown} action"


def _policy_arn(decision: Decision) -> str:
    """AWS names the policy of an explicit deny when it is a managed one; inline policies have no ARN."""
    found = next((match.policy for match in decision.matches if match.source == decision.source), "")
    return f": {found}" if found.startswith("arn:") else ""

"""Refusals in each service's words (docs.aws.amazon.com/IAM, "Troubleshoot access denied error messages"; published errors of each)."""

from __future__ import annotations

import pytest

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.grants import Decision, Match
from labkit.cloud.identity.messages import denial
from tests.unit.cloud.identity.principals import PRINCIPALS

_ANA = "arn:aws:iam::123456789012:user/ana"
_IMPLICIT = Decision("implicitDeny", "identity-based policy")
_JOB = "arn:aws:glue:us-east-1:123456789012:job/x"
_QUEUE = "arn:aws:sqs:us-east-1:123456789012:q"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:t"
_ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.mark.parametrize(
    ("action", "resource", "code", "status"),
    [
        ("s3:GetObject", "arn:aws:s3:::lab/a", "AccessDenied", 403),
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:123456789012:function:f", "AccessDeniedException", 403),
        ("glue:GetJob", _JOB, "AccessDeniedException", 400),
        (
            "athena:StartQueryExecution",
            "arn:aws:athena:us-east-1:123456789012:workgroup/primary",
            "AccessDeniedException",
            400,
        ),
        ("logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:g", "AccessDeniedException", 400),
        ("events:PutRule", "arn:aws:events:us-east-1:123456789012:rule/r", "AccessDeniedException", 400),
        ("cloudtrail:LookupEvents", "*", "AccessDeniedException", 400),
        ("ssm:GetParameter", "arn:aws:ssm:us-east-1:123456789012:parameter/p", "AccessDeniedException", 400),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:us-east-1:123456789012:secret:s",
            "AccessDeniedException",
            400,
        ),
        ("kms:Decrypt", "arn:aws:kms:us-east-1:123456789012:key/k", "AccessDeniedException", 400),
        ("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:123456789012:table/t", "AccessDeniedException", 400),
        ("iam:CreateRole", _ROLE, "AccessDenied", 403),
        ("sts:GetFederationToken", "arn:aws:sts::123456789012:federated-user/x", "AccessDenied", 403),
        ("cloudformation:CreateStack", "arn:aws:cloudformation:us-east-1:123456789012:stack/s/*", "AccessDenied", 403),
        ("cloudwatch:PutMetricData", "*", "AccessDenied", 403),
        ("sqs:SendMessage", _QUEUE, "AccessDenied", 403),
        ("sns:Publish", _TOPIC, "AuthorizationError", 403),
    ],
)
def test_code_and_status_are_the_services(action: str, resource: str, code: str, status: int) -> None:
    error = denial(PRINCIPALS["ana"], Access(action, resource), _IMPLICIT)
    assert (error.code, error.status) == (code, status)


@pytest.mark.parametrize(
    ("action", "resource", "ending"),
    [
        (
            "glue:GetJob",
            _JOB,
            f"glue:GetJob on resource: {_JOB} because no identity-based policy allows the glue:GetJob action",
        ),
        (
            "s3:GetObject",
            "arn:aws:s3:::lab/año=1/a b",
            's3:GetObject on resource: "arn:aws:s3:::lab/año=1/a b" because no identity-based policy allows the s3:GetObject action',
        ),
        (
            "s3:ListAllMyBuckets",
            "*",
            "s3:ListAllMyBuckets because no identity-based policy allows the s3:ListAllMyBuckets action",
        ),
        (
            "lambda:ListFunctions",
            "*",
            "lambda:ListFunctions on resource: * because no identity-based policy allows the lambda:ListFunctions action",
        ),
        (
            "sqs:SendMessage",
            _QUEUE,
            f"sqs:sendmessage on resource: {_QUEUE} because no identity-based policy allows the sqs:sendmessage action",
        ),
        (
            "sns:Publish",
            _TOPIC,
            f"SNS:Publish on resource: {_TOPIC} because no identity-based policy allows the SNS:Publish action",
        ),
        ("sts:AssumeRole", _ROLE, f"sts:AssumeRole on resource: {_ROLE}"),
    ],
)
def test_the_sentence_names_principal_action_and_resource(action: str, resource: str, ending: str) -> None:
    error = denial(PRINCIPALS["ana"], Access(action, resource), _IMPLICIT)
    assert error.message == f"User: {_ANA} is not authorized to perform: {ending}"


@pytest.mark.parametrize(
    ("decision", "ending"),
    [
        (_IMPLICIT, "because no identity-based policy allows the glue:GetJob action"),
        (
            Decision("implicitDeny", "resource-based policy"),
            "because no resource-based policy allows the glue:GetJob action",
        ),
        (
            Decision("implicitDeny", "permissions boundary"),
            "because no permissions boundary allows the glue:GetJob action",
        ),
        (Decision("implicitDeny", "session policy"), "because no session policy allows the glue:GetJob action"),
        (Decision("explicitDeny", "identity-based policy"), "with an explicit deny in an identity-based policy"),
        (Decision("explicitDeny", "resource-based policy"), "with an explicit deny in a resource-based policy"),
        (Decision("explicitDeny", "permissions boundary"), "with an explicit deny in a permissions boundary"),
        (Decision("explicitDeny", "session policy"), "with an explicit deny in a session policy"),
    ],
)
def test_the_reason_is_the_policy_type(decision: Decision, ending: str) -> None:
    error = denial(PRINCIPALS["etl"], Access("glue:GetJob", _JOB), decision)
    session = "arn:aws:sts::123456789012:assumed-role/etl-role/run-1"
    assert error.message == f"User: {session} is not authorized to perform: glue:GetJob on resource: {_JOB} {ending}"


def test_an_explicit_deny_of_a_managed_policy_names_it() -> None:
    arn = "arn:aws:iam::123456789012:policy/NoGlue"
    decision = Decision("explicitDeny", "identity-based policy", (Match(arn, "1", "identity-based policy"),))
    message = denial(PRINCIPALS["ana"], Access("glue:GetJob", _JOB), decision).message
    assert message.endswith(f"with an explicit deny in an identity-based policy: {arn}")


def test_an_explicit_deny_of_an_inline_policy_does_not_name_it() -> None:
    decision = Decision("explicitDeny", "identity-based policy", (Match("inline", "1", "identity-based policy"),))
    assert denial(PRINCIPALS["ana"], Access("glue:GetJob", _JOB), decision).message.endswith(
        "in an identity-based policy"
    )


def test_pass_role_is_refused_with_the_code_of_the_service_that_was_asked() -> None:
    error = denial(PRINCIPALS["ana"], Access("iam:PassRole", _ROLE), _IMPLICIT, "glue")
    assert (error.code, error.status) == ("AccessDeniedException", 400)
    assert error.message == (
        f"User: {_ANA} is not authorized to perform: iam:PassRole on resource: {_ROLE} "
        "because no identity-based policy allows the iam:PassRole action"
    )


def test_s3_explains_itself_to_its_own_account_only() -> None:
    access = Access("s3:GetObject", "arn:aws:s3:::lab/a")
    foreign = Decision("implicitDeny", "resource-based policy", cross_account=True)
    assert (
        denial(PRINCIPALS["anonymous"], access, Decision("implicitDeny", "resource-based policy")).message
        == "Access Denied"
    )
    assert denial(PRINCIPALS["bea"], access, foreign).message == "Access Denied"


def test_root_users_assume_no_roles() -> None:
    error = denial(
        PRINCIPALS["root"], Access("sts:AssumeRole", _ROLE), Decision("implicitDeny", "resource-based policy")
    )
    assert (error.code, error.message) == ("AccessDenied", "Roles may not be assumed by root accounts.")


def test_web_identities_are_not_told_who_they_are() -> None:
    decision = Decision("implicitDeny", "resource-based policy")
    error = denial(PRINCIPALS["anonymous"], Access("sts:AssumeRoleWithWebIdentity", _ROLE), decision)
    assert error.message == "Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_an_explicit_deny_of_a_trust_policy_is_called_so() -> None:
    decision = Decision("explicitDeny", "resource-based policy")
    message = denial(PRINCIPALS["ana"], Access("sts:AssumeRole", _ROLE), decision).message
    assert message.endswith(f"sts:AssumeRole on resource: {_ROLE} with an explicit deny in the role trust policy")


@pytest.mark.parametrize(
    ("action", "resource", "shown"),
    [
        ("iam:GetRole", "arn:aws:iam::123456789012:role/etl/r", "role r"),
        ("iam:AttachRolePolicy", _ROLE, "role r"),
        ("iam:CreateAccessKey", _ANA, "user ana"),
        ("iam:AddUserToGroup", "arn:aws:iam::123456789012:group/g", "group g"),
        ("iam:GetInstanceProfile", "arn:aws:iam::123456789012:instance-profile/p", "instance profile p"),
        ("iam:CreatePolicy", "arn:aws:iam::123456789012:policy/p", "policy p"),
        ("iam:GetPolicy", "arn:aws:iam::aws:policy/ReadOnlyAccess", "policy arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("iam:CreateRole", "arn:aws:iam::123456789012:role/r", "arn:aws:iam::123456789012:role/r"),
        ("iam:CreateUser", "arn:aws:iam::123456789012:user/new", "arn:aws:iam::123456789012:user/new"),
        ("iam:ListRoles", "arn:aws:iam::123456789012:role/", "arn:aws:iam::123456789012:role/"),
        ("iam:ListPolicies", "policy path /", "policy path /"),
        ("iam:GetAccountSummary", "*", "*"),
    ],
)
def test_iam_names_what_exists_by_kind_and_name(action: str, resource: str, shown: str) -> None:
    message = denial(PRINCIPALS["ana"], Access(action, resource), _IMPLICIT).message
    assert f"perform: {action} on resource: {shown} because" in message

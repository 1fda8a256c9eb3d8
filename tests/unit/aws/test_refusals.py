"""Every refusal of AWS ends in a sentence that says what to do, in both languages."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    EndpointConnectionError,
    ParamValidationError,
    ProfileNotFound,
    ReadTimeoutError,
    TokenRetrievalError,
)

from labkit import i18n
from labkit.aws.call import AwsCall
from labkit.aws.error_codes import is_existing, is_expired, was_answered
from labkit.aws.permission import build_permission
from labkit.aws.refusals import build_refusal
from labkit.aws.session import Wait, send
from labkit.errors import AwsCallError, CloudError
from labkit.settings import Target

TARGET = Target("aws", "eu-west-1", "210987654321", None, None)
BUCKET = AwsCall("s3", "create_bucket", {"Bucket": "b"}, "create", "s3-bucket", "b")
ROLE = AwsCall("iam", "create_role", {"RoleName": "r"}, "create", "iam-role", "r")
CRAWLER = AwsCall("glue", "create_crawler", {"Name": "c"}, "create", "glue-crawler", "c")
FUNCTION = AwsCall("lambda", "create_function", {"FunctionName": "f"}, "create", "lambda-function", "f")
WORKGROUP = AwsCall("athena", "create_work_group", {"Name": "w"}, "create", "athena-workgroup", "w")
BUDGET = AwsCall("budgets", "create_budget", {}, "create", "budget", "bsg-lab-budget")
# (call, code, message, what to do: in Spanish, in English)
REFUSALS = [
    (BUCKET, "BucketAlreadyExists", "The requested bucket name is not available.", "LABKIT_STUDENT", "LABKIT_STUDENT"),
    (BUCKET, "BucketAlreadyOwnedByYou", "you already own it", "[names]", "[names]"),
    (BUCKET, "OperationAborted", "A conflicting conditional operation is in progress", "repite", "repeat"),
    (BUCKET, "TooManyBuckets", "You have attempted to create more buckets than allowed", "Service Quotas", "Quotas"),
    (BUCKET, "InvalidLocationConstraint", "not valid", "us-east-1", "us-east-1"),
    (BUCKET, "ExpiredToken", "The provided token has expired.", "misma orden", "same command"),
    (BUCKET, "RequestTimeTooSkewed", "too large", "timedatectl", "timedatectl"),
    (BUCKET, "SignatureDoesNotMatch", "the signature we calculated", "secreto", "secret"),
    (BUCKET, "SlowDown", "Please reduce your request rate.", "Espera un minuto", "Wait a minute"),
    (ROLE, "InvalidClientTokenId", "The security token is invalid", "get-caller-identity", "get-caller-identity"),
    (ROLE, "SignatureDoesNotMatch", "Signature not yet current: 2026", "timedatectl", "timedatectl"),
    (ROLE, "EntityAlreadyExists", "Role with name r already exists.", "[names]", "[names]"),
    (ROLE, "LimitExceeded", "Cannot exceed quota for RolesPerAccount", "Service Quotas", "Quotas"),
    (ROLE, "Throttling", "Rate exceeded", "Espera un minuto", "Wait a minute"),
    (CRAWLER, "AlreadyExistsException", "c already exists", "[names]", "[names]"),
    (CRAWLER, "ExpiredTokenException", "expired", "aws sso login", "aws sso login"),
    (CRAWLER, "ThrottlingException", "Rate exceeded", "Espera un minuto", "Wait a minute"),
    (CRAWLER, "UnrecognizedClientException", "token is invalid", "región", "region"),
    (CRAWLER, "InvalidInputException", "Service is unable to assume provided role.", "confianza", "trust"),
    (FUNCTION, "ResourceConflictException", "Function already exist: f", "[names]", "[names]"),
    (FUNCTION, "ResourceConflictException", "An update is in progress for resource", "Espera", "Wait"),
    (FUNCTION, "TooManyRequestsException", "Rate exceeded", "Espera un minuto", "Wait a minute"),
    (WORKGROUP, "InvalidRequestException", "WorkGroup is already created", "[names]", "[names]"),
    (WORKGROUP, "OptInRequired", "needs a subscription", "us-east-1", "us-east-1"),
]


def refuse(code: str, message: str, operation: str = "Op", status: int = 400) -> ClientError:
    reply: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(reply, operation)


@pytest.mark.parametrize(("call", "code", "message", "spanish", "english"), REFUSALS)
def test_every_refusal_says_what_to_do(call: AwsCall, code: str, message: str, spanish: str, english: str) -> None:
    for language, words in (("es", spanish), ("en", english)):
        i18n.use_language(language)
        lesson = build_refusal(refuse(code, message), "hacer esto", TARGET, call)
        assert isinstance(lesson, AwsCallError)
        assert f"{code}: {message}" in lesson.cause
        assert lesson.key != "error.aws_call"
        assert words in lesson.cause + lesson.next_step
    i18n.use_language("es")


def test_a_name_that_botocore_does_not_send_is_told_as_one() -> None:
    said = ParamValidationError(report='Invalid bucket name "MI BUCKET"')
    for language in ("es", "en"):
        i18n.use_language(language)
        lesson = build_refusal(said, "labkit plan (1)", TARGET)
        assert "MI BUCKET" in lesson.cause
        assert "[names]" in lesson.next_step
    i18n.use_language("es")


def test_a_head_that_s3_refuses_without_a_word_is_taken_for_ended_keys() -> None:
    silent = refuse("400", "Bad Request", "HeadBucket")
    assert is_expired(silent)
    for language in ("es", "en"):
        i18n.use_language(language)
        assert "aws sso login" in build_refusal(silent, "labkit plan (1)", TARGET).next_step
    i18n.use_language("es")
    assert not is_expired(refuse("400", "Bad Request", "CreateBucket"))


def test_a_profile_that_does_not_exist_is_not_called_a_refusal() -> None:
    for language, words in (("es", "no se ha llamado"), ("en", "was not called")):
        i18n.use_language(language)
        lesson = build_refusal(ProfileNotFound(profile="escuella"), "sts.get_caller_identity", TARGET)
        assert words in lesson.what
        assert "escuella" in lesson.cause
        assert "AWS_PROFILE" in lesson.next_step
    i18n.use_language("es")


def test_a_region_that_lacks_a_service_is_told_from_a_local_cloud_that_is_down() -> None:
    gone = EndpointConnectionError(endpoint_url="https://athena.mx-central-1.amazonaws.com/")
    lesson = build_refusal(gone, "athena.create_work_group", TARGET)
    assert isinstance(lesson, CloudError)
    assert "AWS_REGION=us-east-1" in lesson.next_step
    assert "AWS_REGION=us-east-1" in build_refusal(gone, "labkit cost").next_step
    here = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566/")
    assert "labkit up" in build_refusal(here, "labkit cost").next_step
    local = Target("local", "us-east-1", "1", "http://127.0.0.1:4566", None)
    assert "labkit up" in build_refusal(gone, "x", local).next_step


def test_a_denial_names_the_permission_that_aws_names() -> None:
    said = "User: arn:aws:iam::1:user/a is not authorized to perform: iam:TagRole on resource: arn:aws:iam::1:role/r"
    lesson = build_refusal(refuse("AccessDenied", said), "iam.create_role", TARGET, ROLE)
    assert lesson.what.startswith("Falta el permiso iam:TagRole sobre arn:aws:iam::1:role/r")
    assert '{"Effect": "Allow", "Action": "iam:TagRole", "Resource": "arn:aws:iam::1:role/r"}' in lesson.next_step


def test_a_denial_without_a_word_names_what_the_call_needs() -> None:
    lesson = build_refusal(refuse("AccessDenied", "Access Denied"), "s3.create_bucket", TARGET, BUCKET)
    assert "s3:CreateBucket" in lesson.what
    assert "arn:aws:s3:::b" in lesson.what
    head = build_refusal(refuse("403", "Forbidden", "HeadBucket"), "labkit plan (1)")
    assert "s3:ListBucket" in head.what
    assert build_refusal(refuse("AccessDenied", "no"), "x").key == "error.aws_denied_somehow"


@pytest.mark.parametrize(
    ("call", "action", "resource"),
    [
        (CRAWLER, "glue:CreateCrawler", "arn:aws:glue:eu-west-1:210987654321:crawler/c"),
        (FUNCTION, "lambda:CreateFunction", "arn:aws:lambda:eu-west-1:210987654321:function:f"),
        (WORKGROUP, "athena:CreateWorkGroup", "arn:aws:athena:eu-west-1:210987654321:workgroup/w"),
        (ROLE, "iam:CreateRole", "arn:aws:iam::210987654321:role/r"),
        (BUDGET, "budgets:ModifyBudget", "arn:aws:budgets::210987654321:budget/bsg-lab-budget"),
    ],
)
def test_a_permission_is_read_from_the_call(call: AwsCall, action: str, resource: str) -> None:
    permission = build_permission(call, TARGET)
    assert (permission.action, permission.resource) == (action, resource)


def test_only_a_refusal_that_aws_gave_tells_that_nothing_was_made() -> None:
    assert was_answered(refuse("AccessDenied", "no", status=403))
    assert not was_answered(refuse("InternalError", "oops", status=500))
    assert not was_answered(EndpointConnectionError(endpoint_url="x"))
    assert is_expired(refuse("InvalidToken", "token expired"))
    assert not is_expired(refuse("InvalidToken", "malformed"))
    assert not is_existing(refuse("ResourceConflictException", "An update is in progress"))


def test_a_sign_in_that_has_ended_is_renewed_as_expired_keys_are() -> None:
    gone = TokenRetrievalError(provider="sso", error_msg="Token has expired and refresh failed")
    assert is_expired(gone)
    assert not was_answered(gone)
    assert "aws sso login" in build_refusal(gone, "glue.create_job", TARGET).next_step


def test_silence_is_not_called_a_refusal() -> None:
    lesson = build_refusal(ReadTimeoutError(endpoint_url="https://glue"), "glue.create_job", TARGET)
    assert isinstance(lesson, CloudError)
    assert "no se sabe si la llamada llegó" in lesson.cause


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Refusing:
    """A client that refuses `times` calls."""

    def __init__(self, error: ClientError, times: int) -> None:
        self.error = error
        self.left = times
        self.calls = 0

    def create_crawler(self, **_params: object) -> None:
        self.calls += 1
        if self.left:
            self.left -= 1
            raise self.error


def send_to(client: Refusing) -> tuple[list[Wait], Clock]:
    waits: list[Wait] = []
    clock = Clock()
    clients: Any = SimpleNamespace(target=TARGET, find=lambda _service: client)
    send(clients, CRAWLER, on_wait=waits.append, sleep=clock.sleep, clock=clock, jitter=lambda: 1.0)
    return waits, clock


UNSPREAD = refuse(
    "InvalidInputException", "Service is unable to assume provided role. Please verify role's TrustPolicy"
)


def test_who_waits_long_is_told_once_and_told_how_long_it_took() -> None:
    waits, clock = send_to(Refusing(UNSPREAD, 6))
    assert [(wait.reason, wait.ended) for wait in waits] == [("propagation", False), ("propagation", True)]
    assert 3 < waits[0].seconds < 8
    assert waits[1].seconds == clock.now == pytest.approx(0.5 + 1 + 2 + 4 + 8 + 8)


def test_a_short_wait_is_only_told_at_its_end() -> None:
    waits, _ = send_to(Refusing(UNSPREAD, 1))
    assert [wait.ended for wait in waits] == [True]


def test_throttling_is_waited_out_for_a_minute_and_then_a_lesson() -> None:
    throttled = refuse("ThrottlingException", "Rate exceeded")
    waits, _ = send_to(Refusing(throttled, 3))
    assert waits[-1].reason == "throttling"
    with pytest.raises(AwsCallError, match="más despacio"):
        send_to(Refusing(throttled, 1000))


def test_a_role_that_nobody_may_take_on_is_given_up_after_three_minutes() -> None:
    client = Refusing(UNSPREAD, 1000)
    with pytest.raises(AwsCallError, match="no reconoce todavía"):
        send_to(client)
    assert 20 < client.calls < 40


def test_another_refusal_is_made_once() -> None:
    client = Refusing(refuse("AccessDeniedException", "no"), 1000)
    with pytest.raises(AwsCallError, match="glue:CreateCrawler"):
        send_to(client)
    assert client.calls == 1

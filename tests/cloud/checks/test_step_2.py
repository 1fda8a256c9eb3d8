"""Notebook 02: its reference passes, other right policies pass too, and each likely mistake is named."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.checks.context import Context, build_context
from labkit.checks.finding import NOT_ATTEMPTED, PASSED, CheckResult
from labkit.checks.run import run_check
from labkit.checks.step_2.roles import build_own_roles
from labkit.checks.step_2.tasks import clear
from labkit.checks.step_2.trust import explain_document
from labkit.checks.tasks import get_task
from labkit.grading.editions.solutions import find_solution
from labkit.settings import Settings, read_settings, with_endpoint
from tests.cloud.conftest import RunningCloud

RAW, PROCESSED, JOB, ROLE = "checks-two-raw", "checks-two-processed", "checks-two-etl", "checks-two-glue"
ACCOUNT = "123456789012"
JOB_ARN = f"arn:aws:glue:us-east-1:{ACCOUNT}:job/{JOB}"
RAW_ARN, PROCESSED_ARN = f"arn:aws:s3:::{RAW}", f"arn:aws:s3:::{PROCESSED}"
WHY = "task_2.misconception."
TASKS = ("2.1", "2.2", "2.3", "2.4", "2.5")


@pytest.fixture(scope="module")
def settings(cloud: RunningCloud, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    names = {
        "RAW_BUCKET": RAW,
        "PROCESSED_BUCKET": PROCESSED,
        "JOB": JOB,
        "GLUE_ROLE": ROLE,
        "LAMBDA_ROLE": "checks-two-lambda",
    }
    environ = {f"LABKIT_{name}": value for name, value in names.items()}
    environ["LABKIT_STATE"] = str(tmp_path_factory.mktemp("two"))
    return with_endpoint(read_settings(environ, Path("/nowhere")), cloud.endpoint_url)


@pytest.fixture(scope="module")
def clients(settings: Settings) -> Clients:
    found = Clients(settings.target)
    found.s3.create_bucket(Bucket=RAW)
    found.s3.put_object(Bucket=RAW, Key="raw_sales/ventas_2024_01.csv", Body=b"1234")
    return found


@pytest.fixture(scope="module")
def context(settings: Settings, clients: Clients) -> Context:
    """One for all tests: each writes the same roles and policies over what the one before left."""
    return build_context(settings, clients)


@pytest.fixture
def cleared(context: Context) -> Iterator[Context]:
    clear(context)
    yield context
    clear(context)


def look(context: Context, task: str, **values: Any) -> CheckResult:
    return run_check(get_task(task), build_context(context.settings, context.clients, values))


def misconceptions(result: CheckResult) -> set[str]:
    assert result.status != PASSED
    return {item.misconception.removeprefix(WHY) for item in result.findings if not item.ok}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(principal: Any, action: Any = "sts:AssumeRole", **more: Any) -> dict[str, Any]:
    return document({"Effect": "Allow", "Principal": principal, "Action": action, **more})


GLUE = trusting({"Service": "glue.amazonaws.com"})
LAMBDA = trusting({"Service": "lambda.amazonaws.com"})
THE_ACCOUNT = trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})


def put_role(context: Context, name: str, trust: dict[str, Any]) -> str:
    iam = context.clients.iam
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    except iam.exceptions.EntityAlreadyExistsException:
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def give(context: Context, name: str, *statements: dict[str, Any], policy: str = "own") -> None:
    text = json.dumps(document(*statements))
    context.clients.iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=text)


def solve(context: Context, task: str) -> dict[str, Any]:
    """Run the notebook's own reference cells."""
    own = build_own_roles(context.names)
    lab = SimpleNamespace(names=context.names, account=ACCOUNT, region="us-east-1")
    scope: dict[str, Any] = {
        "lab": lab,
        "iam": context.clients.iam,
        "json": json,
        "put_role": lambda name, trust: put_role(context, name, trust),
        "own_glue_role": own.glue,
        "own_lambda_role": own.function,
        "reader_role": own.reader,
        "engineer_role": own.engineer,
    }
    for cell in find_solution(task, "es"):
        exec(cell.source, scope)
    return scope


def prepare(context: Context) -> None:
    """What the notebook's given cells make."""
    own = build_own_roles(context.names)
    put_role(context, own.reader, THE_ACCOUNT)
    give(context, own.reader, allow("s3:GetObject", f"{RAW_ARN}/raw_sales/*"), policy="read-files")
    put_role(context, own.engineer, THE_ACCOUNT)
    give(context, own.engineer, allow("glue:CreateJob", f"{JOB_ARN}-demo"), policy="make-jobs")


@pytest.mark.quick
def test_nothing_was_attempted(cleared: Context) -> None:
    denied = {"principal": "x", "action": "y", "resource": "z"}
    for task in TASKS:
        assert look(cleared, task, denied=denied).status == NOT_ATTEMPTED
    prepare(cleared)
    put_role(cleared, build_own_roles(cleared.names).glue, GLUE)
    put_role(cleared, build_own_roles(cleared.names).function, LAMBDA)
    assert look(cleared, "2.4").status == NOT_ATTEMPTED
    for task, key in (("2.2", "no_policy"), ("2.3", "no_policy"), ("2.5", "no_own_policy")):
        result = look(cleared, task)
        assert (result.status, result.findings[0].key) == (NOT_ATTEMPTED, f"task_2.{key}")


@pytest.mark.quick
def test_the_reference_passes_twice_in_a_row_and_is_cleared(cleared: Context) -> None:
    prepare(cleared)
    for _ in range(2):
        for task in TASKS:
            scope = solve(cleared, task)
            values = {name: scope[name] for name in ("trust", "denied") if name in scope}
            assert look(cleared, task, **values).status == PASSED, task
    clear(cleared)
    clear(cleared)
    assert look(cleared, "2.1").status == NOT_ATTEMPTED


@pytest.mark.parametrize(
    "trust",
    [
        trusting({"Service": ["glue.amazonaws.com"]}, ["sts:AssumeRole"]),
        trusting({"Service": "glue.amazonaws.com"}, "STS:assumerole"),
        trusting({"Service": "glue.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        {"Version": "2012-10-17", "Statement": GLUE["Statement"][0]},
    ],
)
def test_other_right_trusts_pass(context: Context, trust: dict[str, Any]) -> None:
    put_role(context, build_own_roles(context.names).glue, trust)
    assert look(context, "2.1").status == PASSED


@pytest.mark.quick
@pytest.mark.parametrize(
    ("trust", "why"),
    [
        (LAMBDA, {"trust_service", "trust_others"}),
        (trusting({"Service": ["glue.amazonaws.com", "ec2.amazonaws.com"]}), {"trust_others"}),
        (trusting({"Service": "glue.amazonaws.com", "AWS": f"arn:aws:iam::{ACCOUNT}:root"}), {"trust_others"}),
        (trusting("*"), {"trust_everybody"}),
        (trusting({"AWS": "*"}), {"trust_everybody"}),
        (trusting({"Service": "glue.amazonaws.com"}, "sts:*"), {"trust_wide"}),
        (trusting({"Service": "glue.amazonaws.com"}, "sts:TagSession"), {"trust_action"}),
        (
            trusting(
                {"Service": "glue.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "999999999999"}}
            ),
            {"trust_condition"},
        ),
        (document({**GLUE["Statement"][0], "Effect": "Deny"}), {"trust_no_allow"}),
    ],
)
def test_a_wrong_trust_is_named(context: Context, trust: dict[str, Any], why: set[str]) -> None:
    put_role(context, build_own_roles(context.names).glue, trust)
    assert misconceptions(look(context, "2.1")) == why


@pytest.mark.parametrize(
    ("trust", "why"),
    [
        (trusting({"Service": "glue.amazonaws.com"}, Resource="*"), "trust_resource"),
        (document({"Effect": "Allow", "Action": "sts:AssumeRole"}), "trust_no_principal"),
        (trusting({"Service": "glue.amazonaws.com"}, "s3:GetObject"), "trust_permission"),
        (trusting({"Service": "glue"}), "trust_service"),
        (trusting({"AWS": "glue.amazonaws.com"}), "trust_aws"),
    ],
)
def test_a_document_that_iam_refuses_is_explained(cleared: Context, trust: dict[str, Any], why: str) -> None:
    name = build_own_roles(cleared.names).glue
    with pytest.raises(cleared.clients.iam.exceptions.MalformedPolicyDocumentException):
        put_role(cleared, name, trust)
    assert misconceptions(look(cleared, "2.1", trust=trust)) == {why}


def test_a_document_that_was_not_sent_or_is_none(cleared: Context) -> None:
    assert misconceptions(look(cleared, "2.1", trust=GLUE)) == {"trust_not_sent"}
    for nonsense in ("glue.amazonaws.com", 3, None, {}, {"Statement": "x"}, [GLUE]):
        assert explain_document(nonsense) == f"{WHY}trust_no_document"


READ = allow("s3:GetObject", f"{RAW_ARN}/raw_sales/*")
LIST = allow("s3:ListBucket", [RAW_ARN, PROCESSED_ARN])
KEEP = allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{PROCESSED_ARN}/*")


def look_at_data(context: Context, *statements: dict[str, Any]) -> CheckResult:
    name = build_own_roles(context.names).glue
    put_role(context, name, GLUE)
    give(context, name, *statements)
    return look(context, "2.2")


def test_other_right_permissions_pass(context: Context) -> None:
    only_folder = {"StringLike": {"s3:prefix": ["raw_sales/*", "sales/*"]}}
    assert look_at_data(context, READ, {**LIST, "Condition": only_folder}, KEEP).status == PASSED
    every = allow(
        ["s3:GetObject", "s3:ListBucket"], [f"{RAW_ARN}/raw_sales/*", RAW_ARN, PROCESSED_ARN, f"{PROCESSED_ARN}/*"]
    )
    wide = allow(["s3:PutObject", "s3:DeleteObject", "s3:ListBucket"], [PROCESSED_ARN, f"{PROCESSED_ARN}/*"])
    assert look_at_data(context, every, wide).status == PASSED
    wide = allow("s3:*", "*")
    fence = {
        "Effect": "Deny",
        "Action": "*",
        "NotResource": [f"{RAW_ARN}/raw_sales/*", RAW_ARN, PROCESSED_ARN, f"{PROCESSED_ARN}/*"],
    }
    tame = {
        "Effect": "Deny",
        "NotAction": ["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"],
        "Resource": "*",
    }
    keep = {"Effect": "Deny", "Action": ["s3:PutObject", "s3:DeleteObject"], "Resource": f"{RAW_ARN}/*"}
    assert look_at_data(context, wide, fence, tame, keep).status == PASSED
    at_home = {"StringEquals": {"aws:ResourceAccount": context.account}}
    assert look_at_data(context, {**READ, "Condition": at_home}, {**LIST, "Condition": at_home}, KEEP).status == PASSED


@pytest.mark.parametrize(
    ("statements", "why"),
    [
        ((READ, allow("s3:ListBucket", [f"{RAW_ARN}/*", f"{PROCESSED_ARN}/*"]), KEEP), {"list_on_objects"}),
        ((allow("s3:GetObject", RAW_ARN), LIST, KEEP), {"objects_on_bucket"}),
        ((READ, allow("s3:ListObjectsV2", [RAW_ARN, PROCESSED_ARN]), KEEP), {"action_name"}),
        ((READ, LIST, allow(["s3:GetObject", "s3:PutObject"], f"{PROCESSED_ARN}/*")), {"data_no_delete"}),
        ((allow("s3:GetObject", f"{RAW_ARN}/*"), LIST, KEEP), {"data_whole_raw"}),
        ((allow(["s3:GetObject", "s3:ListBucket", "s3:PutObject", "s3:DeleteObject"], "*"),),
         {"data_star", "data_whole_raw", "data_raw"}),
        ((READ, LIST, KEEP, allow("s3:GetObject", f"{RAW_ARN}*")), {"data_neighbour", "data_whole_raw"}),
        ((READ, LIST, KEEP, allow("s3:*", [PROCESSED_ARN, f"{PROCESSED_ARN}/*"])), {"data_actions"}),
        ((READ, LIST, KEEP, allow("s3:PutObject", f"{RAW_ARN}/raw_sales/*")), {"data_raw"}),
        ((READ, LIST), {"needed_unsaid"}),
        ((READ, LIST, KEEP, {**KEEP, "Effect": "Deny", "Action": "s3:DeleteObject"}), {"needed_forbidden"}),
        ((READ, LIST, allow(KEEP["Action"], f"{PROCESSED_ARN}/sales/*")), {"data_one_folder"}),
        ((READ, LIST, KEEP, allow("kms:Decrypt", "*")), {"written_more"}),
        ((READ, LIST, KEEP, allow("dynamodb:*", "*")), {"written_more"}),
        ((READ, LIST, KEEP, allow("s3:Get*", f"{RAW_ARN}/raw_sales/*")), {"data_wildcard"}),
        ((READ, LIST, KEEP, allow("s3:GetObject", "arn:aws:s3:::another-team/*")), {"written_more"}),
        ((READ, LIST, KEEP, allow("s3:PutObjectTagging", f"{PROCESSED_ARN}/*")), {"written_more"}),
    ],
)  # fmt: skip
def test_permissions_that_are_too_narrow_or_too_wide_are_named(
    context: Context, statements: Any, why: set[str]
) -> None:
    assert misconceptions(look_at_data(context, *statements)) == why


def test_a_policy_of_the_students_own_may_be_attached_to_a_role_with_a_path(cleared: Context) -> None:
    iam, name = cleared.clients.iam, build_own_roles(cleared.names).glue
    iam.create_role(RoleName=name, Path="/students/", AssumeRolePolicyDocument=json.dumps(GLUE))
    text = json.dumps(document(READ, LIST, KEEP))
    arn = iam.create_policy(PolicyName="checks-two-data", PolicyDocument=text)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    assert {look(cleared, task).status for task in ("2.1", "2.2")} == {PASSED}


def test_the_managed_policy_of_the_labs_text_is_too_much(cleared: Context) -> None:
    name = build_own_roles(cleared.names).glue
    put_role(cleared, name, GLUE)
    arn = "arn:aws:iam::aws:policy/AmazonS3FullAccess"
    cleared.clients.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    assert "data_star" in misconceptions(look(cleared, "2.2"))


def look_at_job(context: Context, *statements: dict[str, Any], trust: dict[str, Any] = LAMBDA) -> CheckResult:
    name = build_own_roles(context.names).function
    put_role(context, name, trust)
    give(context, name, *statements)
    return look(context, "2.3")


def test_starting_one_job_passes_however_it_is_written(context: Context) -> None:
    logs = allow(["logs:CreateLogGroup", "logs:PutLogEvents"], "*")
    assert look_at_job(context, allow(["glue:StartJobRun", "glue:GetJobRuns"], [JOB_ARN]), logs).status == PASSED
    others = {"Effect": "Deny", "Action": "glue:*", "NotResource": JOB_ARN}
    assert look_at_job(context, allow("glue:StartJobRun", "*"), others).status == PASSED


@pytest.mark.quick
@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (allow("glue:StartJobRun", "*"), {"job_star"}),
        (allow("glue:StartJobRun", f"{JOB_ARN}*"), {"job_neighbour"}),
        (allow("glue:StartJobRun", JOB_ARN.replace("etl", "*")), {"job_neighbour"}),
        (allow("glue:*", JOB_ARN), {"job_actions"}),
        (allow("glue:StartJobRun", JOB_ARN.replace(":job/", ":jobs/")), {"job_form"}),
        (allow("glue:StartJobRun", JOB_ARN.replace("us-east-1", "eu-west-1")), {"job_place"}),
        (allow("glue:StartJobRun", f"arn:aws:iam::{ACCOUNT}:role/x"), {"job_other_arn"}),
        (allow(["glue:StartJobRun", "iam:PassRole"], [JOB_ARN, f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"]), {"job_pass"}),
        (allow(["glue:StartJobRun", "s3:GetObject"], [JOB_ARN, f"{RAW_ARN}/*"]), {"job_s3"}),
        (allow("glue:GetJobRuns", JOB_ARN), {"job_action"}),
        (allow(["glue:StartJobRun", "sns:Publish"], [JOB_ARN, "*"]), {"job_star"}),
        (allow(["glue:StartJobRun", "ec2:*"], [JOB_ARN, "arn:aws:ec2:*:*:instance/*"]), {"written_more"}),
        (allow("glue:StartJobRun", [JOB_ARN, JOB_ARN.replace(JOB, "another")]), {"written_more"}),
    ],
)
def test_a_policy_for_more_or_other_than_the_job_is_named(context: Context, statement: Any, why: set[str]) -> None:
    assert misconceptions(look_at_job(context, statement)) == why


def test_the_functions_role_trusts_lambda(context: Context) -> None:
    result = look_at_job(context, allow("glue:StartJobRun", JOB_ARN), trust=GLUE)
    assert misconceptions(result) == {"trust_service", "trust_others"}


DENIED = {
    "principal": f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}-reader/notebook",
    "action": "s3:ListBucket",
    "resource": RAW_ARN,
}


def mend(context: Context, *statements: dict[str, Any], **read: Any) -> CheckResult:
    prepare(context)
    if statements:
        give(context, build_own_roles(context.names).reader, *statements)
    return look(context, "2.4", denied={**DENIED, **read})


def test_the_message_may_be_copied_with_its_quotes_or_name_the_role(context: Context) -> None:
    listing = allow("s3:ListBucket", RAW_ARN)
    assert (
        mend(context, listing, resource=f'"{RAW_ARN}"', principal=f"arn:aws:iam::{ACCOUNT}:role/{ROLE}-reader").status
        == PASSED
    )
    stricter = {**listing, "Condition": {"StringLike": {"s3:prefix": "raw_sales/*"}}}
    assert mend(context, stricter, action=" S3:listbucket ").status == PASSED


def test_a_refusal_read_or_mended_wrong_is_named(cleared: Context) -> None:
    listing = allow("s3:ListBucket", RAW_ARN)
    result = mend(cleared)
    assert [item.key for item in result.findings if not item.ok] == ["task_2.refusal_not_mended"]
    user = f"arn:aws:iam::{ACCOUNT}:user/student"
    read_wrong = mend(cleared, listing, action="s3:ListObjectsV2", resource=f"{RAW_ARN}/*", principal=user)
    assert misconceptions(read_wrong) == {"action_name", "list_on_objects", "refusal_principal"}
    assert misconceptions(mend(cleared, listing, principal=None)) == {"refusal_copy"}
    assert misconceptions(mend(cleared, allow("s3:ListObjectsV2", RAW_ARN))) == {"action_name"}
    assert misconceptions(mend(cleared, allow("s3:ListBucket", f"{RAW_ARN}/*"))) == {"list_on_objects"}
    assert misconceptions(mend(cleared, allow("s3:ListBucket", "*"))) == {"refusal_star"}
    assert misconceptions(mend(cleared, allow("s3:List*", RAW_ARN))) == {"refusal_more"}
    assert misconceptions(mend(cleared, allow("s3:*", "*"))) == {"refusal_star", "refusal_more"}
    assert misconceptions(mend(cleared, listing, allow("s3:GetObject", "arn:aws:s3:::other/*"))) == {"written_more"}
    answers: tuple[Any, ...] = ("s3:ListBucket", 3, {}, ["s3:ListBucket"])
    for nonsense in answers:
        assert misconceptions(look(cleared, "2.4", denied=nonsense)) >= {"refusal_copy"}
    mend(cleared, listing)
    give(cleared, build_own_roles(cleared.names).reader, listing, policy="read-files")
    assert misconceptions(look(cleared, "2.4", denied=DENIED)) == {"policy_replaced"}


def test_the_managed_policy_for_a_functions_log_is_no_harm_and_another_is(cleared: Context) -> None:
    iam, name = cleared.clients.iam, build_own_roles(cleared.names).function
    assert look_at_job(cleared, allow("glue:StartJobRun", JOB_ARN)).status == PASSED
    iam.attach_role_policy(RoleName=name, PolicyArn=f"{MANAGED}service-role/AWSLambdaBasicExecutionRole")
    assert look(cleared, "2.3").status == PASSED
    iam.attach_role_policy(RoleName=name, PolicyArn=f"{MANAGED}AmazonDynamoDBFullAccess")
    assert misconceptions(look(cleared, "2.3")) == {"written_more"}


MANAGED = "arn:aws:iam::aws:policy/"
GLUE_ROLE = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
TO_GLUE = {"StringEquals": {"iam:PassedToService": "glue.amazonaws.com"}}


def hand_over(context: Context, *statements: dict[str, Any]) -> CheckResult:
    prepare(context)
    give(context, build_own_roles(context.names).engineer, *statements)
    return look(context, "2.5")


def test_passing_one_role_to_one_service_passes(context: Context) -> None:
    like = {"StringLike": {"iam:PassedToService": ["glue.amazonaws.com"]}}
    assert hand_over(context, allow(["iam:PassRole", "iam:GetRole"], [GLUE_ROLE], Condition=like)).status == PASSED


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (allow("iam:PassRole", "*", Condition=TO_GLUE), {"pass_star"}),
        (allow("iam:PassRole", f"{GLUE_ROLE}*", Condition=TO_GLUE), {"pass_neighbour"}),
        (allow("iam:PassRole", GLUE_ROLE), {"pass_service"}),
        (allow("iam:PassRole", [GLUE_ROLE, GLUE_ROLE + "/2"], Condition=TO_GLUE), {"written_more"}),
        (allow("iam:*", GLUE_ROLE), {"pass_service", "pass_actions"}),
        (allow("sts:AssumeRole", GLUE_ROLE), {"pass_assume", "pass_actions"}),
        (allow("glue:CreateJob", "*"), {"pass_action"}),
        (allow("iam:PassRole", GLUE_ROLE.replace(":role/", ":role/service-role/"), Condition=TO_GLUE), {"pass_path"}),
        (
            allow("iam:PassRole", GLUE_ROLE, Condition={"StringEquals": {"iam:PassedToService": "glue"}}),
            {"pass_condition"},
        ),
        (allow("iam:PassRole", f"{JOB_ARN}-demo", Condition=TO_GLUE), {"pass_arn"}),
    ],
)
def test_passing_more_or_other_roles_is_named(context: Context, statement: Any, why: set[str]) -> None:
    assert misconceptions(hand_over(context, statement)) == why


def test_the_policy_that_makes_jobs_must_stay_and_nothing_else_may_come(cleared: Context) -> None:
    passing = allow("iam:PassRole", GLUE_ROLE, Condition=TO_GLUE)
    for more in (allow("s3:*", "*"), allow("iam:CreateUser", "*"), allow("glue:*", "*")):
        assert misconceptions(hand_over(cleared, passing, more)) == {"written_more"}
    name = build_own_roles(cleared.names).engineer
    give(cleared, name, passing, policy="make-jobs")
    cleared.clients.iam.delete_role_policy(RoleName=name, PolicyName="own")
    assert misconceptions(look(cleared, "2.5")) == {"policy_replaced"}

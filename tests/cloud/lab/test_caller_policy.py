"""Somebody who may do exactly what the lab's policy says makes the lab, runs it and takes it down; each statement is missed by name."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.aws.session import Clients
from labkit.commands.account_rights import find_refused
from labkit.errors import LabError
from labkit.prices import load_prices
from labkit.run.chain import Waiting
from labkit.run.inputs import Inputs, build_lab_inputs
from labkit.run.pipeline import run_pipeline
from labkit.settings import Settings, read_settings
from labkit.steps.apply import apply_step
from labkit.steps.caller_policy import build_caller_policy
from labkit.steps.lab import Lab
from labkit.steps.ledger import Ledger
from labkit.steps.step import STEPS
from labkit.teardown.find import find_belongings
from labkit.teardown.teardown import tear_down
from tests.cloud.conftest import RunningCloud
from tests.cloud.lab.test_run import Silent

pytestmark = pytest.mark.slow
PRICES = load_prices()
USER, POLICY = "quien-usa-el-laboratorio", "arn:aws:iam::123456789012:policy/labkit"

# What is taken away before which step, and the action that is then refused.
MISSED = {
    1: {"KeepBuckets": "s3:ListBucket", "KeepWorkgroup": "athena:GetWorkGroup", "KeepObjects": "s3:GetObject"},
    2: {"KeepRoles": "iam:GetRole", "AttachLabPolicies": "iam:AttachRolePolicy"},
    3: {
        "KeepCatalog": "glue:GetDatabase",
        "TagGlue": "glue:TagResource",
        "KeepCrawlers": "glue:GetCrawler",
        "PassGlueRole": "iam:PassRole",
    },
    4: {"KeepJobs": "glue:GetJob"},
    5: {"KeepLogs": "logs:CreateLogGroup", "KeepFunction": "lambda:GetFunction", "PassLambdaRole": "iam:PassRole"},
}


class Caller:
    """The user, the lab, and the policy that may lose a statement."""

    def __init__(self, aws: Callable[[str], Any], settings: Settings, inputs: Inputs) -> None:
        self.iam, self.settings, self.inputs = aws("iam"), settings, inputs
        self.clients = Clients(settings.target)
        self.ledger = Ledger(settings.state_dir, settings.target)

    @property
    def lab(self) -> Lab:
        return self.inputs.lab

    def grant(self, without: str = "") -> None:
        document = build_caller_policy(self.lab)
        kept = [statement for statement in document["Statement"] if statement["Sid"] != without]
        assert len(kept) == len(document["Statement"]) - bool(without)
        for version in self.iam.list_policy_versions(PolicyArn=POLICY)["Versions"]:
            if not version["IsDefaultVersion"]:
                self.iam.delete_policy_version(PolicyArn=POLICY, VersionId=version["VersionId"])
        text = json.dumps({**document, "Statement": kept})
        self.iam.create_policy_version(PolicyArn=POLICY, PolicyDocument=text, SetAsDefault=True)

    def apply(self, number: int) -> str:
        """Empty when the step was made, else what was refused."""
        try:
            apply_step(self.clients, self.lab, STEPS[number - 1], PRICES, self.ledger, lambda _step, _call: None)
        except LabError as error:
            return str(error)
        return ""


@pytest.fixture
def caller(cloud: RunningCloud, aws: Callable[[str], Any], tmp_path: Path) -> Iterator[Caller]:
    iam = aws("iam")
    iam.create_user(UserName=USER)
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    iam.create_policy(PolicyName="labkit", PolicyDocument=json.dumps(nothing))
    iam.attach_user_policy(UserName=USER, PolicyArn=POLICY)
    key = iam.create_access_key(UserName=USER)["AccessKey"]
    environ = {
        "LABKIT_TARGET": "aws",
        "LABKIT_ACCOUNT": "123456789012",
        "LABKIT_STUDENT": "quien usa",
        "AWS_ENDPOINT_URL": cloud.endpoint_url,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "LABKIT_STATE": str(tmp_path),
    }
    settings = read_settings(environ, tmp_path)
    inputs = build_lab_inputs(settings)
    # Two files are enough to be allowed or not.
    inputs = replace(inputs, lab=replace(inputs.lab, samples=inputs.lab.samples[:2]))
    yield Caller(aws, settings, inputs)
    iam.delete_access_key(UserName=USER, AccessKeyId=key["AccessKeyId"])
    iam.detach_user_policy(UserName=USER, PolicyArn=POLICY)
    iam.delete_user(UserName=USER)
    for version in iam.list_policy_versions(PolicyArn=POLICY)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=POLICY, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=POLICY)


def test_each_statement_is_needed_and_all_of_them_are_enough(caller: Caller) -> None:
    for number, missed in MISSED.items():
        for sid, action in missed.items():
            caller.grant(without=sid)
            said = caller.apply(number)
            assert action in said, (sid, said)
        caller.grant()
        assert caller.apply(number) == ""
    assert caller.apply(6) == ""

    outcome = run_pipeline(caller.clients, caller.inputs, PRICES, caller.ledger, Silent(), Waiting())
    assert len(outcome.answers.months) >= 2

    # Without the right to list nobody can prove that nothing is left, and that is said.
    caller.grant(without="ListToProve")
    blind = find_belongings(caller.clients, caller.settings, caller.ledger).blind
    assert {one.kind for one in blind} >= {"s3-bucket", "iam-role", "glue-job", "glue-crawler", "lambda-function"}
    caller.grant()
    found = find_belongings(caller.clients, caller.settings, caller.ledger)
    assert not found.blind
    report = tear_down(caller.clients, caller.settings, caller.ledger, found)
    assert [str(one.error) for one in report.failures] == []
    assert report.is_proven
    tried = {sid for missed in MISSED.values() for sid in missed} | {"ListToProve"}
    assert tried == {statement["Sid"] for statement in build_caller_policy(caller.lab)["Statement"]}


def test_the_doctor_names_what_is_missing_as_the_simulator_says(caller: Caller) -> None:
    arn = f"arn:aws:iam::123456789012:user/{USER}"
    caller.grant()
    assert "SimulatePrincipalPolicy" in find_refused(caller.clients, caller.settings, arn).error
    caller.iam.put_user_policy(UserName=USER, PolicyName="ask", PolicyDocument=json.dumps(_asking(arn)))
    try:
        enough = find_refused(caller.clients, caller.settings, arn)
        assert (enough.refused, enough.pass_roles, enough.error) == ((), (), "")
        assert enough.asked > 100
        caller.grant(without="PassGlueRole")
        handing = find_refused(caller.clients, caller.settings, arn).pass_roles or ()
        assert [one.resource for one in handing] == [f"arn:aws:iam::123456789012:role/{caller.lab.names.glue_role}"]
        caller.grant(without="KeepJobs")
        missing = {one.action for one in find_refused(caller.clients, caller.settings, arn).refused or ()}
        assert {"glue:CreateJob", "glue:StartJobRun"} <= missing
        assert all(action.startswith("glue:") for action in missing)
    finally:
        caller.iam.delete_user_policy(UserName=USER, PolicyName="ask")


def _asking(arn: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": arn}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_nobody_elses_is_in_reach(caller: Caller, aws: Callable[[str], Any]) -> None:
    caller.grant()
    aws("s3").create_bucket(Bucket="nominas-de-otros")
    aws("iam").create_role(RoleName="administrador", AssumeRolePolicyDocument=json.dumps(_trust()))
    refused = (
        lambda: caller.clients.s3.list_objects_v2(Bucket="nominas-de-otros"),
        lambda: caller.clients.s3.delete_bucket(Bucket="nominas-de-otros"),
        lambda: caller.clients.iam.delete_role(RoleName="administrador"),
        lambda: caller.clients.iam.attach_role_policy(
            RoleName=caller.lab.names.glue_role, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess"
        ),
        lambda: caller.clients.iam.create_user(UserName="otro"),
    )
    for call in refused:
        with pytest.raises(Exception, match="AccessDenied"):
            call()


def _trust() -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}

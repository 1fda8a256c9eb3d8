"""The policy of whoever runs the lab: IAM takes it, it is narrow, and a given role is handed over and never touched."""

from __future__ import annotations

import json
from pathlib import Path

from labkit.run.inputs import build_lab
from labkit.settings import read_settings
from labkit.steps.caller_policy import build_caller_policy

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: a managed policy, without white space.
_LONGEST = 6144
ROLE = "arn:aws:iam::123456789012:role/LabRole"


def build(**environ: str) -> dict[str, dict[str, object]]:
    given = {"LABKIT_TARGET": "aws", "LABKIT_ACCOUNT": "123456789012", **environ}
    document = build_caller_policy(build_lab(read_settings(given, Path("/nowhere"))))
    assert len(json.dumps(document, separators=(",", ":"))) < _LONGEST
    return {statement["Sid"]: statement for statement in document["Statement"]}


def test_only_lists_are_allowed_on_everything_and_no_action_is_a_pattern() -> None:
    for sid, statement in build(AWS_REGION="ap-southeast-1", LABKIT_STUDENT="maría josé de la fuente").items():
        actions = statement["Action"]
        assert isinstance(actions, list)
        assert not any("*" in action for action in actions), sid
        assert (statement["Resource"] == "*") is (sid == "ListToProve"), sid


def test_roles_are_handed_over_to_one_service_each_and_get_the_labs_policies_alone() -> None:
    found = build()
    assert found["PassGlueRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": ["glue.amazonaws.com"]}}
    assert found["PassLambdaRole"]["Condition"] == {"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}}
    attached = json.dumps(found["AttachLabPolicies"]["Condition"])
    assert "AWSGlueServiceRole" in attached
    assert "AdministratorAccess" not in attached


def test_a_given_role_is_never_made_or_changed() -> None:
    found = build(LABKIT_GLUE_ROLE=ROLE, LABKIT_LAMBDA_ROLE=ROLE)
    assert not {"KeepRoles", "AttachLabPolicies"} & set(found)
    assert found["PassGlueRole"]["Resource"] == ROLE


def test_roles_of_least_privilege_attach_nothing() -> None:
    assert "AttachLabPolicies" not in build(LABKIT_ROLES="least-privilege")

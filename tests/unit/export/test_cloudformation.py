"""The template says what the steps want, value for value, and cfn-lint has nothing to say about it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from labkit.export.cloudformation import render_template
from tests.unit.export.labs import ACCOUNT, ROLE, VARIANTS, Values, blueprint, read_template


def values(variant: str, step: int = 6) -> dict[tuple[str, str], dict[str, Any]]:
    plan = blueprint(variant, step)
    return Values(read_template(render_template(plan, ("about",))), plan.lab.region).by_name()


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_template_holds_what_the_steps_want(variant: str) -> None:
    plan, found = blueprint(variant), values(variant)
    names = plan.lab.names
    buckets = {name for kind, name in found if kind == "AWS::S3::Bucket"}
    assert buckets == set(names.lab_bucket_names)
    for role in plan.roles.values():
        made = found["AWS::IAM::Role", role.name]
        assert made["AssumeRolePolicyDocument"] == role.trust
        assert tuple(made.get("ManagedPolicyArns", ())) == role.managed
        assert {one["PolicyName"]: one["PolicyDocument"] for one in made.get("Policies", ())} == dict(role.inline)
    for crawler in plan.crawlers.values():
        made = found["AWS::Glue::Crawler", crawler.name]
        assert made["Role"].rsplit("/", 1)[-1] == crawler.role.rsplit("/", 1)[-1]
        assert [one["Path"] for one in made["Targets"]["S3Targets"]] == list(crawler.paths)
        assert made["DatabaseName"] == crawler.database
    assert plan.job is not None
    job = found["AWS::Glue::Job", plan.job.job.name]
    assert {key: job[key] for key in plan.job.job.definition} == dict(plan.job.job.definition)
    assert plan.function is not None
    made = found["AWS::Lambda::Function", plan.function.name]
    wanted = {**plan.function.configuration, "Handler": "index.lambda_handler"}
    assert {key: made[key] for key in wanted} == wanted
    assert made["Code"]["ZipFile"] == plan.lab.handler.read_text(encoding="utf-8")


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_trigger_makes_no_circle(variant: str) -> None:
    plan, found = blueprint(variant), values(variant)
    assert plan.trigger is not None
    permission = found["AWS::Lambda::Permission", "TriggerPermission"]
    wanted = {key: value for key, value in plan.trigger.permission.items() if key != "StatementId"}
    assert permission == wanted
    rule = found["AWS::S3::Bucket", plan.trigger.bucket]["NotificationConfiguration"]["LambdaConfigurations"][0]
    assert rule["Function"] == plan.trigger.function_arn
    assert rule["Filter"]["S3Key"]["Rules"] == plan.trigger.notification["Filter"]["Key"]["FilterRules"]
    text = render_template(plan, ())
    assert "SourceArn: !GetAtt" not in text


def test_a_role_given_as_arn_is_used_and_never_made() -> None:
    found = values("academy")
    assert not [name for kind, name in found if kind == "AWS::IAM::Role"]
    assert {made["Role"] for (kind, _), made in found.items() if "Role" in made} == {ROLE}


def test_the_account_is_nowhere_a_number() -> None:
    assert ACCOUNT not in render_template(blueprint("aws"), ())
    assert ACCOUNT not in render_template(blueprint("least"), ())


def test_tags_are_those_of_the_lab() -> None:
    plan, found = blueprint("aws"), values("aws")
    assert "labkit:lab" not in plan.tags  # by it `labkit teardown` would delete under the stack
    for (kind, _), made in found.items():
        if kind not in ("AWS::Glue::Database", "AWS::Lambda::Permission"):
            tags = made["Tags"]
            assert (tags if isinstance(tags, dict) else {tag["Key"]: tag["Value"] for tag in tags}) == plan.tags


@pytest.mark.parametrize(
    ("step", "last"),
    [
        (1, "AWS::S3::Bucket"),
        (2, "AWS::IAM::Role"),
        (3, "AWS::Glue::Crawler"),
        (4, "AWS::Glue::Job"),
        (5, "AWS::Lambda::Function"),
    ],
)
def test_a_step_brings_its_own_and_nothing_of_the_next(step: int, last: str) -> None:
    order = [
        "AWS::S3::Bucket",
        "AWS::IAM::Role",
        "AWS::Glue::Crawler",
        "AWS::Glue::Job",
        "AWS::Lambda::Function",
        "AWS::Lambda::Permission",
    ]
    kinds = {kind for kind, _ in values("local", step)}
    assert [kind for kind in order if kind in kinds] == order[: order.index(last) + 1]


def test_code_that_is_too_long_is_uploaded_instead(tmp_path: Path) -> None:
    plan = blueprint("local")
    long = tmp_path / "start_glue_job.py"
    long.write_text("x = 1\n" * 10_000)
    plan = replace(plan, lab=replace(plan.lab, handler=long))
    template = read_template(render_template(plan, ()))
    assert template["Resources"]["StartJobFunction"]["Properties"]["Code"] == {
        "S3Bucket": {"Ref": "CodeBucket"},
        "S3Key": "start_glue_job.zip",
    }
    assert template["Parameters"]["CodeBucket"] == {
        "Type": "String",
        "Description": template["Parameters"]["CodeBucket"]["Description"],
    }
    assert template["Resources"]["StartJobFunction"]["Properties"]["Handler"] == "start_glue_job.lambda_handler"


def test_the_template_fits_in_a_call() -> None:
    assert len(render_template(blueprint("aws"), ("x" * 100,) * 40).encode()) < 51_200


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_cfn_lint_has_nothing_to_say(variant: str, tmp_path: Path) -> None:
    files = []
    for step in (1, 3, 6):
        path = tmp_path / f"{variant}-{step}.yaml"
        path.write_text(render_template(blueprint(variant, step), ("about",)), encoding="utf-8")
        files.append(str(path))
    regions = ["us-east-1", "eu-west-1", "sa-east-1"]
    command = [
        str(Path(sys.executable).with_name("cfn-lint")),
        "--regions",
        *regions,
        "--include-checks",
        "I",
        "--",
        *files,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, done.stdout) == (0, "")

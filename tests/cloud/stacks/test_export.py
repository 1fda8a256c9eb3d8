"""What `labkit export cloudformation` writes is deployed, and is the same as what the steps make by calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from labkit import i18n
from labkit.aws.call import AwsCall
from labkit.aws.session import Clients, send
from labkit.export.blueprint import build_blueprint
from labkit.export.cloudformation import render_template
from labkit.export.header import build_header
from labkit.export.languages import render
from labkit.names import Names
from labkit.prices import load_prices
from labkit.settings import LOCAL_ACCOUNT, Credentials, Target
from labkit.steps.apply import apply_step
from labkit.steps.crawl import build_processed, plan_crawler
from labkit.steps.lab import Lab, Upload
from labkit.steps.ledger import Ledger
from labkit.steps.plan import plan_step
from labkit.steps.step import STEPS
from labkit.steps.tags import EXPORT_TAG, LAB_TAG

ROOT = Path(__file__).parents[3]
PRICES = load_prices()
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


@pytest.fixture
def clients(cloud: Any) -> Clients:
    return Clients(Target("local", "us-east-1", LOCAL_ACCOUNT, cloud.endpoint_url, Credentials("test", "test")))


@pytest.fixture
def lab() -> Lab:
    """A lab as on AWS: tags, a workgroup of its own, a log group that expires."""
    prefix = f"x{uuid.uuid4().hex[:6]}"
    own = {
        name: f"{prefix}-{value}" for name, value in vars(Names()).items() if "_" in name or name in ("job", "function")
    }
    names = replace(Names(), **{**own, "database": f"{prefix}_db", "workgroup": f"{prefix}-lab"})
    tags = {"labkit:lab": prefix, "labkit:made-by": "labkit"}
    arguments = {"--database": names.database, "--table": names.dataset, "--target": names.processed_uri}
    script, handler = ROOT / "etl/sales_etl.py", ROOT / "lambda/start_glue_job.py"
    return Lab(LOCAL_ACCOUNT, "us-east-1", names, (), script, handler, arguments, tags=tags, log_retention_days=7)


def look(clients: Clients, lab: Lab) -> dict[str, Any]:
    """Everything that the lab has, as the services tell it; ids and moments apart."""
    names = lab.names
    rules = clients.s3.get_bucket_notification_configuration(Bucket=names.raw_bucket).get(
        "LambdaFunctionConfigurations", []
    )
    policy = json.loads(clients.lambda_.get_policy(FunctionName=names.function)["Policy"])["Statement"]
    function = clients.lambda_.get_function(FunctionName=names.function)
    settings = (
        "Role",
        "Runtime",
        "Timeout",
        "MemorySize",
        "Environment",
        "PackageType",
        "Architectures",
        "EphemeralStorage",
    )
    group = clients.athena.get_work_group(WorkGroup=names.workgroup)["WorkGroup"]
    logs = clients.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{names.function}")["logGroups"]
    return {
        "buckets": {name: _look_at_bucket(clients, name) for name in names.lab_bucket_names},
        "notification": [_without(rule, "Id") for rule in rules],
        "roles": {name: _look_at_role(clients, name) for name in (names.glue_role, names.lambda_role)},
        "database": _without(clients.glue.get_database(Name=names.database)["Database"], "CreateTime"),
        "crawlers": {name: _look_at_crawler(clients, name) for name in (names.raw_crawler, names.processed_crawler)},
        "job": _without(clients.glue.get_job(JobName=names.job)["Job"], "CreatedOn", "LastModifiedOn"),
        "function": {key: function["Configuration"].get(key) for key in settings},
        "function_tags": function["Tags"],
        "permission": [_without(statement, "Sid") for statement in policy],
        "workgroup": _without(group, "CreationTime"),
        "logs": [(one["logGroupName"], one.get("retentionInDays")) for one in logs],
    }


def _without(document: dict[str, Any], *names: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in names}


def _look_at_bucket(clients: Clients, name: str) -> dict[str, Any]:
    tags = clients.s3.get_bucket_tagging(Bucket=name)["TagSet"]
    place = clients.s3.get_bucket_location(Bucket=name)["LocationConstraint"]
    return {"tags": {tag["Key"]: tag["Value"] for tag in tags}, "place": place}


def _look_at_role(clients: Clients, name: str) -> dict[str, Any]:
    role = clients.iam.get_role(RoleName=name)["Role"]
    attached = clients.iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    inline = clients.iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "trust": role["AssumeRolePolicyDocument"],
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", ())},
        "attached": sorted(one["PolicyArn"] for one in attached),
        "inline": {one: clients.iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in inline},
    }


def _look_at_crawler(clients: Clients, name: str) -> dict[str, Any]:
    found = clients.glue.get_crawler(Name=name)["Crawler"]
    return {"role": found["Role"], "database": found["DatabaseName"], "targets": found["Targets"]}


def missing(clients: Clients, lab: Lab) -> list[AwsCall]:
    return [call for step in STEPS for call in plan_step(clients, lab, step, PRICES).calls]


@pytest.mark.slow
@pytest.mark.parametrize("least_privilege", [False, True], ids=["lab", "least-privilege"])
def test_a_stack_and_the_steps_make_the_same(
    aws: Any, clients: Clients, lab: Lab, tmp_path: Path, *, least_privilege: bool
) -> None:
    lab = replace(lab, least_privilege=least_privilege)
    cloud, stack = aws("cloudformation"), lab.names.workgroup
    template = render_template(build_blueprint(lab), ("test",))
    cloud.create_stack(StackName=stack, TemplateBody=template, Capabilities=CAPABILITIES)
    made = cloud.describe_stacks(StackName=stack)["Stacks"][0]
    assert (made["StackStatus"], made.get("StackStatusReason")) == ("CREATE_COMPLETE", None)
    by_stack = look(clients, lab)
    answer = clients.lambda_.invoke(FunctionName=lab.names.function, Payload=b'{"Records": []}')
    assert json.loads(answer["Payload"].read()) == {"status": "ignored"}
    # What `labkit plan` still finds: the script, and what has another spelling in a stack (index.py, ids of its own).
    assert {call.operation for call in missing(clients, lab)} == {
        "upload_file", "update_function_code", "update_function_configuration", "add_permission",
        "put_bucket_notification_configuration",
    }  # fmt: skip

    cloud.delete_stack(StackName=stack)
    with pytest.raises(ClientError, match="does not exist"):
        cloud.describe_stacks(StackName=stack)
    assert_nothing_left(clients, lab)

    target = Target("local", "us-east-1", LOCAL_ACCOUNT, "", None)
    ledger = Ledger(tmp_path / "state", target)
    for step in STEPS:
        apply_step(clients, lab, step, PRICES, ledger, lambda _step, _call: None)
    for call in plan_crawler(build_processed(lab), None, lab.tags):
        send(clients, call)
    # The stack's carry another tag, so that teardown leaves them to the stack.
    assert look(clients, lab) == _as_labs(by_stack)


def _as_labs(found: Any) -> Any:
    """The same with the lab's own tag."""
    if isinstance(found, dict):
        return {LAB_TAG if key == EXPORT_TAG else key: _as_labs(value) for key, value in found.items()}
    return found


def assert_nothing_left(clients: Clients, lab: Lab) -> None:
    names = lab.names
    gone: list[Callable[[], object]] = [
        *(lambda name=name: clients.s3.head_bucket(Bucket=name) for name in names.lab_bucket_names),
        *(lambda name=name: clients.iam.get_role(RoleName=name) for name in (names.glue_role, names.lambda_role)),
        *(
            lambda name=name: clients.glue.get_crawler(Name=name)
            for name in (names.raw_crawler, names.processed_crawler)
        ),
        lambda: clients.glue.get_database(Name=names.database),
        lambda: clients.glue.get_job(JobName=names.job),
        lambda: clients.lambda_.get_function(FunctionName=names.function),
        lambda: clients.athena.get_work_group(WorkGroup=names.workgroup),
    ]
    for call in gone:
        with pytest.raises(ClientError):
            call()
    assert clients.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{names.function}")["logGroups"] == []


@pytest.mark.slow
def test_from_one_step_to_the_next_the_stack_is_updated(aws: Any, clients: Clients, lab: Lab) -> None:
    cloud, stack = aws("cloudformation"), lab.names.workgroup
    for step in range(1, 7):
        template = render_template(build_blueprint(lab, step), ("test",))
        method = cloud.create_stack if step == 1 else cloud.update_stack
        method(StackName=stack, TemplateBody=template, Capabilities=CAPABILITIES)
        found = cloud.describe_stacks(StackName=stack)["Stacks"][0]
        assert found["StackStatus"] == ("CREATE_COMPLETE" if step == 1 else "UPDATE_COMPLETE"), found
    assert look(clients, lab)["notification"][0]["LambdaFunctionArn"].endswith(lab.names.function)
    cloud.delete_stack(StackName=stack)
    assert_nothing_left(clients, lab)


@pytest.mark.slow
def test_the_commands_of_the_comment_deploy_fill_and_delete(
    cloud: Any, clients: Clients, lab: Lab, tmp_path: Path
) -> None:
    """The lines are run as they stand, with the AWS CLI; up to step 5, so that no job starts."""
    sample = tmp_path / "ventas_2024_01.csv"
    sample.write_text("id_venta,fecha,cantidad\n1,2024-01-03,2\n2,2024-02-03,0\n", encoding="utf-8")
    lab = replace(lab, samples=(Upload(sample, lab.names.raw_bucket, f"{lab.names.raw_prefix}{sample.name}"),))
    blueprint, folder = build_blueprint(lab, 5), tmp_path / "code"
    folder.mkdir()
    header = build_header("cloudformation", blueprint, PRICES, folder)
    for name, text in render("cloudformation", blueprint, header).items():
        (folder / name).write_text(text, encoding="utf-8")
    use, delete = header.index(i18n.text("export.header.use")), header.index(i18n.text("export.header.delete"))
    run_lines(header[use + 1 : delete], folder, cloud.endpoint_url)
    assert clients.s3.get_object(Bucket=lab.names.assets_bucket, Key=lab.names.script_key)["ContentLength"] > 0
    deadline = time.monotonic() + 120
    while clients.glue.get_crawler(Name=lab.names.raw_crawler)["Crawler"]["State"] != "READY":
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert (
        clients.glue.get_table(DatabaseName=lab.names.database, Name=lab.names.dataset)["Table"]["Name"]
        == lab.names.dataset
    )
    end = header.index("", delete)
    run_lines(header[delete + 1 : end], folder, cloud.endpoint_url)
    names = {bucket["Name"] for bucket in clients.s3.list_buckets()["Buckets"]}
    assert not names & set(lab.names.lab_bucket_names)
    with pytest.raises(ClientError):
        clients.glue.get_database(Name=lab.names.database)


def run_lines(lines: tuple[str, ...], folder: Path, endpoint_url: str) -> None:
    environ = {
        **os.environ, "AWS_ENDPOINT_URL": endpoint_url, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "AWS_PAGER": "",
    }  # fmt: skip
    script = "set -euo pipefail\n" + "\n".join(lines)
    done = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"

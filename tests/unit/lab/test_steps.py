"""Steps 1, 2, 4, 5 and 6 against moto in this process; step 3 needs a crawler that crawls: tests/cloud/lab."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from labkit.aws.call import AwsCall
from labkit.errors import AwsCallError, LabError
from labkit.prices import load_prices
from labkit.steps.apply import apply_step
from labkit.steps.function import build_archive
from labkit.steps.ledger import Ledger
from labkit.steps.plan import plan_lab, plan_step
from labkit.steps.step import STEPS, Step

if TYPE_CHECKING:
    from pathlib import Path

    from labkit.aws.session import Clients
    from labkit.settings import Target
    from labkit.steps.lab import Lab

WITHOUT_CRAWL = tuple(step for step in STEPS if step.key != "crawl")


def build(clients: Clients, lab: Lab, ledger: Ledger, steps: tuple[Step, ...] = WITHOUT_CRAWL) -> list[AwsCall]:
    made: list[AwsCall] = []
    for step in steps:
        made += apply_step(clients, lab, step, load_prices(), ledger, lambda _step, _call: None).calls
    return made


def plan(clients: Clients, lab: Lab) -> list[AwsCall]:
    return [call for step in WITHOUT_CRAWL for call in plan_step(clients, lab, step, load_prices()).calls]


@pytest.fixture
def ledger(tmp_path: Path, target: Target) -> Ledger:
    return Ledger(tmp_path / "state", target)


def test_two_that_write_the_ledger_at_once_lose_nothing(tmp_path: Path, target: Target) -> None:
    def write(name: str) -> None:
        call = AwsCall("s3", "create_bucket", {"Bucket": name}, "create", "bucket", name)
        own = Ledger(tmp_path / "state", target)
        own.announce(1, call)
        own.settle(call, made=True)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, [f"b{number}" for number in range(40)]))
    found = Ledger(tmp_path / "state", target).entries()
    assert {entry.name for entry in found if entry.state == "made"} == {f"b{number}" for number in range(40)}


def test_planning_changes_nothing(clients: Clients, lab: Lab) -> None:
    plans = plan_lab(clients, lab, load_prices())
    assert [item.step.number for item in plans] == [1, 2, 3, 4, 5, 6]
    assert all(item.calls for item in plans)
    assert clients.s3.list_buckets()["Buckets"] == []
    assert clients.iam.list_roles()["Roles"] == []
    assert clients.glue.list_jobs()["JobNames"] == []


def test_the_crawl_is_what_costs_money(clients: Clients, lab: Lab) -> None:
    costs = {item.step.key: item.cost_usd for item in plan_lab(clients, lab, load_prices())}
    assert costs["crawl"] == pytest.approx(600 / 3600 * 2 * 0.44)
    assert max(costs, key=lambda key: costs[key]) == "crawl"
    assert costs["roles"] == 0


def test_twice_is_the_same_as_once(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    assert build(clients, lab, ledger)
    assert plan(clients, lab) == []
    assert build(clients, lab, ledger) == []


def test_the_lab_is_made_as_its_text_says(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    buckets = {item["Name"] for item in clients.s3.list_buckets()["Buckets"]}
    assert buckets == {
        "bsg-data-raw",
        "bsg-data-processed",
        "aws-glue-assets-123456789012-us-east-1",
        "aws-athena-query-results-123456789012-us-east-1",
    }
    job = clients.glue.get_job(JobName="bsg-glue-etl-job")["Job"]
    assert (job["GlueVersion"], job["WorkerType"], job["NumberOfWorkers"]) == ("5.1", "G.1X", 2)
    assert (job["MaxRetries"], job["Timeout"], job["ExecutionProperty"]["MaxConcurrentRuns"]) == (0, 10, 1)
    assert job["DefaultArguments"]["--job-bookmark-option"] == "job-bookmark-enable"
    assert job["DefaultArguments"]["--database"] == "bsg_db"
    function = clients.lambda_.get_function_configuration(FunctionName="bsg-start-glue-job")
    assert function["Environment"]["Variables"] == {"GLUE_JOB_NAME": "bsg-glue-etl-job"}
    assert function["Handler"] == "start_glue_job.lambda_handler"
    rules = clients.s3.get_bucket_notification_configuration(Bucket="bsg-data-raw")["LambdaFunctionConfigurations"]
    assert [rule["Events"] for rule in rules] == [["s3:ObjectCreated:*"]]
    attached = clients.iam.list_attached_role_policies(RoleName="bsg-glue-role")["AttachedPolicies"]
    assert {item["PolicyName"] for item in attached} == {"AWSGlueServiceRole", "AmazonS3FullAccess"}


def test_a_changed_script_is_sent_again(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    lab.script.write_text("print('etl, again')\n", encoding="utf-8")
    assert [(call.operation, call.verb) for call in plan(clients, lab)] == [("upload_file", "update")]
    build(clients, lab, ledger)
    body = clients.s3.get_object(Bucket=lab.names.assets_bucket, Key=lab.names.script_key)["Body"].read()
    assert body == b"print('etl, again')\n"


def test_a_changed_handler_is_sent_again(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    lab.handler.write_text("def lambda_handler(event, context):\n    return 1\n", encoding="utf-8")
    assert [call.operation for call in build(clients, lab, ledger)] == ["update_function_code"]
    assert plan(clients, lab) == []


def test_changed_job_arguments_are_noticed(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    other = replace(lab, job_arguments={"--database": "otra"})
    (call,) = plan(clients, other)  # moto has no UpdateJob: tests/cloud/lab makes the call
    assert (call.operation, call.verb) == ("update_job", "update")
    assert call.params["JobUpdate"]["DefaultArguments"]["--database"] == "otra"
    assert "Name" not in call.params["JobUpdate"]


def test_what_was_deleted_by_hand_is_made_again(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    clients.iam.delete_role_policy(RoleName=lab.names.lambda_role, PolicyName="start-glue-job")
    clients.glue.delete_job(JobName=lab.names.job)
    clients.lambda_.remove_permission(FunctionName=lab.names.function, StatementId=f"s3-{lab.names.function}")
    assert {call.operation for call in build(clients, lab, ledger)} == {
        "put_role_policy",
        "create_job",
        "add_permission",
    }
    assert plan(clients, lab) == []


def test_a_wider_permission_of_another_bucket_is_replaced(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    statement = f"s3-{lab.names.function}"
    clients.lambda_.remove_permission(FunctionName=lab.names.function, StatementId=statement)
    clients.lambda_.add_permission(
        FunctionName=lab.names.function,
        StatementId=statement,
        Action="lambda:InvokeFunction",
        Principal="s3.amazonaws.com",
        SourceArn="arn:aws:s3:::otro",
    )
    assert [call.operation for call in build(clients, lab, ledger)] == ["remove_permission", "add_permission"]


def test_a_trigger_that_somebody_else_set_stays(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    build(clients, lab, ledger)
    bucket, function = lab.names.raw_bucket, lab.names.function
    arn = clients.lambda_.get_function_configuration(FunctionName=function)["FunctionArn"]
    other = {"Id": "otro", "LambdaFunctionArn": arn, "Events": ["s3:ObjectRemoved:*"]}
    clients.s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": [other]}
    )
    build(clients, lab, ledger)
    found = clients.s3.get_bucket_notification_configuration(Bucket=bucket)["LambdaFunctionConfigurations"]
    assert {item["Id"] for item in found} == {"otro", f"s3-{function}"}


def test_every_creation_is_in_the_ledger(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    made = build(clients, lab, ledger)
    created = {(call.kind, call.name) for call in made if call.verb == "create"}
    # Glue makes its log groups by itself: they are written down as not there before, and no call makes them.
    entries = [entry for entry in ledger.entries() if entry.kind != "shared-log-group"]
    assert {(entry.kind, entry.name) for entry in entries} == created
    assert {entry.state for entry in entries} == {"made"}


def test_a_bucket_that_was_there_is_not_in_the_ledger(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    clients.s3.create_bucket(Bucket="bsg-data-raw")
    build(clients, lab, ledger)
    assert ("s3-bucket", "bsg-data-raw") not in {(entry.kind, entry.name) for entry in ledger.entries()}
    assert ("s3-bucket", "bsg-data-processed") in {(entry.kind, entry.name) for entry in ledger.entries()}


def test_the_ledger_knows_a_call_before_it_is_made(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    seen: list[str] = []

    class Watching(Ledger):
        def announce(self, step: int, call: AwsCall) -> None:
            super().announce(step, call)
            seen.extend(f"{entry.name} {entry.state}" for entry in self.entries() if entry.name == call.name)
            raise KeyboardInterrupt

    watching = Watching(ledger.path.parent, clients.target)
    with pytest.raises(KeyboardInterrupt):
        build(clients, lab, watching)
    assert seen == ["bsg-data-raw calling"]
    assert clients.s3.list_buckets()["Buckets"] == []
    assert ledger.entries()[0].state == "calling"


def test_a_refused_call_is_a_lesson_in_the_words_of_aws(clients: Clients, lab: Lab, ledger: Ledger) -> None:
    bad = replace(lab, names=replace(lab.names, processed_bucket="No Valid Bucket"))
    with pytest.raises(AwsCallError) as caught:
        build(clients, bad, ledger)
    assert "No Valid Bucket" in caught.value.what or "Bucket" in caught.value.cause
    assert caught.value.cause
    assert caught.value.next_step


def test_a_role_that_iam_has_not_spread_yet_is_tried_again(target: Target) -> None:
    from botocore.exceptions import ClientError

    from labkit.aws.session import Clients, send

    naps: list[float] = []

    class Glue:
        def create_crawler(self, **_params: object) -> None:
            if len(naps) < 2:
                said = {"Code": "InvalidInputException", "Message": "Service is unable to assume provided role."}
                raise ClientError({"Error": said}, "CreateCrawler")

    clients = Clients(target)
    clients.__dict__["glue"] = Glue()
    send(clients, AwsCall("glue", "create_crawler", {}, "create", "k", "n"), sleep=naps.append, jitter=lambda: 1.0)
    assert naps == [0.5, 1.0]


def test_another_refusal_is_not_tried_again(target: Target) -> None:
    from botocore.exceptions import ClientError

    from labkit.aws.session import Clients, send

    class Glue:
        def create_crawler(self, **_params: object) -> None:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "not you"}}, "CreateCrawler")

    naps: list[float] = []
    clients = Clients(target)
    clients.__dict__["glue"] = Glue()
    with pytest.raises(AwsCallError, match="AccessDeniedException: not you"):
        send(clients, AwsCall("glue", "create_crawler", {}, "create", "k", "n"), sleep=naps.append)
    assert naps == []


def test_a_ledger_that_is_not_one_is_left_alone(ledger: Ledger) -> None:
    ledger.path.parent.mkdir(parents=True)
    ledger.path.write_text("[]", encoding="utf-8")
    with pytest.raises(LabError, match=r"ledger\.json"):
        ledger.entries()
    assert ledger.path.read_text(encoding="utf-8") == "[]"


def test_reset_forgets_one_target_only(tmp_path: Path, target: Target) -> None:

    call = AwsCall("s3", "create_bucket", {}, "create", "s3-bucket", "b")
    local, cloud = Ledger(tmp_path, target), Ledger(tmp_path, replace(target, name="aws"))
    rehearsed = Ledger(tmp_path, replace(target, name="aws", rehearsal=True))
    for ledger in (local, cloud, rehearsed):
        ledger.announce(1, call)
    local.forget_targets("local", "rehearsal")
    assert [entry.target for entry in local.entries()] == ["aws"]


def test_the_same_handler_makes_the_same_zip(lab: Lab) -> None:
    import os

    first = build_archive(lab.handler)
    os.utime(lab.handler, (1, 1))
    assert build_archive(lab.handler) == first

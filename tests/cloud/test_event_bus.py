"""EventBridge end to end, with plain boto3: what a student's rules do."""

from __future__ import annotations

import hashlib
import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.functions.conftest import ADMINISTRATOR, zip_bytes

Client = Callable[[str], Any]
ACCOUNT = "123456789012"
PUTS_BACK = """
import json, os, boto3
def lambda_handler(event, context):
    print("GOT " + json.dumps(event, ensure_ascii=False))
    if event.get("detail", {}).get("again"):
        boto3.client("events").put_events(Entries=[{"Source": "loop", "DetailType": "t", "Detail": json.dumps(event["detail"])}])
    if event.get("start"):
        boto3.client("glue").start_job_run(JobName=event["start"])
"""


def unique(name: str) -> str:
    return f"{name}-{uuid.uuid4().hex[:8]}"


def wait_for(find: Callable[[], Any], patience_s: float = 60.0) -> Any:
    end = time.monotonic() + patience_s
    while not (found := find()):
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)
    return found


def make_queue(aws: Client) -> tuple[str, str]:
    """A queue that EventBridge and SNS may write: its URL and its ARN."""
    name = unique("events")
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    services = {"Service": ["events.amazonaws.com", "sns.amazonaws.com"]}
    statement = {"Effect": "Allow", "Principal": services, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return aws("sqs").create_queue(QueueName=name, Attributes={"Policy": policy})["QueueUrl"], arn


def receive(
    aws: Client, url: str, wanted: Callable[[dict[str, Any]], bool] = bool, patience_s: float = 60.0
) -> dict[str, Any]:
    """The first message of a queue that is wanted, read as JSON; the others are dropped."""

    def look() -> Any:
        for message in aws("sqs").receive_message(QueueUrl=url).get("Messages", []):
            aws("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            return body if wanted(body) else None
        return None

    found: dict[str, Any] = wait_for(look, patience_s)
    return found


def make_rule(aws: Client, pattern: dict[str, Any], *arns: str) -> str:
    """A rule with targets; its ARN."""
    name = unique("rule")
    arn: str = aws("events").put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    targets = [{"Id": str(number), "Arn": target} for number, target in enumerate(arns)]
    if targets:
        assert aws("events").put_targets(Rule=name, Targets=targets)["FailedEntryCount"] == 0
    return arn


def make_role(aws: Client, service: str) -> str:
    name = unique("role")
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}],
    }
    arn: str = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    aws("iam").attach_role_policy(RoleName=name, PolicyArn=ADMINISTRATOR)
    return arn


def make_function(aws: Client, rule: str | None) -> tuple[str, str]:
    """A function that prints its events, and that the rule may invoke (None: no rule): its name and its ARN."""
    name = unique("fn")
    made = aws("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Role=make_role(aws, "lambda.amazonaws.com"), Handler="m.lambda_handler",
        Code={"ZipFile": zip_bytes({"m.py": PUTS_BACK})}, Timeout=30,
    )  # fmt: skip
    if rule is not None:
        aws("lambda").add_permission(
            FunctionName=name,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule,
        )
    return name, made["FunctionArn"]


def printed(aws: Client, name: str) -> list[Any]:
    """The events that a function printed."""
    try:
        found = aws("logs").filter_log_events(logGroupName=f"/aws/lambda/{name}", filterPattern="GOT")["events"]
    except ClientError:
        return []
    return [json.loads(one["message"].partition("GOT ")[2]) for one in found]


def test_an_object_that_is_created_reaches_a_function_with_its_key_as_it_is(aws: Client) -> None:
    bucket, key = unique("bucket"), "entrada/año=2024/señal +1.csv"
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    pattern = {
        "source": ["aws.s3"], "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": [bucket]}, "object": {"key": [{"prefix": "entrada/"}]}},
    }  # fmt: skip
    rule = aws("events").put_rule(Name=unique("rule"), EventPattern=json.dumps(pattern))["RuleArn"]
    name, arn = make_function(aws, rule)
    aws("events").put_targets(Rule=rule.rsplit("/", 1)[1], Targets=[{"Id": "f", "Arn": arn}])
    aws("s3").put_object(Bucket=bucket, Key="other.csv", Body=b"x")
    aws("s3").put_object(Bucket=bucket, Key=key, Body=b"a,b\n")
    (event,) = wait_for(lambda: printed(aws, name))
    assert event["resources"] == [f"arn:aws:s3:::{bucket}"]
    assert event["detail"]["object"] == {
        "key": key, "size": 4, "etag": hashlib.md5(b"a,b\n").hexdigest(),
        "sequencer": event["detail"]["object"]["sequencer"],
    }  # fmt: skip
    assert event["detail"]["reason"] == "PutObject"


def test_a_function_without_permission_is_not_invoked(aws: Client) -> None:
    url, dead = make_queue(aws)
    name, arn = make_function(aws, None)
    rule = make_rule(aws, {"source": [name]})
    target = {"Id": "f", "Arn": arn, "DeadLetterConfig": {"Arn": dead}}
    aws("events").put_targets(Rule=rule.rsplit("/", 1)[1], Targets=[target])
    aws("events").put_events(Entries=[{"Source": name, "DetailType": "t", "Detail": "{}"}])
    assert receive(aws, url)["source"] == name
    assert printed(aws, name) == []


def test_a_failed_job_is_told_over_a_topic(aws: Client) -> None:
    url, queue = make_queue(aws)
    topic = aws("sns").create_topic(Name=unique("topic"))["TopicArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("sns").set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    job, bucket = unique("job"), unique("bucket")
    aws("s3").create_bucket(Bucket=bucket)
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/no.py"}
    aws("glue").create_job(Name=job, Role=make_role(aws, "glue.amazonaws.com"), Command=command, GlueVersion="5.1")
    pattern = {
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change"],
        "detail": {"jobName": [job], "state": ["FAILED"]},
    }
    make_rule(aws, pattern, topic)
    run = aws("glue").start_job_run(JobName=job)["JobRunId"]
    event = json.loads(receive(aws, url)["Message"])
    assert (event["account"], event["region"], event["resources"]) == (ACCOUNT, "us-east-1", [])
    reason = aws("glue").get_job_run(JobName=job, RunId=run)["JobRun"]["ErrorMessage"]
    assert event["detail"] == {
        "jobName": job, "severity": "ERROR", "state": "FAILED", "jobRunId": run,
        "message": f"JobName:{job} and JobRunId:{run} failed to execute with exception {reason}",
    }  # fmt: skip


def test_a_crawl_and_what_it_does_to_the_catalog(aws: Client) -> None:
    url, queue = make_queue(aws)
    bucket, database, crawler = unique("bucket"), unique("db"), unique("crawler")
    of_database = {"source": ["aws.glue"], "detail": {"databaseName": [database]}}
    make_rule(aws, {"source": ["aws.glue"], "detail": {"crawlerName": [crawler]}}, queue)
    make_rule(aws, of_database, queue)
    aws("s3").create_bucket(Bucket=bucket)
    for month in (1, 2):
        aws("s3").put_object(Bucket=bucket, Key=f"ventas/mes={month}/a.csv", Body=b"id,n\n1,2\n3,4\n")
    aws("glue").create_database(DatabaseInput={"Name": database})
    created = receive(aws, url)
    assert (created["detail-type"], created["detail"]) == (
        "Glue Data Catalog Database State Change",
        {"databaseName": database, "typeOfChange": "CreateDatabase", "changedTables": []},
    )
    aws("glue").create_crawler(
        Name=crawler, Role=make_role(aws, "glue.amazonaws.com"), DatabaseName=database,
        Targets={"S3Targets": [{"Path": f"s3://{bucket}/ventas/"}]},
    )  # fmt: skip
    aws("glue").start_crawler(Name=crawler)
    # A queue keeps no order: the end of the crawl may be read before the partitions it made.
    events = [receive(aws, url) for _ in range(4)]
    told = {event["detail"].get("state") or event["detail"]["typeOfChange"]: event for event in events}
    assert told["Started"]["detail"]["message"] == "Crawler Started"
    ended = told["Succeeded"]["detail"]
    assert (ended["tablesCreated"], ended["partitionsCreated"], ended["warningMessage"]) == ("1", "2", "N/A")
    assert told["CreateTable"]["detail"]["changedTables"] == ["ventas"]
    assert told["CreateTable"]["resources"] == [f"arn:aws:glue:us-east-1:{ACCOUNT}:table/{database}/ventas"]
    partitions = told["BatchCreatePartition"]
    assert partitions["detail-type"] == "Glue Data Catalog Table State Change"
    assert sorted(partitions["detail"]["changedPartitions"]) == ["[1]", "[2]"]


def test_a_query_is_told_in_each_state(aws: Client) -> None:
    url, queue = make_queue(aws)
    bucket = unique("bucket")
    aws("s3").create_bucket(Bucket=bucket)
    make_rule(aws, {"source": ["aws.athena"], "detail": {"workgroupName": ["primary"]}}, queue)
    given = {"ResultConfiguration": {"OutputLocation": f"s3://{bucket}/"}}
    query = aws("athena").start_query_execution(QueryString="SELECT 1/0", **given)["QueryExecutionId"]
    mine = {}
    while len(mine) < 3:
        event = receive(aws, url, lambda body: body["detail"]["queryExecutionId"] == query)
        mine[event["detail"]["currentState"]] = event["detail"]
    assert [mine[state]["sequenceNumber"] for state in ("QUEUED", "RUNNING", "FAILED")] == ["1", "2", "3"]
    assert "previousState" not in mine["QUEUED"]
    failed = mine["FAILED"]
    assert (failed["previousState"], failed["statementType"], failed["versionId"]) == ("RUNNING", "DML", "0")
    assert failed["athenaError"]["errorMessage"].endswith("Division by zero")


def test_a_log_group_needs_a_resource_policy(aws: Client) -> None:
    group = f"/aws/events/{unique('group')}"
    url, dead = make_queue(aws)
    aws("logs").create_log_group(logGroupName=group)
    arn = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{group}"
    rule = make_rule(aws, {"source": [group]})
    transformer = {
        "InputPathsMap": {"when": "$.time", "n": "$.detail.n"},
        "InputTemplate": '{"timestamp": <when>, "message": "n is <n>"}',
    }
    target = {"Id": "l", "Arn": arn, "DeadLetterConfig": {"Arn": dead}, "InputTransformer": transformer}
    aws("events").put_targets(Rule=rule.rsplit("/", 1)[1], Targets=[target])
    entry = {"Source": group, "DetailType": "t", "Detail": '{"n": 5}', "Time": "2026-01-01T00:00:00Z"}
    aws("events").put_events(Entries=[entry])
    assert receive(aws, url)["source"] == group
    principals = {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}
    statement = {
        "Effect": "Allow", "Principal": principals, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{arn}:*",
    }  # fmt: skip
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws("logs").put_resource_policy(policyName=unique("events"), policyDocument=policy)
    aws("events").put_events(Entries=[{**entry, "Time": time.time()}])
    (message,) = wait_for(lambda: aws("logs").filter_log_events(logGroupName=group)["events"])
    assert message["message"] == "n is 5"


def test_a_function_that_puts_events_which_invoke_it_is_stopped(aws: Client) -> None:
    rule = make_rule(aws, {"source": ["loop"]})
    name, arn = make_function(aws, rule)
    aws("events").put_targets(Rule=rule.rsplit("/", 1)[1], Targets=[{"Id": "f", "Arn": arn}])
    aws("events").put_events(Entries=[{"Source": "loop", "DetailType": "t", "Detail": '{"again": true}'}])
    metrics = {"Namespace": "AWS/Events", "MetricName": "Invocations", "Period": 86400, "Statistics": ["Sum"]}
    dimensions = [{"Name": "RuleName", "Value": rule.rsplit("/", 1)[1]}]

    def invocations() -> float:
        window = {"StartTime": time.time() - 86400, "EndTime": time.time() + 60}
        points = aws("cloudwatch").get_metric_statistics(Dimensions=dimensions, **metrics, **window)["Datapoints"]
        return sum(point["Sum"] for point in points)

    wait_for(lambda: invocations() >= 17)
    wait_for(lambda: len(printed(aws, name)) == 16)


def test_what_a_key_without_permission_asks_of_eventbridge(aws: Client, cloud: Any) -> None:
    import boto3

    user = unique("user")
    aws("iam").create_user(UserName=user)
    key = aws("iam").create_access_key(UserName=user)["AccessKey"]
    client = boto3.client(
        "events", endpoint_url=cloud.endpoint_url, region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )  # fmt: skip
    with pytest.raises(ClientError, match=r"AccessDeniedException.*events:PutEvents on resource.*event-bus/default"):
        client.put_events(Entries=[{"Source": "s", "DetailType": "t", "Detail": "{}"}])


@pytest.mark.slow
def test_a_schedule_starts_a_job_through_a_function(aws: Client) -> None:
    job, bucket = unique("job"), unique("bucket")
    aws("s3").create_bucket(Bucket=bucket)
    aws("s3").put_object(Bucket=bucket, Key="job.py", Body=b"print('hello from a schedule')")
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/job.py"}
    aws("glue").create_job(Name=job, Role=make_role(aws, "glue.amazonaws.com"), Command=command, GlueVersion="5.1")
    name = unique("rule")
    rule = aws("events").put_rule(Name=name, ScheduleExpression="cron(* * * * ? *)")["RuleArn"]
    _, arn = make_function(aws, rule)
    url, queue = make_queue(aws)
    pattern = {"detail-type": ["Glue Job State Change"], "detail": {"jobName": [job]}}
    make_rule(aws, pattern, queue)
    aws("events").put_targets(Rule=name, Targets=[{"Id": "f", "Arn": arn, "Input": json.dumps({"start": job})}])
    event = receive(aws, url, patience_s=180)  # the schedule's minute, and the job
    aws("events").disable_rule(Name=name)
    assert (event["detail"]["state"], event["detail"]["message"]) == ("SUCCEEDED", "Job run succeeded")


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    import os
    import signal

    import boto3

    from labkit.cloud import daemon

    def client(info: Any, service: str) -> Any:
        return boto3.client(service, endpoint_url=info.endpoint_url, region_name="us-east-1")

    info = daemon.up(tmp_path, port=None)
    try:
        url, queue = make_queue(lambda service: client(info, service))
        make_rule(lambda service: client(info, service), {"source": ["app"]}, queue)
        time.sleep(1)  # queues and their policies are moto's, written a moment after the call
        sent = set()
        for start in range(0, 400, 10):
            entries = [{"Source": "app", "DetailType": "t", "Detail": json.dumps({"n": start + n})} for n in range(10)]
            sent |= {entry["EventId"] for entry in client(info, "events").put_events(Entries=entries)["Entries"]}
        os.kill(info.pid, signal.SIGKILL)
        info = daemon.up(tmp_path, port=None)
        sqs, got = client(info, "sqs"), set()
        url = sqs.get_queue_url(QueueName=queue.rsplit(":", 1)[1])["QueueUrl"]

        def all_came() -> bool:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                got.add(json.loads(message["Body"])["id"])
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            return got >= sent

        wait_for(all_came)
    finally:
        daemon.down(tmp_path)


@pytest.mark.slow
def test_rules_of_a_stack_deliver_change_and_go(aws: Client) -> None:
    stacks, events = aws("cloudformation"), aws("events")
    url, arn = make_queue(aws)
    bus, stack = unique("bus"), unique("stack")

    def template(source: str) -> str:
        rule = {
            "EventBusName": {"Ref": "Bus"},
            "EventPattern": {"source": [source]},
            "Targets": [{"Id": "queue", "Arn": arn}],
        }
        daily = {"ScheduleExpression": "rate(1 day)", "State": "DISABLED"}
        archive = {"SourceArn": {"Fn::GetAtt": ["Bus", "Arn"]}, "RetentionDays": 3}
        return json.dumps(
            {
                "Resources": {
                    "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": bus}},
                    "Rule": {"Type": "AWS::Events::Rule", "Properties": rule},
                    "Daily": {"Type": "AWS::Events::Rule", "Properties": daily},
                    "Archive": {"Type": "AWS::Events::Archive", "Properties": archive},
                }
            }
        )

    def put(source: str) -> None:
        entry = {"Source": source, "DetailType": "t", "Detail": "{}", "EventBusName": bus}
        assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0

    stacks.create_stack(StackName=stack, TemplateBody=template("before"))
    put("before")
    assert receive(aws, url)["source"] == "before"
    assert [rule["State"] for rule in events.list_rules(NamePrefix=stack)["Rules"]] == ["DISABLED"]
    stacks.update_stack(StackName=stack, TemplateBody=template("after"))
    put("before")
    put("after")
    assert receive(aws, url)["source"] == "after"
    stacks.delete_stack(StackName=stack)
    assert bus not in [each["Name"] for each in events.list_event_buses()["EventBuses"]]
    assert events.list_rules(NamePrefix=stack)["Rules"] == []

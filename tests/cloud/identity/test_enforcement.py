"""What policies allow and deny, seen by plain boto3: each case is a role's policy, a call, and what comes of it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.identity.conftest import ACCOUNT, Actor, Aws, allow, deny

GLUE = f"arn:aws:glue:us-east-1:{ACCOUNT}"


@dataclass(frozen=True)
class Place:
    """What the calls are made on."""

    bucket: str
    database: str
    table: str
    job: str
    group: str
    queue_url: str

    @property
    def arn(self) -> str:
        return f"arn:aws:s3:::{self.bucket}"


@pytest.fixture(scope="module")
def place(aws: Aws) -> Iterator[Place]:
    mark = uuid.uuid4().hex[:8]
    bucket, database, job, group = f"identity-{mark}", f"identity_{mark}", f"job-{mark}", f"/identity/{mark}"
    s3, glue = aws("s3"), aws("glue")
    s3.create_bucket(Bucket=bucket)
    for key in ("in/a.csv", "in/año 2024/b.csv", "out/c.csv"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"1", Tagging="nivel=publico" if key.startswith("in/") else "")
    glue.create_database(DatabaseInput={"Name": database})
    glue.create_table(DatabaseName=database, TableInput={"Name": "ventas"})
    trust = {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
    aws("iam").create_role(
        RoleName=job, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    command = {"Name": "glueetl", "ScriptLocation": f"s3://{bucket}/job.py"}
    glue.create_job(Name=job, Role=job, Command=command, GlueVersion="5.1")
    aws("logs").create_log_group(logGroupName=group)
    queue = aws("sqs").create_queue(QueueName=f"queue-{mark}")["QueueUrl"]
    yield Place(bucket, database, "ventas", job, group, queue)
    aws("sqs").delete_queue(QueueUrl=queue)
    aws("logs").delete_log_group(logGroupName=group)
    glue.delete_job(JobName=job)
    glue.delete_database(Name=database)
    for key in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=key["Key"])
    s3.delete_bucket(Bucket=bucket)


Statements = Callable[[Place], list[dict[str, Any]]]
Do = Callable[[Actor, Place], Any]


def get(key: str) -> Do:
    return lambda actor, place: actor.client("s3").get_object(Bucket=place.bucket, Key=key)


def put(key: str, **more: Any) -> Do:
    return lambda actor, place: actor.client("s3").put_object(Bucket=place.bucket, Key=key, Body=b"2", **more)


def list_under(prefix: str) -> Do:
    return lambda actor, place: actor.client("s3").list_objects_v2(Bucket=place.bucket, Prefix=prefix)


def ask(service: str, action: str, **params: Any) -> Do:
    """A call whose texts may hold {bucket}, {database}, {job} …"""

    def call(actor: Actor, place: Place) -> Any:
        return getattr(actor.client(service), action)(**_fill(params, place))

    return call


def _fill(value: Any, place: Place) -> Any:
    if isinstance(value, str):
        for name, text in vars(place).items():
            value = value.replace("{" + name + "}", text)
        return value
    if isinstance(value, dict):
        return {key: _fill(item, place) for key, item in value.items()}
    return [_fill(item, place) for item in value] if isinstance(value, list) else value


def when(operator: str, key: str, value: Any) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


OK = ""
# name, statements, call, the action that is denied ("" when nothing is)
CASES: list[tuple[str, Statements, Do, str]] = [
    ("nothing allows nothing", lambda p: [], get("in/a.csv"), "s3:GetObject"),
    ("object by its ARN", lambda p: [allow("s3:GetObject", f"{p.arn}/in/a.csv")], get("in/a.csv"), OK),
    ("another object", lambda p: [allow("s3:GetObject", f"{p.arn}/in/a.csv")], get("out/c.csv"), "s3:GetObject"),
    ("prefix", lambda p: [allow("s3:GetObject", f"{p.arn}/in/*")], get("in/año 2024/b.csv"), OK),
    ("star crosses slashes", lambda p: [allow("s3:GetObject", f"{p.arn}/*.csv")], get("in/año 2024/b.csv"), OK),
    ("question mark", lambda p: [allow("s3:GetObject", f"{p.arn}/in/?.csv")], get("in/a.csv"), OK),
    ("question mark is one", lambda p: [allow("s3:GetObject", f"{p.arn}/in?a.csvx")], get("in/a.csv"), "s3:GetObject"),
    ("the bucket is not its objects", lambda p: [allow("s3:GetObject", p.arn)], get("in/a.csv"), "s3:GetObject"),
    ("objects are not the bucket", lambda p: [allow("s3:ListBucket", f"{p.arn}/*")], list_under(""), "s3:ListBucket"),
    ("action in another case", lambda p: [allow("S3:getobject", f"{p.arn}/*")], get("in/a.csv"), OK),
    ("action wildcard", lambda p: [allow("s3:Get*", f"{p.arn}/*")], get("in/a.csv"), OK),
    ("action wildcard of another verb", lambda p: [allow("s3:Get*", f"{p.arn}/*")], put("in/x"), "s3:PutObject"),
    ("service wildcard", lambda p: [allow("s3:*", ["*"])], put("in/x"), OK),
    ("everything", lambda p: [allow("*", "*")], put("in/x"), OK),
    ("several actions", lambda p: [allow(["s3:GetObject", "s3:PutObject"], f"{p.arn}/*")], put("in/x"), OK),
    (
        "NotAction allows the rest",
        lambda p: [{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}],
        get("in/a.csv"),
        OK,
    ),
    (
        "NotAction leaves out",
        lambda p: [{"Effect": "Allow", "NotAction": "s3:Put*", "Resource": "*"}],
        put("in/x"),
        "s3:PutObject",
    ),
    (
        "NotResource allows the rest",
        lambda p: [{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{p.arn}/out/*"}],
        get("in/a.csv"),
        OK,
    ),
    (
        "NotResource leaves out",
        lambda p: [{"Effect": "Allow", "Action": "s3:*", "NotResource": f"{p.arn}/out/*"}],
        get("out/c.csv"),
        "s3:GetObject",
    ),
    (
        "deny wins",
        lambda p: [allow("s3:*", "*"), deny("s3:GetObject", f"{p.arn}/in/*")],
        get("in/a.csv"),
        "s3:GetObject",
    ),
    (
        "deny of something else",
        lambda p: [allow("s3:*", "*"), deny("s3:GetObject", f"{p.arn}/in/*")],
        get("out/c.csv"),
        OK,
    ),
    (
        "deny by NotResource",
        lambda p: [allow("s3:*", "*"), {"Effect": "Deny", "Action": "s3:GetObject", "NotResource": f"{p.arn}/in/*"}],
        get("out/c.csv"),
        "s3:GetObject",
    ),
    (
        "list with its prefix",
        lambda p: [allow("s3:ListBucket", p.arn, **when("StringLike", "s3:prefix", "in/*"))],
        list_under("in/"),
        OK,
    ),
    (
        "list another prefix",
        lambda p: [allow("s3:ListBucket", p.arn, **when("StringLike", "s3:prefix", "in/*"))],
        list_under("out/"),
        "s3:ListBucket",
    ),
    (
        "list without a prefix",
        lambda p: [allow("s3:ListBucket", p.arn, **when("StringLike", "s3:prefix", "in/*"))],
        ask("s3", "list_objects_v2", Bucket="{bucket}"),
        "s3:ListBucket",
    ),
    (
        "few keys at a time",
        lambda p: [allow("s3:ListBucket", p.arn, **when("NumericLessThanEquals", "s3:max-keys", "10"))],
        ask("s3", "list_objects_v2", Bucket="{bucket}", MaxKeys=10),
        OK,
    ),
    (
        "too many keys at a time",
        lambda p: [allow("s3:ListBucket", p.arn, **when("NumericLessThanEquals", "s3:max-keys", "10"))],
        ask("s3", "list_objects_v2", Bucket="{bucket}", MaxKeys=11),
        "s3:ListBucket",
    ),
    (
        "only encrypted, and it is",
        lambda p: [
            allow("s3:PutObject", f"{p.arn}/*", **when("StringEquals", "s3:x-amz-server-side-encryption", "AES256"))
        ],
        put("in/x", ServerSideEncryption="AES256"),
        OK,
    ),
    (
        "only encrypted, and it is not",
        lambda p: [
            allow("s3:PutObject", f"{p.arn}/*", **when("StringEquals", "s3:x-amz-server-side-encryption", "AES256"))
        ],
        put("in/x"),
        "s3:PutObject",
    ),
    (
        "by the tag of an object",
        lambda p: [
            allow("s3:GetObject", f"{p.arn}/*", **when("StringEquals", "s3:ExistingObjectTag/nivel", "publico"))
        ],
        get("in/a.csv"),
        OK,
    ),
    (
        "by the tag of an object that has none",
        lambda p: [
            allow("s3:GetObject", f"{p.arn}/*", **when("StringEquals", "s3:ExistingObjectTag/nivel", "publico"))
        ],
        get("out/c.csv"),
        "s3:GetObject",
    ),
    (
        "over TLS",
        lambda p: [allow("s3:*", "*"), deny("s3:*", "*", **when("Bool", "aws:SecureTransport", "false"))],
        get("in/a.csv"),
        OK,
    ),
    (
        "from here",
        lambda p: [allow("s3:*", "*", **when("IpAddress", "aws:SourceIp", "127.0.0.0/8"))],
        get("in/a.csv"),
        OK,
    ),
    (
        "from elsewhere",
        lambda p: [allow("s3:*", "*", **when("IpAddress", "aws:SourceIp", "203.0.113.0/24"))],
        get("in/a.csv"),
        "s3:GetObject",
    ),
    (
        "in another region",
        lambda p: [allow("glue:*", "*", **when("StringEquals", "aws:RequestedRegion", "eu-west-1"))],
        ask("glue", "get_job", JobName="{job}"),
        "glue:GetJob",
    ),
    (
        "before a date that has passed",
        lambda p: [allow("s3:*", "*", **when("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))],
        get("in/a.csv"),
        "s3:GetObject",
    ),
    (
        "after a date that has passed",
        lambda p: [allow("s3:*", "*", **when("DateGreaterThan", "aws:CurrentTime", "2020-01-01T00:00:00Z"))],
        get("in/a.csv"),
        OK,
    ),
    (
        "the own role",
        lambda p: [allow("s3:*", "*", **when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/actor-*"))],
        get("in/a.csv"),
        OK,
    ),
    (
        "another role",
        lambda p: [allow("s3:*", "*", **when("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/other"))],
        get("in/a.csv"),
        "s3:GetObject",
    ),
    (
        "a key that no request has",
        lambda p: [allow("s3:*", "*", **when("StringEquals", "aws:PrincipalTag/equipo", "datos"))],
        get("in/a.csv"),
        "s3:GetObject",
    ),
    (
        "a key that no request has, if it exists",
        lambda p: [allow("s3:*", "*", **when("StringEqualsIfExists", "aws:PrincipalTag/equipo", "datos"))],
        get("in/a.csv"),
        OK,
    ),
    (
        "null",
        lambda p: [allow("s3:PutObject", "*", **when("Null", "s3:x-amz-server-side-encryption", "true"))],
        put("in/x", ServerSideEncryption="AES256"),
        "s3:PutObject",
    ),
    ("buckets are listed on all", lambda p: [allow("s3:ListAllMyBuckets", "*")], ask("s3", "list_buckets"), OK),
    (
        "buckets are not listed on one",
        lambda p: [allow("s3:*", p.arn)],
        ask("s3", "list_buckets"),
        "s3:ListAllMyBuckets",
    ),
    (
        "head is get",
        lambda p: [allow("s3:GetObject", f"{p.arn}/*")],
        ask("s3", "head_object", Bucket="{bucket}", Key="in/a.csv"),
        OK,
    ),
    (
        "copy reads its source",
        lambda p: [allow("s3:PutObject", f"{p.arn}/*")],
        ask("s3", "copy_object", Bucket="{bucket}", Key="x", CopySource="{bucket}/in/a.csv"),
        "s3:GetObject",
    ),
    (
        "copy writes its target",
        lambda p: [allow(["s3:GetObject", "s3:GetObjectTagging"], f"{p.arn}/*")],
        ask("s3", "copy_object", Bucket="{bucket}", Key="x", CopySource="{bucket}/in/a.csv"),
        "s3:PutObject",
    ),
    (
        "tags need their own permission",
        lambda p: [allow("s3:PutObject", f"{p.arn}/*")],
        put("in/x", Tagging="a=b"),
        "s3:PutObjectTagging",
    ),
    (
        "deletion",
        lambda p: [allow(["s3:GetObject", "s3:PutObject"], f"{p.arn}/*")],
        ask("s3", "delete_object", Bucket="{bucket}", Key="in/x"),
        "s3:DeleteObject",
    ),
    (
        "settings of a bucket",
        lambda p: [allow("s3:*Object", f"{p.arn}/*")],
        ask("s3", "put_bucket_versioning", Bucket="{bucket}", VersioningConfiguration={"Status": "Enabled"}),
        "s3:PutBucketVersioning",
    ),
    (
        "a notification",
        lambda p: [allow("s3:Get*", "*")],
        ask("s3", "put_bucket_notification_configuration", Bucket="{bucket}", NotificationConfiguration={}),
        "s3:PutBucketNotification",
    ),
    (
        "one job",
        lambda p: [allow("glue:GetJob", f"{GLUE}:job/{p.job}")],
        ask("glue", "get_job", JobName="{job}"),
        OK,
    ),
    (
        "another job",
        lambda p: [allow("glue:StartJobRun", f"{GLUE}:job/other")],
        ask("glue", "start_job_run", JobName="{job}"),
        "glue:StartJobRun",
    ),
    (
        "a table needs catalog, database and table",
        lambda p: [
            allow(
                "glue:GetTable",
                [f"{GLUE}:catalog", f"{GLUE}:database/{p.database}", f"{GLUE}:table/{p.database}/ventas"],
            )
        ],
        ask("glue", "get_table", DatabaseName="{database}", Name="ventas"),
        OK,
    ),
    (
        "a table without its catalog",
        lambda p: [allow("glue:GetTable", [f"{GLUE}:database/{p.database}", f"{GLUE}:table/{p.database}/ventas"])],
        ask("glue", "get_table", DatabaseName="{database}", Name="ventas"),
        "glue:GetTable",
    ),
    (
        "a table without its database",
        lambda p: [allow("glue:GetTable", [f"{GLUE}:catalog", f"{GLUE}:table/{p.database}/ventas"])],
        ask("glue", "get_table", DatabaseName="{database}", Name="ventas"),
        "glue:GetTable",
    ),
    (
        "a job without PassRole",
        lambda p: [allow("glue:CreateJob", "*")],
        ask(
            "glue",
            "create_job",
            Name="x",
            Role="{job}",
            Command={"Name": "glueetl", "ScriptLocation": "s3://{bucket}/x"},
        ),
        "iam:PassRole",
    ),
    (
        "PassRole to another service",
        lambda p: [
            allow("glue:CreateJob", "*"),
            allow("iam:PassRole", "*", **when("StringEquals", "iam:PassedToService", "lambda.amazonaws.com")),
        ],
        ask(
            "glue",
            "create_job",
            Name="x",
            Role="{job}",
            Command={"Name": "glueetl", "ScriptLocation": "s3://{bucket}/x"},
        ),
        "iam:PassRole",
    ),
    ("IAM", lambda p: [allow("iam:Get*", "*")], ask("iam", "list_roles"), "iam:ListRoles"),
    (
        "one role",
        lambda p: [allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/{p.job}")],
        ask("iam", "get_role", RoleName="{job}"),
        OK,
    ),
    ("who am I needs nothing", lambda p: [deny("*", "*")], ask("sts", "get_caller_identity"), OK),
    (
        "another role is not assumed without leave",
        lambda p: [allow("s3:*", "*")],
        ask("sts", "assume_role", RoleArn=f"arn:aws:iam::{ACCOUNT}:role/" + "{job}", RoleSessionName="otra"),
        "sts:AssumeRole",
    ),
    (
        "queries",
        lambda p: [allow("athena:Get*", "*")],
        ask("athena", "start_query_execution", QueryString="SELECT 1"),
        "athena:StartQueryExecution",
    ),
    (
        "a log group",
        lambda p: [allow("logs:DescribeLogStreams", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{p.group}:*")],
        ask("logs", "describe_log_streams", logGroupName="{group}"),
        OK,
    ),
    (
        "another log group",
        lambda p: [allow("logs:*", f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/aws/*")],
        ask("logs", "describe_log_streams", logGroupName="{group}"),
        "logs:DescribeLogStreams",
    ),
    ("functions", lambda p: [allow("lambda:Get*", "*")], ask("lambda", "list_functions"), "lambda:ListFunctions"),
    ("metrics", lambda p: [], ask("cloudwatch", "list_metrics"), "cloudwatch:ListMetrics"),
    (
        "queues",
        lambda p: [allow("sqs:GetQueueUrl", "*")],
        ask("sqs", "send_message", QueueUrl="{queue_url}", MessageBody="x"),
        "sqs:SendMessage",
    ),
    (
        "rules",
        lambda p: [allow("events:List*", "*")],
        ask("events", "put_rule", Name="x", ScheduleExpression="rate(1 day)"),
        "events:PutRule",
    ),
]


@pytest.mark.parametrize(("statements", "do", "denied"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_role_may_what_its_policy_says(
    actor: Actor, place: Place, statements: Statements, do: Do, denied: str
) -> None:
    actor.may(*statements(place))
    if not denied:
        do(actor, place)
        return
    with pytest.raises(ClientError) as caught:
        do(actor, place)
    error = caught.value.response["Error"]
    assert "AccessDenied" in error["Code"] or error["Code"] == "AuthorizationError", error
    assert actor.arn in error["Message"]
    assert denied.lower() in error["Message"].lower()

"""The condition keys that requests carry, and those that are looked up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from labkit.cloud import hooks
from labkit.cloud.identity.requests import kept

ROLE = "arn:aws:iam::123456789012:role/etl"
BOUNDARY = "arn:aws:iam::123456789012:policy/b"
LAYER = "arn:aws:lambda:us-east-1:123456789012:layer:l:1"
COMMON = {"s3:resourceaccount", "s3:authtype", "s3:signatureversion", "s3:x-amz-content-sha256"}


def carried(needed: Any, position: int = 0) -> dict[str, tuple[str, ...]]:
    """What a request's condition keys are, without those that every S3 request has."""
    return {key: value for key, value in dict(needed.accesses[position].context).items() if key not in COMMON}


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    iam = kept.iam(hooks.ACCOUNT)  # its reset would read AWS's policies again, half a second a time
    iam.roles.clear()
    iam.users.clear()


def test_every_s3_request_says_how_it_is_signed(ask: Any) -> None:
    context = ask("s3", "GetObject", Bucket="lab", Key="a").accesses[0].context
    assert context["s3:authtype"] == ("REST-HEADER",)
    assert context["s3:signatureversion"] == ("AWS4-HMAC-SHA256",)
    assert context["s3:resourceaccount"] == (hooks.ACCOUNT,)


@pytest.mark.parametrize(
    ("params", "keys"),
    [
        ({}, {}),
        ({"Prefix": ""}, {"s3:prefix": ("",)}),
        ({"Prefix": "año=2024/ x"}, {"s3:prefix": ("año=2024/ x",)}),
        (
            {"Prefix": "raw/", "Delimiter": "/", "MaxKeys": 10},
            {"s3:prefix": ("raw/",), "s3:delimiter": ("/",), "s3:max-keys": ("10",)},
        ),
    ],
)
@pytest.mark.parametrize("operation", ["ListObjects", "ListObjectsV2", "ListObjectVersions"])
def test_a_listing_carries_what_it_names_and_no_more(
    ask: Any, operation: str, params: dict[str, Any], keys: dict[str, Any]
) -> None:
    assert carried(ask("s3", operation, Bucket="lab", **params)) == keys


def test_a_put_carries_its_headers_and_its_tags(ask: Any) -> None:
    needed = ask(
        "s3", "PutObject", Bucket="lab", Key="a", Body="x", ACL="private", ServerSideEncryption="aws:kms", SSEKMSKeyId="k",
        StorageClass="GLACIER", Tagging="Team=etl&a%20b=ñ", IfNoneMatch="*",
    )  # fmt: skip
    assert carried(needed) == {
        "s3:x-amz-acl": ("private",),
        "s3:x-amz-server-side-encryption": ("aws:kms",),
        "s3:x-amz-server-side-encryption-aws-kms-key-id": ("k",),
        "s3:x-amz-storage-class": ("GLACIER",),
        "s3:if-none-match": ("*",),
        "s3:requestobjecttag/team": ("etl",),
        "s3:requestobjecttag/a b": ("ñ",),
        "s3:requestobjecttagkeys": ("Team", "a b"),
    }


def test_a_get_with_if_none_match_is_no_conditional_write(ask: Any) -> None:
    assert carried(ask("s3", "GetObject", Bucket="lab", Key="a", IfNoneMatch="x")) == {}


def test_a_copy_carries_its_source_and_directive_and_its_reading_only_what_is_its_own(ask: Any) -> None:
    needed = ask(
        "s3", "CopyObject", Bucket="lab", Key="b", CopySource="src/a b", MetadataDirective="REPLACE", ACL="private"
    )
    assert carried(needed, 1)["s3:x-amz-copy-source"] == ("src/a b",)
    assert carried(needed, 1)["s3:x-amz-metadata-directive"] == ("REPLACE",)
    assert carried(needed, 0) == {}
    version = ask("s3", "CopyObject", Bucket="lab", Key="b", CopySource="src/a?versionId=7")
    assert carried(version, 1)["s3:x-amz-copy-source"] == ("src/a",)
    assert carried(version, 0) == {"s3:versionid": ("7",)}


def test_a_version_and_a_lock_are_in_the_context(ask: Any) -> None:
    assert carried(ask("s3", "DeleteObject", Bucket="lab", Key="a", VersionId="7")) == {"s3:versionid": ("7",)}
    locked = ask(
        "s3", "PutObject", Bucket="lab", Key="a", Body="x", ObjectLockMode="COMPLIANCE",
        ObjectLockRetainUntilDate="2099-01-01T00:00:00Z",
    )  # fmt: skip
    assert carried(locked)["s3:object-lock-mode"] == ("COMPLIANCE",)
    assert int(carried(locked)["s3:object-lock-remaining-retention-days"][0]) > 20_000


def test_each_key_of_a_batch_delete_is_an_access_of_its_own(ask: Any) -> None:
    needed = ask(
        "s3", "DeleteObjects", Bucket="lab", Delete={"Objects": [{"Key": "a"}, {"Key": "b", "VersionId": "1"}]}
    )
    assert needed.per_key
    assert [dict(access.context).get("s3:versionid") for access in needed.accesses] == [None, ("1",)]


def test_a_new_bucket_carries_its_region_and_tags(ask: Any) -> None:
    configuration = {"LocationConstraint": "eu-west-1", "Tags": [{"Key": "Team", "Value": "etl"}]}
    context = carried(ask("s3", "CreateBucket", Bucket="lab", CreateBucketConfiguration=configuration))
    assert context == {
        "s3:locationconstraint": ("eu-west-1",),
        "aws:requesttag/team": ("etl",),
        "aws:tagkeys": ("Team",),
    }


def test_who_may_list_learns_that_an_object_is_missing(ask: Any) -> None:
    (source,) = ask("s3", "CopyObject", Bucket="lab", Key="b", CopySource="src/a/b").to_learn_of_absence
    assert source.resource == "arn:aws:s3:::src"
    (listing,) = ask("s3", "GetObject", Bucket="lab", Key="a").to_learn_of_absence
    assert (listing.action, listing.resource) == ("s3:ListBucket", "arn:aws:s3:::lab")
    assert ask("s3", "PutObject", Bucket="lab", Key="a", Body="x").to_learn_of_absence == ()


def test_tags_of_objects_and_buckets_are_looked_up_when_they_are_asked_for(store: Any, ask: Any) -> None:
    store.put("lab", "a.csv", b"x")
    backend = kept.backend("s3", hooks.ACCOUNT, "aws")
    backend.put_object_tagging(backend.get_object("lab", "a.csv"), {"Class": "public"})
    backend.put_bucket_tagging("lab", {"Team": "etl"})
    context = ask("s3", "GetObject", Bucket="lab", Key="a.csv").accesses[0].context
    assert context["s3:existingobjecttag/class"] == ("public",)
    assert context["s3:buckettag/team"] == ("etl",)
    assert context.get("s3:existingobjecttag/other") is None
    assert context.get("aws:username") is None
    assert set(context) >= {"s3:existingobjecttag/class", "s3:authtype"}
    assert ask("s3", "ListObjectsV2", Bucket="lab").accesses[0].context["aws:resourcetag/team"] == ("etl",)


def test_copying_an_object_with_tags_needs_to_read_and_write_them(store: Any, ask: Any) -> None:
    store.put("lab", "a.csv", b"x")
    backend = kept.backend("s3", hooks.ACCOUNT, "aws")
    backend.put_object_tagging(backend.get_object("lab", "a.csv"), {"Class": "public"})
    copied = ask("s3", "CopyObject", Bucket="lab", Key="b", CopySource="lab/a.csv").accesses
    assert [f"{one.action} {one.resource.rpartition(':')[2]}" for one in copied] == [
        "s3:GetObject lab/a.csv",
        "s3:GetObjectTagging lab/a.csv",
        "s3:PutObjectTagging lab/b",
        "s3:PutObject lab/b",
    ]
    replaced = ask(
        "s3", "CopyObject", Bucket="lab", Key="b", CopySource="lab/a.csv", TaggingDirective="REPLACE"
    ).accesses
    assert [one.action for one in replaced] == ["s3:GetObject", "s3:PutObject"]


def test_the_tags_of_a_request_are_in_its_context_whatever_the_service_calls_them(ask: Any) -> None:
    expected = {"aws:requesttag/team": ("etl",), "aws:tagkeys": ("Team",)}
    pairs = [{"Key": "Team", "Value": "etl"}]
    calls = [
        ("glue", "CreateJob", {"Name": "j", "Role": ROLE, "Tags": {"Team": "etl"}}),
        (
            "glue",
            "TagResource",
            {"ResourceArn": "arn:aws:glue:us-east-1:123456789012:job/j", "TagsToAdd": {"Team": "etl"}},
        ),
        ("iam", "CreateUser", {"UserName": "u", "Tags": pairs}),
        ("sqs", "CreateQueue", {"QueueName": "q", "tags": {"Team": "etl"}}),
        ("sns", "CreateTopic", {"Name": "t", "Tags": pairs}),
        ("logs", "CreateLogGroup", {"logGroupName": "g", "tags": {"Team": "etl"}}),
        ("dynamodb", "CreateTable", {"TableName": "t", "Tags": pairs}),
        ("sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "s", "Tags": pairs}),
        (
            "cloudwatch",
            "TagResource",
            {"ResourceARN": "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a", "Tags": pairs},
        ),
    ]
    for service, operation, params in calls:
        context = dict(ask(service, operation, **params).accesses[0].context)
        assert {key: context.get(key) for key in expected} == expected, (service, operation)


@pytest.mark.parametrize(
    ("service", "operation", "params", "keys"),
    [
        ("sts", "AssumeRole", {"RoleArn": ROLE, "RoleSessionName": "ana", "ExternalId": "42", "DurationSeconds": 900},
         {"sts:rolesessionname": ("ana",), "sts:externalid": ("42",), "sts:durationseconds": ("900",)}),
        ("iam", "AttachRolePolicy", {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
         {"iam:policyarn": ("arn:aws:iam::aws:policy/ReadOnlyAccess",)}),
        ("iam", "CreateRole", {"RoleName": "r", "AssumeRolePolicyDocument": "{}", "PermissionsBoundary": BOUNDARY},
         {"iam:permissionsboundary": (BOUNDARY,)}),
        ("cloudwatch", "PutMetricData", {"Namespace": "Lab/ETL", "MetricData": []}, {"cloudwatch:namespace": ("Lab/ETL",)}),
        ("lambda", "AddPermission", {"FunctionName": "f", "StatementId": "s", "Action": "x", "Principal": "s3.amazonaws.com"},
         {"lambda:principal": ("s3.amazonaws.com",)}),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE, "Code": {}, "Layers": [LAYER]}, {"lambda:layer": (LAYER,)}),
        ("lambda", "CreateEventSourceMapping", {"FunctionName": "f:live", "EventSourceArn": "q"},
         {"lambda:functionarn": ("arn:aws:lambda:us-east-1:123456789012:function:f:live",)}),
        ("events", "PutEvents", {"Entries": [{"Source": "lab", "DetailType": "done", "Detail": "{}"}]},
         {"events:source": ("lab",), "events:detail-type": ("done",)}),
        ("events", "PutRule", {"Name": "r", "EventPattern": '{"source": ["aws.glue"]}'},
         {"events:source": ("aws.glue",), "events:creatoraccount": ("123456789012",)}),
        ("sns", "Subscribe", {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t", "Protocol": "email", "Endpoint": "a@b.c"},
         {"sns:protocol": ("email",), "sns:endpoint": ("a@b.c",)}),
        ("ssm", "GetParametersByPath", {"Path": "/a", "Recursive": True}, {"ssm:recursive": ("true",)}),
        ("ssm", "PutParameter", {"Name": "/a", "Value": "x"}, {"ssm:overwrite": ("false",)}),
        ("kms", "Encrypt", {"KeyId": "alias/lab", "Plaintext": b"x", "EncryptionContext": {"App": "lab"}},
         {"kms:requestalias": ("alias/lab",), "kms:encryptioncontext:app": ("lab",), "kms:encryptioncontextkeys": ("App",),
          "kms:calleraccount": ("123456789012",)}),
        ("secretsmanager", "DeleteSecret", {"SecretId": "s", "ForceDeleteWithoutRecovery": True},
         {"secretsmanager:forcedeletewithoutrecovery": ("true",)}),
        ("dynamodb", "Query", {"TableName": "t", "Select": "COUNT"}, {"dynamodb:select": ("COUNT",)}),
        ("cloudformation", "CreateStack", {"StackName": "s", "TemplateURL": "https://x", "ResourceTypes": ["AWS::S3::*"]},
         {"cloudformation:templateurl": ("https://x",), "cloudformation:resourcetypes": ("AWS::S3::*",)}),
    ],
)  # fmt: skip
def test_a_service_has_its_own_keys(
    ask: Any, service: str, operation: str, params: dict[str, Any], keys: dict[str, Any]
) -> None:
    context = dict(ask(service, operation, **params).accesses[0].context)
    assert {key: context.get(key) for key in keys} == keys


@pytest.mark.parametrize(
    ("service", "operation", "params", "passed_to"),
    [
        ("glue", "CreateJob", {"Name": "j", "Role": "etl", "Command": {}}, "glue.amazonaws.com"),
        ("glue", "UpdateJob", {"JobName": "j", "JobUpdate": {"Role": ROLE}}, "glue.amazonaws.com"),
        ("glue", "CreateCrawler", {"Name": "c", "Role": "etl", "Targets": {}}, "glue.amazonaws.com"),
        ("lambda", "CreateFunction", {"FunctionName": "f", "Role": ROLE, "Code": {}}, "lambda.amazonaws.com"),
        (
            "events",
            "PutTargets",
            {"Rule": "r", "Targets": [{"Id": "1", "Arn": "a", "RoleArn": ROLE}]},
            "events.amazonaws.com",
        ),
        ("cloudformation", "CreateStack", {"StackName": "s", "RoleARN": ROLE}, "cloudformation.amazonaws.com"),
    ],
)
def test_a_role_is_passed_to_the_service_that_will_use_it(
    ask: Any, service: str, operation: str, params: dict[str, Any], passed_to: str
) -> None:
    passing = [one for one in ask(service, operation, **params).accesses if one.action == "iam:PassRole"]
    assert [(one.resource, dict(one.context)) for one in passing] == [(ROLE, {"iam:passedtoservice": (passed_to,)})]


def test_a_role_named_without_its_path_is_passed_with_it(ask: Any) -> None:
    kept.iam(hooks.ACCOUNT).create_role("etl", "{}", "/service-role/", None, "", [], 3600)
    needed = ask("glue", "CreateJob", Name="j", Role="etl", Command={})
    assert needed.accesses[-1].resource == "arn:aws:iam::123456789012:role/service-role/etl"


def test_tags_and_boundaries_of_roles_and_users_are_looked_up(ask: Any) -> None:
    iam = kept.iam(hooks.ACCOUNT)
    boundary = "arn:aws:iam::aws:policy/ReadOnlyAccess"
    iam.create_role("etl", "{}", "/", boundary, "", [{"Key": "Team", "Value": "etl"}], 3600)
    iam.create_user("us-east-1", "ana", tags=[{"Key": "Team", "Value": "bi"}])
    role = ask("iam", "PutRolePolicy", RoleName="etl", PolicyName="p", PolicyDocument="{}").accesses[0].context
    assert role["aws:resourcetag/team"] == role["iam:resourcetag/team"] == ("etl",)
    assert role["iam:permissionsboundary"] == (boundary,)
    assert ask("iam", "DeleteUser", UserName="ana").accesses[0].context["aws:resourcetag/team"] == ("bi",)
    assumed = ask("sts", "AssumeRole", RoleArn=ROLE, RoleSessionName="s").accesses[0].context
    assert assumed["aws:resourcetag/team"] == ("etl",)


def test_tags_of_jobs_are_looked_up(ask: Any) -> None:
    glue = kept.backend("glue", hooks.ACCOUNT, "us-east-1")
    glue.tag_resource("arn:aws:glue:us-east-1:123456789012:job/tagged", {"Team": "etl"})
    context = ask("glue", "StartJobRun", JobName="tagged").accesses[0].context
    assert context["aws:resourcetag/team"] == ("etl",)
    assert ask("glue", "StartJobRun", JobName="other").accesses[0].context.get("aws:resourcetag/team") is None
    glue.reset()

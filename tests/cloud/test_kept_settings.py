"""Settings that are kept and read back, and those that are kept without effect: rows of labkit/parity/table."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@pytest.fixture
def name() -> str:
    return f"kept-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def bucket(aws: Aws, name: str) -> str:
    aws("s3").create_bucket(Bucket=name)
    return name


def statement(*actions: str) -> str:
    return json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    )


def test_tags_and_versioning_of_a_bucket_are_read_back(aws: Aws, bucket: str) -> None:
    s3, tags = aws("s3"), [{"Key": "labkit:lab", "Value": "x"}]
    with pytest.raises(ClientError, match="NoSuchTagSet"):
        s3.get_bucket_tagging(Bucket=bucket)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": tags})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_tagging(Bucket=bucket)["TagSet"] == tags
    assert s3.get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"


def test_unfinished_uploads_are_listed_until_they_are_given_up(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    upload = s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]
    assert [one["UploadId"] for one in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    s3.abort_multipart_upload(Bucket=bucket, Key="a", UploadId=upload)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)


def test_a_file_comes_down_as_it_went_up(aws: Aws, bucket: str, tmp_path: Path) -> None:
    up, down = tmp_path / "up", tmp_path / "down"
    up.write_bytes(bytes(range(256)) * 40_000)  # more than boto3 sends and fetches in one piece
    aws("s3").upload_file(str(up), bucket, "a")
    aws("s3").download_file(bucket, "a", str(down))
    assert down.read_bytes() == up.read_bytes()


def test_encryption_is_named_and_the_file_is_plain(aws: Aws, cloud: Any, bucket: str) -> None:
    s3, body = aws("s3"), uuid.uuid4().bytes * 10
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    kept = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
    assert kept[0]["ApplyServerSideEncryptionByDefault"] == rule["ApplyServerSideEncryptionByDefault"]
    s3.put_object(Bucket=bucket, Key="a", Body=body)
    assert s3.head_object(Bucket=bucket, Key="a")["ServerSideEncryption"] == "AES256"
    files = [path for path in (cloud.state_dir / "objects").rglob("*") if path.is_file()]
    assert body in [path.read_bytes() for path in files]


def test_a_rule_of_life_is_kept_and_moves_nothing(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    rule = {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Date": "2020-01-01T00:00:00Z"}}
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"][0]["ID"] == "old"
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1


def test_an_access_list_is_taken_where_the_owner_of_the_bucket_owns_all(aws: Aws, bucket: str) -> None:
    s3 = aws("s3")
    s3.put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    )
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    s3.put_object_acl(Bucket=bucket, Key="a", ACL="bucket-owner-read")  # AWS: AccessControlListNotSupported


def test_a_key_with_a_newline_is_not_found(aws: Aws, bucket: str) -> None:
    with pytest.raises(ClientError) as caught:
        aws("s3").put_object(Bucket=bucket, Key="a\nb", Body=b"1")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_a_role_is_read_back_whole(aws: Aws, name: str) -> None:
    iam, tags = aws("iam"), [{"Key": "labkit:lab", "Value": "x"}]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.update_role(RoleName=name, Description="de la clase", MaxSessionDuration=7200)
    iam.tag_role(RoleName=name, Tags=tags)
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=statement("s3:GetObject"))
    role = iam.get_role(RoleName=name)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("de la clase", 7200)
    assert iam.list_role_tags(RoleName=name)["Tags"] == tags
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["p"]
    held = iam.get_role_policy(RoleName=name, PolicyName="p")["PolicyDocument"]
    assert held["Statement"][0]["Action"] == ["s3:GetObject"]
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    details = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
    assert [one["RolePolicyList"][0]["PolicyName"] for one in details if one["RoleName"] == name] == ["p"]


def test_versions_of_a_policy_are_listed_and_the_one_in_force_is_told(aws: Aws, name: str) -> None:
    iam = aws("iam")
    arn = iam.create_policy(PolicyName=name, PolicyDocument=statement("s3:GetObject"))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=statement("s3:PutObject"), SetAsDefault=True)
    found = {one["VersionId"]: one["IsDefaultVersion"] for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]}
    assert found == {"v1": False, "v2": True}


def test_the_keys_that_policies_name_are_told_as_they_spell_them(aws: Aws, name: str) -> None:
    """The example of the CLI's reference, get-context-keys-for-custom-policy."""
    iam = aws("iam")
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Action": "dynamodb:*",
            "Resource": "arn:aws:dynamodb:us-west-2:123456789012:table/${aws:username}",
            "Condition": {"DateGreaterThan": {"aws:CurrentTime": "2015-08-16T12:00:00Z"}},
        },
    }
    words = json.dumps(document)
    given = iam.get_context_keys_for_custom_policy(PolicyInputList=[words, words.replace("CurrentTime", "currenttime")])
    assert given["ContextKeyNames"] == ["aws:username", "aws:CurrentTime"]
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=words)
    found = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
    assert found == given["ContextKeyNames"]


def test_the_setting_for_loops_of_a_function_is_kept(aws: Aws, name: str) -> None:
    iam, client = aws("iam"), aws("lambda")
    trust = json.loads(json.dumps(TRUST).replace("glue", "lambda"))
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("h.py", "def f(event, context):\n    return 1\n")
    client.create_function(
        FunctionName=name, Role=role, Runtime="python3.12", Handler="h.f", Code={"ZipFile": packed.getvalue()}
    )
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Terminate"
    client.put_function_recursion_config(FunctionName=name, RecursiveLoop="Allow")
    assert client.get_function_recursion_config(FunctionName=name)["RecursiveLoop"] == "Allow"


def test_a_dashboard_is_kept(aws: Aws, name: str) -> None:
    body = json.dumps({"widgets": [{"type": "text", "properties": {"markdown": "# hola"}}]})
    aws("cloudwatch").put_dashboard(DashboardName=name, DashboardBody=body)
    assert json.loads(aws("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"]) == json.loads(body)

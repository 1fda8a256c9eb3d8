"""What CreateFunction and the Update calls take, and what they refuse in AWS's words."""

from __future__ import annotations

import io
import json
import re
import urllib.request
import uuid
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.cloud.functions.conftest import TRUST, zip_bytes

CODE = "def lambda_handler(e, c):\n    return 1\n"
ACCOUNT = "arn:aws:iam::123456789012:role"


def refused(call: Any, *args: Any, **params: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as caught:
        call(*args, **params)
    error = caught.value.response["Error"]
    return error["Code"], error["Message"]


VALIDATION = [
    (
        {"Timeout": 901},
        "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
    ),
    (
        {"EphemeralStorage": {"Size": 10241}},
        "Value '10241' at 'ephemeralStorage.size' failed to satisfy constraint: Member must have value less than or equal to 10240",
    ),
    (
        {"Handler": "a b"},
        r"Value 'a b' at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: [^\s]+",
    ),
    (
        {"Architectures": ["mips"]},
        "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
    ),
    (
        {"Environment": {"Variables": {"9X": "b"}}},
        "Value '{9X=b}' at 'environment.variables' failed to satisfy constraint: Map keys",
    ),
    (
        {"TracingConfig": {"Mode": "Foo"}},
        "Value 'Foo' at 'tracingConfig.mode' failed to satisfy constraint: Member must satisfy enum",
    ),
    (
        {"Role": "r"},
        "Value 'r' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:",
    ),
    ({"Timeout": 901, "EphemeralStorage": {"Size": 10241}}, "2 validation errors detected: "),
]


@pytest.mark.parametrize(("settings", "words"), VALIDATION)
def test_values_out_of_bounds_are_validation_errors(deploy: Any, settings: dict[str, Any], words: str) -> None:
    code, message = refused(deploy, CODE, **settings)
    assert code == "ValidationException"
    assert words in message


PARAMETERS = [
    (
        {"MemorySize": 10241},
        "'MemorySize' value failed to satisfy constraint: Member must have value less than or equal to 10240",
    ),
    ({"Role": f"{ACCOUNT}/nobody"}, "The role defined for the function cannot be assumed by Lambda."),
    (
        {"Runtime": "cobol"},
        "Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [",
    ),
    (
        {"Runtime": "python3.6"},
        "The runtime parameter of python3.6 is no longer supported for creating or updating AWS Lambda functions.",
    ),
    ({"Runtime": "nodejs20.x"}, "This function cannot run here: its Runtime is nodejs20.x"),
    ({"Runtime": "provided.al2023"}, "This function cannot run here: its Runtime is provided.al2023"),
    ({"PackageType": "Image"}, "This function cannot run here: it is a container image"),
    ({"Runtime": ""}, "Runtime and Handler are mandatory parameters for functions created with deployment packages."),
    (
        {"Environment": {"Variables": {"AWS_REGION": "x", "STAGE": "dev"}}},
        "reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION",
    ),
    ({"Environment": {"Variables": {"BIG": "x" * 4100}}}, "exceeded the 4KB limit. String measured: {"),
    (
        {"LoggingConfig": {"LogFormat": "Text", "SystemLogLevel": "INFO"}},
        "Log level is not supported when LogFormat is set to Text",
    ),
    ({"Layers": ["arn:aws:lambda:us-east-1:123456789012:layer:no:1"]}, "layer:no:1 does not exist."),
    (
        {"Layers": ["arn:aws:lambda:eu-west-1:123456789012:layer:no:1"]},
        "Layers are expected to be in region us-east-1.",
    ),
    ({"Code": {"ZipFile": b""}}, "Uploaded file must be a non-empty zip"),
    ({"Code": {"ZipFile": zip_bytes({})}}, "Uploaded file must be a non-empty zip"),
    ({"Code": {}}, "Please provide a source for function code."),
    (
        {"Code": {"S3Bucket": "nobodys-bucket", "S3Key": "k"}},
        "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified bucket does not exist",
    ),
]


@pytest.mark.parametrize(("settings", "words"), PARAMETERS)
def test_what_lambda_itself_refuses(deploy: Any, settings: dict[str, Any], words: str) -> None:
    code, message = refused(deploy, CODE, **settings)
    assert code == "InvalidParameterValueException"
    assert words in message


@pytest.mark.parametrize(
    ("settings", "feature"),
    [
        ({"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}, "VPC networking"),
        ({"SnapStart": {"ApplyOn": "PublishedVersions"}}, "SnapStart"),
        ({"Code": {"ImageUri": "1.dkr.ecr.us-east-1.amazonaws.com/x"}}, "container images"),
    ],
)
def test_what_nothing_here_does_is_refused_by_name(deploy: Any, settings: dict[str, Any], feature: str) -> None:
    code, message = refused(deploy, CODE, **settings)
    assert code == "NotImplemented"
    assert feature in message


def test_a_role_that_does_not_trust_lambda_is_refused(aws: Any, deploy: Any) -> None:
    name = f"glue-only-{uuid.uuid4().hex[:8]}"
    trust = TRUST.replace("lambda.amazonaws.com", "glue.amazonaws.com")
    arn = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    told = ("InvalidParameterValueException", "The role defined for the function cannot be assumed by Lambda.")
    assert refused(deploy, CODE, Role=arn) == told
    function = deploy(CODE)
    assert refused(aws("lambda").update_function_configuration, FunctionName=function, Role=arn) == told


def test_a_role_deleted_while_in_use_ends_the_next_cold_start(aws: Any, deploy: Any) -> None:
    iam, role = aws("iam"), f"gone-{uuid.uuid4().hex[:8]}"
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    function = deploy(CODE, Role=arn)
    iam.delete_role(RoleName=role)
    code, message = refused(aws("lambda").invoke, FunctionName=function)
    assert (code, message) == (
        "AccessDeniedException",
        "The role defined for the function cannot be assumed by Lambda.",
    )


def test_the_answer_of_create_is_the_one_of_get_once_it_is_active(aws: Any, lambda_role: str) -> None:
    name, client = f"fn-{uuid.uuid4().hex[:8]}", aws("lambda")
    made = client.create_function(
        FunctionName=name,
        Runtime="python3.12",
        Role=lambda_role,
        Handler="m.h",
        Code={"ZipFile": zip_bytes({"m.py": CODE})},
        Environment={"Variables": {"STAGE": "dev"}},
        Tags={"team": "data"},
        EphemeralStorage={"Size": 1024},
        LoggingConfig={"LogFormat": "JSON"},
    )
    assert (made["State"], made["StateReasonCode"], made["ResponseMetadata"]["HTTPStatusCode"]) == (
        "Pending",
        "Creating",
        201,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    found = client.get_function(FunctionName=name)
    config = found["Configuration"]
    assert (config["State"], config["LastUpdateStatus"], config["Version"]) == ("Active", "Successful", "$LATEST")
    assert (config["Timeout"], config["MemorySize"], config["EphemeralStorage"]) == (3, 128, {"Size": 1024})
    assert config["LoggingConfig"] == {
        "LogFormat": "JSON",
        "ApplicationLogLevel": "INFO",
        "SystemLogLevel": "INFO",
        "LogGroup": f"/aws/lambda/{name}",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", config["LastModified"])
    assert found["Tags"] == {"team": "data"}
    with urllib.request.urlopen(found["Code"]["Location"]) as reply:
        assert len(reply.read()) == config["CodeSize"] == made["CodeSize"]


def test_updates_keep_what_they_do_not_name_and_check_the_revision(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE, Description="first", Environment={"Variables": {"STAGE": "dev"}})
    changed = client.update_function_configuration(FunctionName=name, Timeout=20, TracingConfig={"Mode": "Active"})
    assert (changed["LastUpdateStatus"], changed["Timeout"], changed["Description"]) == ("InProgress", 20, "first")
    found = client.get_function_configuration(FunctionName=name)
    assert (found["TracingConfig"], found["Environment"]["Variables"]) == ({"Mode": "Active"}, {"STAGE": "dev"})
    code, message = refused(client.update_function_configuration, FunctionName=name, Timeout=1, RevisionId="old")
    assert code == "PreconditionFailedException"
    assert message.startswith("The Revision Id provided does not match the latest Revision Id.")
    client.update_function_configuration(
        FunctionName=name, Environment={"Variables": {}}, RevisionId=found["RevisionId"]
    )
    assert "Environment" not in client.get_function_configuration(FunctionName=name)


def test_every_update_of_the_configuration_begins_anew(aws: Any, deploy: Any) -> None:
    client, name = (
        aws("lambda"),
        deploy("seen = []\ndef lambda_handler(e, c):\n    seen.append(1)\n    return len(seen)"),
    )
    counts = [json.loads(client.invoke(FunctionName=name)["Payload"].read()) for _ in range(2)]
    client.update_function_configuration(FunctionName=name, Description="only words")
    counts.append(json.loads(client.invoke(FunctionName=name)["Payload"].read()))
    assert counts == [1, 2, 1]


def zeros_zipped(size: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.bin", bytes(size))
    return buffer.getvalue()


def test_code_and_layers_have_one_limit_together(aws: Any, deploy: Any) -> None:
    client, half = aws("lambda"), zeros_zipped(140_000_000)
    layer = client.publish_layer_version(LayerName=f"half-{uuid.uuid4().hex[:8]}", Content={"ZipFile": half})
    name = deploy(CODE, Code={"ZipFile": half})
    update, words = client.update_function_configuration, "Function code combined with layers exceeds the maximum"
    code, message = refused(update, FunctionName=name, Layers=[layer["LayerVersionArn"]])
    assert (code, message) == (
        "InvalidParameterValueException",
        f"{words} allowed size of 262144000 bytes. The actual size is 280000000 bytes.",
    )


def test_tags_that_only_aws_may_set(aws: Any, deploy: Any) -> None:
    arn = aws("lambda").get_function_configuration(FunctionName=deploy(CODE))["FunctionArn"]
    for call in (
        lambda: aws("lambda").tag_resource(Resource=arn, Tags={"aws:x": "1"}),
        lambda: deploy(CODE, Tags={"AWS:y": "1"}),
    ):
        assert refused(call)[0] == "InvalidParameterValueException"


def test_code_from_a_bucket_by_version_and_a_dry_run(aws: Any, deploy: Any) -> None:
    client, s3, bucket = aws("lambda"), aws("s3"), f"code-{uuid.uuid4().hex[:8]}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [
        s3.put_object(Bucket=bucket, Key="f.zip", Body=zip_bytes({"lambda_function.py": CODE.replace("1", str(n))}))[
            "VersionId"
        ]
        for n in (7, 8)
    ]
    name = deploy(CODE, Code={"S3Bucket": bucket, "S3Key": "f.zip", "S3ObjectVersion": versions[0]})
    assert client.invoke(FunctionName=name)["Payload"].read() == b"7"
    before = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    tried = client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="f.zip", DryRun=True)
    assert tried["CodeSha256"] != before == client.get_function_configuration(FunctionName=name)["CodeSha256"]
    client.update_function_code(FunctionName=name, S3Bucket=bucket, S3Key="f.zip")
    assert client.invoke(FunctionName=name)["Payload"].read() == b"8"
    code, message = refused(client.update_function_code, FunctionName=name, S3Bucket=bucket, S3Key="no.zip")
    assert (code, message.split(". ", 1)[1]) == (
        "InvalidParameterValueException",
        "S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.",
    )


def test_a_function_of_another_region_is_not_reachable(aws: Any) -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:fn"
    assert refused(aws("lambda").invoke, FunctionName=arn) == (
        "ResourceNotFoundException",
        "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "a name",
            "Value 'a name' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern",
        ),
        ("x" * 65, "at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64"),
        (
            "x" * 300,
            "at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 256",
        ),
    ],
)
def test_names_that_no_function_has(aws: Any, name: str, words: str) -> None:
    for call in (aws("lambda").get_function, aws("lambda").invoke):
        code, message = refused(call, FunctionName=name)
        assert code == "ValidationException"
        assert words in message


def test_every_way_to_name_a_function(aws: Any, deploy: Any) -> None:
    client, name = aws("lambda"), deploy(CODE)
    arn = f"arn:aws:lambda:us-east-1:123456789012:function:{name}"
    for text in (name, arn, f"123456789012:function:{name}", f"{name}:$LATEST", f"{arn}:$LATEST"):
        assert client.get_function_configuration(FunctionName=text)["FunctionName"] == name
        assert client.invoke(FunctionName=text)["Payload"].read() == b"1"
    code, message = refused(client.invoke, FunctionName=f"{name}:1", Qualifier="2")
    assert code == "InvalidParameterValueException"
    assert message == "The derived qualifier from the function name does not match the specified qualifier."


def test_lists_have_pages_and_leave_out_the_moment(aws: Any, deploy: Any) -> None:
    client, names = aws("lambda"), {deploy(CODE) for _ in range(3)}
    found: dict[str, Any] = {}
    for page in client.get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}):
        assert len(page["Functions"]) <= 2
        found |= {one["FunctionName"]: one for one in page["Functions"]}
    assert names <= set(found)
    assert not {"State", "LastUpdateStatus"} & set(found[min(names)])


@pytest.mark.parametrize(
    ("call", "params"),
    [
        ("create_function_url_config", {"AuthType": "NONE"}),
        ("put_provisioned_concurrency_config", {"Qualifier": "1", "ProvisionedConcurrentExecutions": 1}),
        ("invoke_with_response_stream", {}),
        ("put_runtime_management_config", {"UpdateRuntimeOn": "FunctionUpdate"}),
    ],
)
def test_calls_that_nothing_here_carries_out(aws: Any, deploy: Any, call: str, params: dict[str, Any]) -> None:
    name = deploy(CODE, Publish=True)
    assert refused(getattr(aws("lambda"), call), FunctionName=name, **params)[0] == "NotImplemented"


def test_account_settings_count_what_is_there(aws: Any, deploy: Any) -> None:
    client = aws("lambda")
    before = client.get_account_settings()
    name = deploy(CODE)
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=5)
    after = client.get_account_settings()
    assert after["AccountUsage"]["FunctionCount"] == before["AccountUsage"]["FunctionCount"] + 1
    unreserved = "UnreservedConcurrentExecutions"
    assert after["AccountLimit"][unreserved] == before["AccountLimit"][unreserved] - 5
    code, message = refused(client.put_function_concurrency, FunctionName=name, ReservedConcurrentExecutions=901)
    assert code == "InvalidParameterValueException"
    assert "below its minimum value of [100]" in message
    client.delete_function(FunctionName=name)
    assert json.dumps(client.get_account_settings()["AccountLimit"]) == json.dumps(before["AccountLimit"])


def test_a_function_and_a_role_that_are_made_again_begin_anew(aws: Any) -> None:
    name = f"again-{uuid.uuid4().hex[:8]}"
    code = (
        "import boto3\ncalls = []\n\ndef lambda_handler(e, c):\n    calls.append(boto3.client('s3').list_buckets())\n"
    )
    code += "    return len(calls)\n"
    policy = {
        "Version": "2012-10-17",
        "Statement": {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"},
    }
    for _ in range(2):
        role = aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        aws("iam").put_role_policy(RoleName=name, PolicyName="list", PolicyDocument=json.dumps(policy))
        archive = zip_bytes({"lambda_function.py": code})
        settings = {"Runtime": "python3.11", "Handler": "lambda_function.lambda_handler", "Code": {"ZipFile": archive}}
        aws("lambda").create_function(FunctionName=name, Role=role, **settings)
        assert json.load(aws("lambda").invoke(FunctionName=name)["Payload"]) == 1
        aws("lambda").delete_function(FunctionName=name)
        aws("iam").delete_role_policy(RoleName=name, PolicyName="list")
        aws("iam").delete_role(RoleName=name)

"""What a stack makes is there, by the service's own word; what fails is undone, and says why."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": ["glue.amazonaws.com", "lambda.amazonaws.com"]}, "Action": "sts:AssumeRole"}
    ],
}  # fmt: skip
READ = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}


@pytest.fixture
def tag() -> str:
    return uuid.uuid4().hex[:8]


@pytest.fixture
def stack(aws: Any, tag: str) -> Iterator[str]:
    name = f"stack-{tag}"
    yield name
    aws("cloudformation").delete_stack(StackName=name)


def body(**resources: dict[str, Any]) -> str:
    return json.dumps({"Resources": resources})


def one(kind: str, properties: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties, **more}


def build_pipeline(tag: str) -> dict[str, dict[str, Any]]:
    """Every type that the lab uses, in an order that only its names make right."""
    notification = {
        "LambdaConfigurations": [
            {
                "Event": "s3:ObjectCreated:*",
                "Function": {"Fn::GetAtt": ["Fn", "Arn"]},
                "Filter": {
                    "S3Key": {"Rules": [{"Name": "prefix", "Value": "raw/"}, {"Name": "suffix", "Value": ".csv"}]}
                },
            }
        ]
    }
    permission = {
        "FunctionName": {"Fn::GetAtt": ["Fn", "Arn"]}, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com",
        "SourceArn": f"arn:aws:s3:::raw-{tag}", "SourceAccount": {"Ref": "AWS::AccountId"},
    }  # fmt: skip
    crawler = {
        "Name": f"crawler-{tag}", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "DatabaseName": {"Ref": "Db"},
        "Targets": {"S3Targets": [{"Path": {"Fn::Sub": "s3://${Raw}/raw/"}}]}, "Tags": {"team": "data"},
    }  # fmt: skip
    job = {
        "Name": f"job-{tag}", "Role": {"Fn::GetAtt": ["Role", "Arn"]}, "GlueVersion": "5.1", "WorkerType": "G.1X", "NumberOfWorkers": 2,
        "Command": {"Name": "glueetl", "ScriptLocation": {"Fn::Sub": "s3://${Raw}/job.py"}, "PythonVersion": "3"},
        "Timeout": "10", "DefaultArguments": {"--enable-glue-datacatalog": True},
    }  # fmt: skip
    function = {
        "FunctionName": f"fn-{tag}", "Runtime": "python3.11", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context):\n    return 1\n"},
    }  # fmt: skip
    role = {
        "RoleName": f"role-{tag}", "AssumeRolePolicyDocument": TRUST,
        "ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
        "Policies": [{"PolicyName": "read", "PolicyDocument": READ}],
    }  # fmt: skip
    group = {
        "Name": f"group-{tag}", "RecursiveDeleteOption": True,
        "WorkGroupConfiguration": {
            "BytesScannedCutoffPerQuery": "10000000", "ResultConfiguration": {"OutputLocation": {"Fn::Sub": "s3://${Raw}/out/"}},
        },
    }  # fmt: skip
    return {
        "Raw": one(
            "AWS::S3::Bucket",
            {"BucketName": f"raw-{tag}", "NotificationConfiguration": notification},
            DependsOn="Allow",
        ),
        "Crawler": one("AWS::Glue::Crawler", crawler),
        "Db": one(
            "AWS::Glue::Database", {"CatalogId": {"Ref": "AWS::AccountId"}, "DatabaseInput": {"Name": f"db_{tag}"}}
        ),
        "Job": one("AWS::Glue::Job", job),
        "Allow": one("AWS::Lambda::Permission", permission),
        "Fn": one("AWS::Lambda::Function", function),
        "Role": one("AWS::IAM::Role", role),
        "Group": one("AWS::Athena::WorkGroup", group),
        "Log": one("AWS::Logs::LogGroup", {"LogGroupName": f"/aws/lambda/fn-{tag}", "RetentionInDays": 7}),
    }


def status(aws: Any, name: str) -> tuple[str, str]:
    found = aws("cloudformation").describe_stacks(StackName=name)["Stacks"][0]
    return found["StackStatus"], found.get("StackStatusReason", "")


def reasons(aws: Any, name: str) -> dict[str, str]:
    """Logical name → why it failed."""
    events = aws("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return {
        event["LogicalResourceId"]: event["ResourceStatusReason"]
        for event in events
        if event["ResourceStatus"].endswith("_FAILED") and event["ResourceType"] != "AWS::CloudFormation::Stack"
    }


def test_a_database_of_a_stack_is_in_the_catalog_and_goes_with_it(aws: Any, tag: str) -> None:
    name, cloud, glue = f"stack-{tag}", aws("cloudformation"), aws("glue")
    template = body(
        Db=one("AWS::Glue::Database", {"CatalogId": "123456789012", "DatabaseInput": {"Name": f"db_{tag}"}})
    )
    cloud.create_stack(StackName=name, TemplateBody=template)
    assert status(aws, name)[0] == "CREATE_COMPLETE"
    assert glue.get_database(Name=f"db_{tag}")["Database"]["Name"] == f"db_{tag}"
    cloud.delete_stack(StackName=name)
    with pytest.raises(ClientError, match="EntityNotFound"):
        glue.get_database(Name=f"db_{tag}")


@pytest.mark.slow
def test_every_type_of_the_lab_is_made_changed_and_deleted(aws: Any, tag: str) -> None:
    name, cloud = f"stack-{tag}", aws("cloudformation")
    resources = build_pipeline(tag)
    cloud.create_stack(StackName=name, TemplateBody=body(**resources), Capabilities=["CAPABILITY_NAMED_IAM"])
    assert status(aws, name)[0] == "CREATE_COMPLETE"
    rules = aws("s3").get_bucket_notification_configuration(Bucket=f"raw-{tag}")["LambdaFunctionConfigurations"]
    assert rules[0]["LambdaFunctionArn"].endswith(f":function:fn-{tag}")
    assert (
        aws("glue").get_crawler(Name=f"crawler-{tag}")["Crawler"]["Targets"]["S3Targets"][0]["Path"]
        == f"s3://raw-{tag}/raw/"
    )
    job = aws("glue").get_job(JobName=f"job-{tag}")["Job"]
    assert (job["Timeout"], job["DefaultArguments"]) == (10, {"--enable-glue-datacatalog": "true"})
    policies = aws("iam").list_attached_role_policies(RoleName=f"role-{tag}")["AttachedPolicies"]
    assert [one["PolicyName"] for one in policies] == ["AmazonS3FullAccess"]
    assert (
        aws("athena").get_work_group(WorkGroup=f"group-{tag}")["WorkGroup"]["Configuration"][
            "BytesScannedCutoffPerQuery"
        ]
        == 10**7
    )

    resources["Job"]["Properties"]["Timeout"] = 20
    resources["Log"]["Properties"]["RetentionInDays"] = 14
    resources["Role"]["Properties"]["ManagedPolicyArns"] = []
    del resources["Group"]
    del resources["Raw"]["Properties"]["NotificationConfiguration"]
    cloud.update_stack(StackName=name, TemplateBody=body(**resources), Capabilities=["CAPABILITY_NAMED_IAM"])
    assert status(aws, name)[0] == "UPDATE_COMPLETE"
    assert aws("glue").get_job(JobName=f"job-{tag}")["Job"]["Timeout"] == 20
    group = aws("logs").describe_log_groups(logGroupNamePrefix=f"/aws/lambda/fn-{tag}")["logGroups"][0]
    assert group["retentionInDays"] == 14
    assert aws("iam").list_attached_role_policies(RoleName=f"role-{tag}")["AttachedPolicies"] == []
    assert f"group-{tag}" not in {one["Name"] for one in aws("athena").list_work_groups()["WorkGroups"]}
    assert "LambdaFunctionConfigurations" not in aws("s3").get_bucket_notification_configuration(Bucket=f"raw-{tag}")

    aws("s3").put_object(Bucket=f"raw-{tag}", Key="kept", Body=b"x")
    cloud.delete_stack(StackName=name)
    assert status(aws, name) == ("DELETE_FAILED", "The following resource(s) failed to delete: [Raw].")
    assert "BucketNotEmpty" in reasons(aws, name)["Raw"]
    aws("s3").delete_object(Bucket=f"raw-{tag}", Key="kept")
    cloud.delete_stack(StackName=name)
    with pytest.raises(ClientError, match="does not exist"):
        status(aws, name)
    with pytest.raises(ClientError, match="NoSuchEntity"):
        aws("iam").get_role(RoleName=f"role-{tag}")
    assert f"job-{tag}" not in aws("glue").list_jobs(MaxResults=1000)["JobNames"]


@pytest.mark.slow
def test_what_fails_undoes_the_rest_and_tells_why(aws: Any, stack: str, tag: str) -> None:
    """S3 refuses a notification to a function that it may not invoke, as it does on AWS."""
    resources = build_pipeline(tag)
    resources["Allow"]["Properties"]["SourceArn"] = "arn:aws:s3:::another-bucket"
    cloud = aws("cloudformation")
    cloud.create_stack(StackName=stack, TemplateBody=body(**resources), Capabilities=["CAPABILITY_NAMED_IAM"])
    found, reason = status(aws, stack)
    assert (found, reason) == ("ROLLBACK_COMPLETE", "The following resource(s) failed to create: [Raw].")
    assert "Unable to validate the following destination configurations" in reasons(aws, stack)["Raw"]
    for call in (
        lambda: aws("iam").get_role(RoleName=f"role-{tag}"),
        lambda: aws("lambda").get_function(FunctionName=f"fn-{tag}"),
        lambda: aws("s3").head_bucket(Bucket=f"raw-{tag}"),
    ):
        with pytest.raises(ClientError):
            call()
    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        cloud.update_stack(
            StackName=stack, TemplateBody=body(**build_pipeline(tag)), Capabilities=["CAPABILITY_NAMED_IAM"]
        )


@pytest.mark.slow
def test_an_update_that_fails_puts_back_what_it_changed_and_deletes_what_it_added(
    aws: Any, stack: str, tag: str
) -> None:
    database = one("AWS::Glue::Database", {"CatalogId": "123456789012", "DatabaseInput": {"Name": f"db_{tag}"}})
    log = one("AWS::Logs::LogGroup", {"LogGroupName": f"log-{tag}", "RetentionInDays": 7})
    cloud = aws("cloudformation")
    cloud.create_stack(StackName=stack, TemplateBody=body(Db=database, Log=log))
    table = one(
        "AWS::Glue::Table",
        {"CatalogId": "123456789012", "DatabaseName": {"Ref": "Db"}, "TableInput": {"Name": "sales"}},
        DependsOn="Log",
    )
    bad = one("AWS::Glue::Table", {**table["Properties"], "DatabaseName": "nowhere"}, DependsOn="Table")
    changed = one("AWS::Logs::LogGroup", {"LogGroupName": f"log-{tag}", "RetentionInDays": 30})
    cloud.update_stack(StackName=stack, TemplateBody=body(Db=database, Log=changed, Table=table, Bad=bad))
    found, reason = status(aws, stack)
    assert found == "UPDATE_ROLLBACK_COMPLETE"
    assert "EntityNotFoundException" in reason
    assert aws("glue").get_tables(DatabaseName=f"db_{tag}")["TableList"] == []
    assert aws("logs").describe_log_groups(logGroupNamePrefix=f"log-{tag}")["logGroups"][0]["retentionInDays"] == 7
    cloud.update_stack(StackName=stack, TemplateBody=body(Db=database, Log=log, Table=table))
    assert [one["Name"] for one in aws("glue").get_tables(DatabaseName=f"db_{tag}")["TableList"]] == ["sales"]


@pytest.mark.slow
def test_a_change_set_makes_a_stack_with_outputs(aws: Any, stack: str, tag: str) -> None:
    """`aws cloudformation deploy` works so."""
    cloud = aws("cloudformation")
    template = json.dumps(
        {
            "Parameters": {"Days": {"Type": "Number", "Default": 7}},
            "Resources": {
                "Log": one(
                    "AWS::Logs::LogGroup",
                    {"LogGroupName": {"Fn::Sub": f"log-{tag}-${{Days}}"}, "RetentionInDays": {"Ref": "Days"}},
                )
            },
            "Outputs": {"Name": {"Value": {"Ref": "Log"}}},
        }
    )
    for kind, days in (("CREATE", "14"), ("UPDATE", "30")):
        made = cloud.create_change_set(
            StackName=stack, ChangeSetName=f"set-{kind}", ChangeSetType=kind, TemplateBody=template,
            Parameters=[{"ParameterKey": "Days", "ParameterValue": days}],
        )  # fmt: skip
        cloud.execute_change_set(ChangeSetName=made["Id"], StackName=stack)
        found = cloud.describe_stacks(StackName=stack)["Stacks"][0]
        assert (found["StackStatus"], found["Outputs"][0]["OutputValue"]) == (f"{kind}_COMPLETE", f"log-{tag}-{days}")
    groups = aws("logs").describe_log_groups(logGroupNamePrefix=f"log-{tag}")["logGroups"]
    assert [(one["logGroupName"], one["retentionInDays"]) for one in groups] == [(f"log-{tag}-30", 30)]


def test_a_property_that_is_not_carried_out_is_refused_by_name(aws: Any, tag: str) -> None:
    cloud = aws("cloudformation")
    first = one("AWS::Logs::LogGroup", {"LogGroupName": f"log-{tag}"})
    bad = one(
        "AWS::S3::Bucket", {"BucketName": f"b-{tag}", "WebsiteConfiguration": {"IndexDocument": "i"}}, DependsOn="Log"
    )
    with pytest.raises(ClientError, match="does not carry out WebsiteConfiguration of AWS::S3::Bucket"):
        cloud.create_stack(StackName=f"stack-{tag}", TemplateBody=body(Log=first, Bad=bad))
    assert aws("logs").describe_log_groups(logGroupNamePrefix=f"log-{tag}")["logGroups"] == []
    with pytest.raises(ClientError, match="does not exist"):
        cloud.describe_stacks(StackName=f"stack-{tag}")


def test_roles_must_be_acknowledged_and_a_change_must_change_something(aws: Any, stack: str, tag: str) -> None:
    cloud = aws("cloudformation")
    template = body(Role=build_pipeline(tag)["Role"])
    for given in ([], ["CAPABILITY_IAM"]):
        with pytest.raises(
            ClientError, match=r"InsufficientCapabilities.*Requires capabilities : \[CAPABILITY_NAMED_IAM\]"
        ):
            cloud.create_stack(StackName=stack, TemplateBody=template, Capabilities=given)
        with pytest.raises(ClientError, match="InsufficientCapabilities"):
            cloud.create_change_set(
                StackName=stack, ChangeSetName="set", ChangeSetType="CREATE", TemplateBody=template, Capabilities=given
            )
    log = body(Log=one("AWS::Logs::LogGroup", {"LogGroupName": f"log-{tag}"}))
    cloud.create_stack(StackName=stack, TemplateBody=log)
    with pytest.raises(ClientError, match="No updates are to be performed"):
        cloud.update_stack(StackName=stack, TemplateBody=log)


def test_circles_and_names_that_are_not_there_are_refused(aws: Any, tag: str) -> None:
    cloud = aws("cloudformation")
    log = {"LogGroupName": f"log-{tag}"}
    circle = body(A=one("AWS::Logs::LogGroup", log, DependsOn="B"), B=one("AWS::Logs::LogGroup", {}, DependsOn="A"))
    unknown = body(A=one("AWS::Logs::LogGroup", {"LogGroupName": {"Ref": "No"}}))
    for template, words in (
        (circle, r"between resources: \[A, B\]"),
        (unknown, r"Unresolved resource dependencies \[No\]"),
    ):
        with pytest.raises(ClientError, match=words):
            cloud.create_stack(StackName=f"stack-{tag}", TemplateBody=template)

"""Stacks and what they made outlive the cloud's process."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

TEMPLATE = {
    "Resources": {
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "RoleName": "kept-role",
                "AssumeRolePolicyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [
                        {"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}
                    ],
                },
            },
        },
        "Job": {
            "Type": "AWS::Glue::Job",
            "Properties": {
                "Name": "kept-job",
                "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                "Command": {"Name": "glueetl", "ScriptLocation": "s3://b/s.py"},
            },
        },
        "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "kept-bucket"}},
        "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "kept-queue"}},
    },
    "Outputs": {"Job": {"Value": {"Ref": "Job"}}},
}
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


@pytest.mark.slow
def test_a_stack_survives_a_killed_cloud_and_can_still_be_deleted(tmp_path: Path) -> None:
    from labkit.cloud import daemon

    state = tmp_path / "state"
    try:
        info = daemon.up(state, port=None)
        cloud = client(info, "cloudformation")
        cloud.create_stack(StackName="kept", TemplateBody=json.dumps(TEMPLATE), Capabilities=CAPABILITIES)
        time.sleep(3)  # snapshots are written soon after, not at once
        os.kill(info.pid, signal.SIGKILL)
        info = daemon.up(state, port=None)
        cloud = client(info, "cloudformation")
        found = cloud.describe_stacks(StackName="kept")["Stacks"][0]
        assert (found["StackStatus"], found["Outputs"][0]["OutputValue"]) == ("CREATE_COMPLETE", "kept-job")
        assert client(info, "iam").get_role(RoleName="kept-role")["Role"]["RoleName"] == "kept-role"
        assert client(info, "sqs").get_queue_url(QueueName="kept-queue")["QueueUrl"].endswith("kept-queue")
        changed = json.loads(json.dumps(TEMPLATE))
        changed["Resources"]["Job"]["Properties"]["Timeout"] = 7
        cloud.update_stack(StackName="kept", TemplateBody=json.dumps(changed), Capabilities=CAPABILITIES)
        assert client(info, "glue").get_job(JobName="kept-job")["Job"]["Timeout"] == 7
        cloud.delete_stack(StackName="kept")
        assert client(info, "s3").list_buckets()["Buckets"] == []
        with pytest.raises(ClientError, match="NoSuchEntity"):
            client(info, "iam").get_role(RoleName="kept-role")
    finally:
        daemon.down(state)


def client(info: Any, service: str) -> Any:
    return boto3.Session(region_name="us-east-1").client(service, endpoint_url=info.endpoint_url)

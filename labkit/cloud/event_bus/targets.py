"""What a rule may send to, and what is refused when it is given as a target."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.event_bus.names import not_here

_ARN = re.compile(r"arn:[\w-]+:(?P<service>[\w-]+):(?P<region>[\w-]*):(?P<account>\d*):(?P<resource>.+)", re.DOTALL)
# The services whose resources AWS's rules can have as targets and that nothing here would deliver to.
_ELSEWHERE = {
    "states": "Step Functions state machines", "ecs": "ECS tasks", "kinesis": "Kinesis streams", "firehose": "Firehose streams",
    "batch": "Batch jobs", "codebuild": "CodeBuild projects", "codepipeline": "CodePipeline pipelines", "ssm": "Systems Manager",
    "glue": "Glue workflows", "redshift": "Redshift clusters", "redshift-serverless": "Redshift workgroups",
    "sagemaker": "SageMaker pipelines", "execute-api": "API Gateway APIs", "inspector": "Inspector assessments",
    "ssm-incidents": "Incident Manager response plans", "appsync": "AppSync APIs", "ec2": "EC2 instances",
}  # fmt: skip
_PARAMETERS = (
    "KinesisParameters", "RunCommandParameters", "EcsParameters", "BatchParameters", "HttpParameters",
    "RedshiftDataParameters", "SageMakerPipelineParameters", "AppSyncParameters",
)  # fmt: skip
DELIVERED = "Lambda functions, SQS queues, SNS topics, CloudWatch log groups and event buses"


def check_target(target: Mapping[str, Any], scope: Scope) -> None:
    """ValidationException for a target that EventBridge refuses, NotImplemented for one that nothing here delivers to."""
    arn, name = target["Arn"], target["Id"]
    found = _ARN.fullmatch(arn)
    if found is None:
        raise _refused(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    service, resource = found["service"], found["resource"]
    if service == "events" and resource.startswith("api-destination/"):
        raise not_here(f"calls no API destinations (target {name}); it delivers events to {DELIVERED}.")
    if service not in ("lambda", "sqs", "sns", "logs", "events"):
        what = _ELSEWHERE.get(service, service)
        raise not_here(f"delivers events to {DELIVERED}, not to {what} (target {name}, {arn}).")
    for parameter in _PARAMETERS:
        if target.get(parameter):
            raise _refused(f"Parameter(s) {parameter} not valid for target: {name}.")
    _check_resource(target, service, resource)
    if service != "events" and found["region"] != scope.region:
        raise _refused(f"Parameter {arn} is not valid. Reason: Provided Arn is not in the Region of the rule.")
    _check_dead_letters(target, scope)


def _check_resource(target: Mapping[str, Any], service: str, resource: str) -> None:
    arn, name = target["Arn"], target["Id"]
    wanted = {"lambda": "function:", "logs": "log-group:", "events": "event-bus/"}.get(service, "")
    if not resource.startswith(wanted) or resource == wanted:
        raise _refused(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    if service == "sqs":
        fifo, group = resource.endswith(".fifo"), (target.get("SqsParameters") or {}).get("MessageGroupId")
        if fifo and not group:
            raise _refused(f"Parameter(s) SqsParameters must be specified for target: {name}.")
    elif target.get("SqsParameters"):
        raise _refused(f"Parameter(s) SqsParameters not valid for target: {name}.")
    if service == "sns" and resource.endswith(".fifo"):
        raise _refused(f"Parameter {arn} is not valid. Reason: FIFO topics are not supported as targets.")


def _check_dead_letters(target: Mapping[str, Any], scope: Scope) -> None:
    arn = (target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    found = _ARN.fullmatch(arn)
    if found is None or found["service"] != "sqs":
        raise _refused(f"Parameter {arn} is not valid. Reason: Provided Arn is not in correct format.")
    if found["region"] != scope.region:
        raise _refused(
            f"Parameter {arn} is not valid. Reason: The dead-letter queue must be in the Region of the rule."
        )
    if arn.endswith(".fifo"):
        raise _refused(f"Parameter {arn} is not valid. Reason: A dead-letter queue must be a standard queue.")


def _refused(message: str) -> AwsError:
    return AwsError("ValidationException", message)

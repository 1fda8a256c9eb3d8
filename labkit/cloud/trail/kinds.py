"""What CloudTrail makes of an operation: its source, its name, whether it reads, whether it is a data event."""

from __future__ import annotations

import re

from labkit.cloud.trail.operations import find_model, service_model

_READS = (
    "Get",
    "List",
    "Describe",
    "Head",
    "Lookup",
    "BatchGet",
    "Search",
    "Filter",
    "Query",
    "Scan",
    "Simulate",
    "Test",
    "Check",
)
_READS_TOO = frozenset(
    {
        ("sts", name)
        for name in ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "DecodeAuthorizationMessage")
    }
    | {
        ("kms", name)
        for name in ("Encrypt", "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt", "Sign")
    }
    | {
        ("s3", "SelectObjectContent"),
        ("sqs", "ReceiveMessage"),
        ("dynamodb", "PartiQLSelect"),
        ("iam", "GenerateCredentialReport"),
    }
    | {("cloudformation", name) for name in ("ValidateTemplate", "EstimateTemplateCost", "DetectStackDrift")}
)
# Calls on what a resource holds. Event history shows none of them (docs.aws.amazon.com/awscloudtrail, "Logging data events").
_DATA = {
    "s3": re.compile(
        r"(Get|Put|Head|Post|Delete|Copy|Restore|Rename)Objects?|HeadBucket|ListObjects|ListObjectVersions|ListParts|ListMultipartUploads"
        r"|(Abort|Complete|Create)MultipartUpload|UploadPart(Copy)?|SelectObjectContent|PreflightRequest"
        r"|(Get|Put|Delete)Object(Acl|Tagging|Attributes|LegalHold|Retention|Torrent|Annotation)|UpdateObjectEncryption"
    ),
    "lambda": re.compile(r"Invoke|InvokeAsync|InvokeWithResponseStream"),
    "dynamodb": re.compile(
        r"(Put|Get|Update|Delete)Item|Batch(Get|Write)Item|Query|Scan|Transact(Get|Write)Items|(Batch)?Execute(Statement|Transaction)|GetRecords|GetShardIterator"
    ),
    "sqs": re.compile(r"(Send|Receive|Delete)Message(Batch)?|ChangeMessageVisibility(Batch)?"),
    "sns": re.compile(r"Publish(Batch)?"),
    "logs": re.compile(
        r"(Put|Get|Filter)LogEvents|GetLogGroupFields|GetLogRecord|GetQueryResults|StartLiveTail|StartQuery"
    ),
    "cloudwatch": re.compile(r"(Put|Get)MetricData|GetMetricStatistics|GetMetricWidgetImage|ListMetrics"),
    "events": re.compile(r"PutEvents"),
}
# Lambda's events keep the date of the API version that brought the call, and some the mark of its second form.
_DATED = re.compile(r"/(2015-03-31|2016-08-19|2017-03-31|2017-10-31|2018-10-31)/")
_SECOND_FORM = frozenset(
    {"GetFunction", "GetFunctionConfiguration", "UpdateFunctionCode", "UpdateFunctionConfiguration", "AddPermission"}
    | {"RemovePermission", "GetPolicy", "TagResource", "UntagResource"}
)
# One region speaks for the services that have none (their endpoint is in us-east-1).
_GLOBAL = frozenset({"iam", "budgets"})


def event_source(service: str) -> str:
    """`glue.amazonaws.com`, `monitoring.amazonaws.com` …"""
    model = service_model(service)
    return f"{model.endpoint_prefix if model is not None else service}.amazonaws.com"


def event_name(service: str, operation: str) -> str:
    """The operation's name in events."""
    if service != "lambda" or is_data(service, operation):
        return operation
    model = find_model(service, operation)
    dated = _DATED.match(model.http["requestUri"]) if model is not None else None
    if dated is None:
        return operation
    return operation + dated[1].replace("-", "") + ("v2" if operation in _SECOND_FORM else "")


def is_read(service: str, operation: str) -> bool:
    """Whether the operation changes nothing."""
    return operation.startswith(_READS) or (service, operation) in _READS_TOO


def is_data(service: str, operation: str) -> bool:
    """Whether the operation is a data event, which `LookupEvents` does not show."""
    pattern = _DATA.get(service)
    return pattern is not None and pattern.fullmatch(operation) is not None


def event_region(service: str, region: str) -> str:
    """Where the event is told."""
    return "us-east-1" if service in _GLOBAL else region

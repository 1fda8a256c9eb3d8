"""CloudWatch on the local cloud with plain boto3 and with the older protocol: users' metrics, S3's, alarms."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError

Aws = Callable[[str], Any]


def name_of(what: str) -> str:
    return f"{what}-{uuid.uuid4().hex[:8]}"


def minute(ago: int) -> datetime:
    return datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=ago)


def totals(aws: Aws, metrics: list[dict[str, Any]], statistic: str = "Sum") -> dict[str, float]:
    """Each metric's value over the last day, by name."""
    queries = [
        {
            "Id": f"m{place}",
            "Label": metric["MetricName"],
            "MetricStat": {"Metric": metric, "Period": 86400, "Stat": statistic},
        }
        for place, metric in enumerate(metrics)
    ]
    found = aws("cloudwatch").get_metric_data(MetricDataQueries=queries, StartTime=minute(1430), EndTime=minute(-2))
    return {one["Label"]: sum(one["Values"]) for one in found["MetricDataResults"]}


def test_a_metric_is_put_listed_and_read_with_boto3(aws: Aws) -> None:
    cloudwatch, space = aws("cloudwatch"), name_of("Lab")
    dimensions = [{"Name": "Step", "Value": "1"}]
    data = [
        {
            "MetricName": "Rows",
            "Dimensions": dimensions,
            "Unit": "Count",
            "Value": float(value),
            "Timestamp": minute(ago),
        }
        for ago, value in ((5, 10), (4, 20), (4, 1))
    ]
    cloudwatch.put_metric_data(Namespace=space, MetricData=data)
    (metric,) = cloudwatch.list_metrics(Namespace=space)["Metrics"]
    assert metric == {"Namespace": space, "MetricName": "Rows", "Dimensions": dimensions}
    found = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {"Id": "rows", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
            {"Id": "twice", "Expression": "rows * 2", "Label": "twice the rows"},
        ],
        StartTime=minute(10), EndTime=minute(0), ScanBy="TimestampAscending",
    )  # fmt: skip
    (result,) = found["MetricDataResults"]
    assert (result["Label"], result["Values"], result["StatusCode"]) == ("twice the rows", [20, 42], "Complete")
    statistics = cloudwatch.get_metric_statistics(
        Namespace=space, MetricName="Rows", Dimensions=dimensions, StartTime=minute(10), EndTime=minute(0), Period=600,
        Statistics=["SampleCount", "Average"],
    )  # fmt: skip
    (point,) = statistics["Datapoints"]
    assert (point["SampleCount"], point["Average"], point["Unit"]) == (3, 31 / 3, "Count")


def test_a_thousand_metrics_come_compressed(aws: Aws) -> None:
    cloudwatch, space = aws("cloudwatch"), name_of("Lab")
    data = [{"MetricName": f"m{number}", "Value": 1.0} for number in range(1000)]
    cloudwatch.put_metric_data(Namespace=space, MetricData=data)
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=space)
    assert sum(len(page["Metrics"]) for page in pages) == 1000


def test_errors_have_cloudwatchs_codes(aws: Aws) -> None:
    cloudwatch = aws("cloudwatch")
    with pytest.raises(ClientError) as caught:
        cloudwatch.put_metric_data(Namespace="AWS/Mine", MetricData=[{"MetricName": "m", "Value": 1.0}])
    error = caught.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("InvalidParameterValue", 400)
    assert isinstance(caught.value, cloudwatch.exceptions.InvalidParameterValueException)
    with pytest.raises(ClientError, match=r"labkit's local cloud does not carry out cloudwatch:PutCompositeAlarm"):
        cloudwatch.put_composite_alarm(AlarmName="x", AlarmRule="TRUE")
    with pytest.raises(ClientError, match="GetMetricWidgetImage"):
        cloudwatch.get_metric_widget_image(MetricWidget="{}")


def test_older_clients_speak_the_query_protocol(cloud: Any) -> None:
    import requests

    credential = "Credential=test/20260101/us-east-1/monitoring/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 {credential}, SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    }
    space = name_of("Lab")

    def ask(action: str, **fields: str) -> Any:
        form = {"Action": action, "Version": "2010-08-01", "Namespace": space, **fields}
        return requests.post(cloud.endpoint_url, data=form, headers=headers, timeout=5)

    assert (
        ask("PutMetricData", **{"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": "5"}).status_code
        == 200
    )
    times = {"StartTime": minute(10).isoformat(), "EndTime": minute(-10).isoformat()}
    found = ask("GetMetricStatistics", MetricName="m", Period="1200", **times, **{"Statistics.member.1": "Sum"})
    assert "<Sum>5.0</Sum>" in found.text
    bad = ask("PutMetricData", **{"MetricData.member.1.MetricName": "m", "MetricData.member.1.Value": "NaN"})
    assert (bad.status_code, "<Code>InvalidParameterValue</Code>" in bad.text) == (400, True)


def test_s3_requests_are_counted_where_a_bucket_has_a_metrics_configuration(aws: Aws) -> None:
    s3, bucket = aws("s3"), name_of("metered")
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="raw/before", Body=b"x")
    s3.put_bucket_metrics_configuration(
        Bucket=bucket, Id="raw", MetricsConfiguration={"Id": "raw", "Filter": {"Prefix": "raw/"}}
    )
    for _ in range(3):
        s3.put_object(Bucket=bucket, Key="raw/ñ", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="other", Body=b"12345")
    s3.get_object(Bucket=bucket, Key="raw/ñ")["Body"].read()
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="raw/none")
    listed = aws("cloudwatch").list_metrics(Namespace="AWS/S3", Dimensions=[{"Name": "BucketName", "Value": bucket}])[
        "Metrics"
    ]
    counted = totals(aws, [metric for metric in listed if {"Name": "FilterId", "Value": "raw"} in metric["Dimensions"]])
    assert {name: counted[name] for name in ("AllRequests", "PutRequests", "GetRequests", "BytesUploaded", "4xxErrors", "5xxErrors")} == {
        "AllRequests": 5, "PutRequests": 3, "GetRequests": 2, "BytesUploaded": 15, "4xxErrors": 1, "5xxErrors": 0,
    }  # fmt: skip
    held = totals(aws, [metric for metric in listed if metric["MetricName"] in ("BucketSizeBytes", "NumberOfObjects")])
    assert held == {"BucketSizeBytes": 11, "NumberOfObjects": 3}


def test_metrics_configurations_are_listed_and_deleted(aws: Aws) -> None:
    s3, bucket = aws("s3"), name_of("metered")
    s3.create_bucket(Bucket=bucket)
    assert "MetricsConfigurationList" not in s3.list_bucket_metrics_configurations(Bucket=bucket)
    told = {"Id": "x", "Filter": {"And": {"Prefix": "ñ/", "Tags": [{"Key": "a", "Value": "<b>"}]}}}
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="x", MetricsConfiguration=told)
    assert s3.get_bucket_metrics_configuration(Bucket=bucket, Id="x")["MetricsConfiguration"] == told
    assert s3.list_bucket_metrics_configurations(Bucket=bucket)["MetricsConfigurationList"] == [told]
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="x")
    with pytest.raises(ClientError, match="NoSuchConfiguration"):
        s3.get_bucket_metrics_configuration(Bucket=bucket, Id="x")


def test_an_alarm_tells_a_topic(aws: Aws) -> None:
    cloudwatch, name = aws("cloudwatch"), name_of("alarm")
    topic = aws("sns").create_topic(Name=name)["TopicArn"]
    queue = aws("sqs").create_queue(QueueName=name)["QueueUrl"]
    aws("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=topic.replace(":sns:", ":sqs:"))
    cloudwatch.put_metric_alarm(
        AlarmName=name, Namespace=name, MetricName="Errors", Statistic="Sum", Period=60, EvaluationPeriods=1, Threshold=0,
        ComparisonOperator="GreaterThanThreshold", AlarmActions=[topic],
    )  # fmt: skip
    cloudwatch.put_metric_data(
        Namespace=name, MetricData=[{"MetricName": "Errors", "Value": 1.0, "Timestamp": minute(1)}]
    )
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    deadline = time.monotonic() + 20
    while alarm["StateValue"] != "ALARM" and time.monotonic() < deadline:
        time.sleep(0.1)
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    (message,) = aws("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    told = json.loads(json.loads(message["Body"])["Message"])
    assert (told["AlarmName"], told["OldStateValue"], told["NewStateValue"]) == (name, "INSUFFICIENT_DATA", "ALARM")
    cloudwatch.delete_alarms(AlarmNames=[name])

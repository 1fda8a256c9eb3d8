"""CloudWatch: alarms and dashboards by name; metrics know no resources, only their namespace."""

from __future__ import annotations

from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules


def _context(asked: Asked) -> Context:
    if asked.operation == "PutMetricData" and asked.text("Namespace"):
        return {"cloudwatch:namespace": (asked.text("Namespace"),)}
    if asked.operation in ("PutMetricAlarm", "PutCompositeAlarm"):
        actions = [
            arn
            for path in ("AlarmActions", "OKActions", "InsufficientDataActions")
            for arn in texts_at(asked.params, path)
        ]
        return {"cloudwatch:alarmactions": tuple(actions)} if actions else {}
    return {}


CLOUDWATCH = Rules(
    prefix="cloudwatch",
    arn="arn:aws:cloudwatch:{region}:{account}:",
    resources={
        "alarm:{AlarmNames|AlarmName}": (
            "PutMetricAlarm PutCompositeAlarm DescribeAlarms DescribeAlarmHistory DeleteAlarms EnableAlarmActions DisableAlarmActions"
            " SetAlarmState DescribeAlarmContributors"
        ),
        "@arn:aws:cloudwatch::{account}:dashboard/{DashboardNames|DashboardName}": "PutDashboard GetDashboard DeleteDashboards",
        "insight-rule/{RuleNames|RuleName}": (
            "PutInsightRule DeleteInsightRules EnableInsightRules DisableInsightRules GetInsightRuleReport"
        ),
        "metric-stream/{Names|Name}": (
            "PutMetricStream GetMetricStream DeleteMetricStream StartMetricStreams StopMetricStreams"
        ),
        "alarm-mute-rule:{AlarmMuteRuleName|=*}": (
            "PutAlarmMuteRule GetAlarmMuteRule DeleteAlarmMuteRule ListAlarmMuteRules"
        ),
        "@{ResourceARN}": "TagResource UntagResource ListTagsForResource",
    },
    actions={"DescribeAlarmContributors": "DescribeAlarms"},
    passes={"PutMetricStream": "RoleArn"},
    passed_to="streams.metrics.cloudwatch.amazonaws.com",
    tagging={"TagResource": "PutMetricAlarm PutCompositeAlarm PutInsightRule PutMetricStream PutAlarmMuteRule"},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_alarm(arn, asked.account, asked.region),
)

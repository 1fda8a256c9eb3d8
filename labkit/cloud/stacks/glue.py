"""Crawlers and jobs of Glue in stacks (docs.aws.amazon.com/AWSCloudFormation, AWS::Glue::Crawler and Job)."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, retag, tag_map, truth, whole


def _retag(ask: Ask, scope: Scope, kind: str, name: str, before: Properties, after: Properties) -> None:
    arn = f"arn:aws:glue:{scope.region}:{scope.account}:{kind}/{name}"
    retag(
        before,
        after,
        lambda tags: ask("glue", "tag_resource", ResourceArn=arn, TagsToAdd=tags),
        lambda names: ask("glue", "untag_resource", ResourceArn=arn, TagsToRemove=names),
    )


class Crawler(Resource):
    """AWS::Glue::Crawler; `Ref` is its name. Its schedule is an object in templates and text in the API."""

    type = "AWS::Glue::Crawler"
    name_property = "Name"
    known = frozenset(
        {"Name", "Role", "DatabaseName", "Description", "Targets", "Schedule", "Classifiers", "TablePrefix", "Tags"}
        | {"SchemaChangePolicy", "RecrawlPolicy", "Configuration"}
    )

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        given = dict(properties)
        if isinstance(given.get("Configuration"), dict):
            given["Configuration"] = json.dumps(given["Configuration"])
        if isinstance(given.get("Schedule"), dict):
            given["Schedule"] = given["Schedule"].get("ScheduleExpression")
        given["Targets"] = {kind: [_target(one) for one in found] for kind, found in given.get("Targets", {}).items()}
        return given

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        ask("glue", "create_crawler", **{**properties, "Name": name, "Tags": tag_map(properties.get("Tags"))})
        return Made(name)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        # UpdateCrawler leaves alone what it is not told of: what the template no longer has is emptied by name.
        emptied = {"Description": "", "Schedule": "", "TablePrefix": "", "Configuration": "", "Classifiers": []}
        params = {key: value for key, value in emptied.items() if key in before and key not in after}
        params |= {key: value for key, value in after.items() if key != "Tags"}
        ask("glue", "update_crawler", **{**params, "Name": name})
        _retag(ask, scope, "crawler", name, before, after)

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("glue", "delete_crawler", Name=name)


def _target(target: Properties) -> dict[str, Any]:
    found = dict(target)
    if "SampleSize" in found:
        found["SampleSize"] = whole(found["SampleSize"])
    return found


class Job(Resource):
    """AWS::Glue::Job; `Ref` is its name."""

    type = "AWS::Glue::Job"
    name_property = "Name"
    known = frozenset(
        {
            "Name",
            "Role",
            "Command",
            "DefaultArguments",
            "NonOverridableArguments",
            "Description",
            "Connections",
            "LogUri",
        }
        | {
            "ExecutionProperty",
            "ExecutionClass",
            "MaxRetries",
            "Timeout",
            "MaxCapacity",
            "AllocatedCapacity",
            "GlueVersion",
        }
        | {"NumberOfWorkers", "WorkerType", "JobMode", "JobRunQueuingEnabled", "NotificationProperty", "Tags"}
    )

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        given = dict(properties)
        for name in ("MaxRetries", "Timeout", "NumberOfWorkers", "AllocatedCapacity"):
            if name in given:
                given[name] = int(given[name])
        if "MaxCapacity" in given:
            given["MaxCapacity"] = float(given["MaxCapacity"])
        if "JobRunQueuingEnabled" in given:
            given["JobRunQueuingEnabled"] = truth(given["JobRunQueuingEnabled"])
        if "ExecutionProperty" in given:
            given["ExecutionProperty"] = {key: whole(value) for key, value in given["ExecutionProperty"].items()}
        for name in ("DefaultArguments", "NonOverridableArguments"):
            if name in given:
                given[name] = {key: _text(value) for key, value in given[name].items()}
        return given

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        ask("glue", "create_job", **{**properties, "Name": name, "Tags": tag_map(properties.get("Tags"))})
        return Made(name)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        # UpdateJob replaces the whole definition (botocore, UpdateJob), so what the template no longer has goes with it.
        update = {key: value for key, value in after.items() if key not in ("Name", "Tags")}
        ask("glue", "update_job", JobName=name, JobUpdate=update)
        _retag(ask, scope, "job", name, before, after)

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("glue", "delete_job", JobName=name)


def _text(value: Any) -> str:
    """An argument: YAML reads `true` as a truth value, the API wants text."""
    return str(value).lower() if isinstance(value, bool) else str(value)

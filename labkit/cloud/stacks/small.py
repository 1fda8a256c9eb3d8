"""Log groups, workgroups and permissions of functions in stacks (docs.aws.amazon.com/AWSCloudFormation)."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, retag, tag_list, tag_map, truth, whole


class LogGroup(Resource):
    """AWS::Logs::LogGroup; `Ref` is its name, its attribute is Arn."""

    type = "AWS::Logs::LogGroup"
    name_property = "LogGroupName"
    known = frozenset({"LogGroupName", "RetentionInDays", "LogGroupClass", "Tags"})
    replaced_by = frozenset({"LogGroupClass"})
    has = frozenset({"Arn"})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        kind, tags = properties.get("LogGroupClass"), tag_map(properties.get("Tags"))
        ask("logs", "create_log_group", logGroupName=name, logGroupClass=kind, tags=tags)
        cls._retention(ask, name, {}, properties)
        return Made(name, {"Arn": f"{cls._arn(scope, name)}:*"})

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        cls._retention(ask, name, before, after)
        arn = cls._arn(scope, name)
        retag(
            before,
            after,
            lambda tags: ask("logs", "tag_resource", resourceArn=arn, tags=tags),
            lambda names: ask("logs", "untag_resource", resourceArn=arn, tagKeys=names),
        )

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("logs", "delete_log_group", logGroupName=name)

    @classmethod
    def _retention(cls, ask: Ask, name: str, before: Properties, after: Properties) -> None:
        days = after.get("RetentionInDays")
        if days is not None:
            ask("logs", "put_retention_policy", logGroupName=name, retentionInDays=whole(days))
        elif before.get("RetentionInDays") is not None:
            ask("logs", "delete_retention_policy", logGroupName=name)

    @classmethod
    def _arn(cls, scope: Scope, name: str) -> str:
        return f"arn:aws:logs:{scope.region}:{scope.account}:log-group:{name}"


class WorkGroup(Resource):
    """AWS::Athena::WorkGroup; `Ref` is its name. With RecursiveDeleteOption its saved queries and history go with it."""

    type = "AWS::Athena::WorkGroup"
    name_property = "Name"
    known = frozenset({"Name", "Description", "State", "RecursiveDeleteOption", "Tags", "WorkGroupConfiguration"})

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        given, found = dict(properties), dict(properties.get("WorkGroupConfiguration") or {})
        for name in ("EnforceWorkGroupConfiguration", "PublishCloudWatchMetricsEnabled", "RequesterPaysEnabled"):
            if name in found:
                found[name] = truth(found[name])
        if "BytesScannedCutoffPerQuery" in found:
            found["BytesScannedCutoffPerQuery"] = whole(found["BytesScannedCutoffPerQuery"])
        given["WorkGroupConfiguration"] = found
        return given

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        configuration, text = properties["WorkGroupConfiguration"], properties.get("Description")
        tags = tag_list(properties.get("Tags"))
        ask("athena", "create_work_group", Name=name, Description=text, Configuration=configuration, Tags=tags)
        if properties.get("State") == "DISABLED":
            ask("athena", "update_work_group", WorkGroup=name, State="DISABLED")
        return Made(name)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        old, new = before["WorkGroupConfiguration"], after["WorkGroupConfiguration"]
        updates = {key: value for key, value in new.items() if key != "ResultConfiguration"}
        if "BytesScannedCutoffPerQuery" in old and "BytesScannedCutoffPerQuery" not in new:
            updates["RemoveBytesScannedCutoffPerQuery"] = True
        had, has = old.get("ResultConfiguration") or {}, new.get("ResultConfiguration") or {}
        updates["ResultConfigurationUpdates"] = {**has, **{f"Remove{key}": True for key in had if key not in has}}
        state, text = after.get("State", "ENABLED"), after.get("Description", "")
        ask("athena", "update_work_group", WorkGroup=name, Description=text, State=state, ConfigurationUpdates=updates)
        arn = f"arn:aws:athena:{scope.region}:{scope.account}:workgroup/{name}"
        retag(
            before,
            after,
            lambda tags: ask("athena", "tag_resource", ResourceARN=arn, Tags=tag_list(tags)),
            lambda names: ask("athena", "untag_resource", ResourceARN=arn, TagKeys=names),
        )

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        recursive = truth(properties.get("RecursiveDeleteOption", False))
        ask("athena", "delete_work_group", WorkGroup=name, RecursiveDeleteOption=recursive)


class NamedQuery(Resource):
    """AWS::Athena::NamedQuery; every property replaces it, `Ref` is its id."""

    type = "AWS::Athena::NamedQuery"
    known = frozenset({"Name", "Database", "QueryString", "Description", "WorkGroup"})
    replaced_by = known
    has = frozenset({"NamedQueryId"})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        found = ask("athena", "create_named_query", **{"Name": name, **properties})["NamedQueryId"]
        return Made(found, {"NamedQueryId": found})

    def delete(self, account: str, region: str) -> None:
        scope = Scope(account, region)
        self._ask(scope)("athena", "delete_named_query", NamedQueryId=self.ref)


class Permission(Resource):
    """AWS::Lambda::Permission; its statement has the name of the resource, every property replaces it."""

    type = "AWS::Lambda::Permission"
    known = frozenset(
        {"FunctionName", "Action", "Principal", "SourceArn", "SourceAccount", "EventSourceToken", "PrincipalOrgID"}
        | {"FunctionUrlAuthType"}
    )
    replaced_by = known
    has = frozenset({"Id"})

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        ask("lambda", "add_permission", StatementId=name, **properties)
        return Made(name, {"Id": name})

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("lambda", "remove_permission", FunctionName=properties["FunctionName"], StatementId=name)

"""Databases, tables and partitions of Glue in stacks (docs.aws.amazon.com/AWSCloudFormation, AWS::Glue::…)."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.stacks.resource import Ask, Made, Properties, Resource, whole

_NUMBERS = ("Retention", "NumberOfBuckets", "SortOrder")


def _with_numbers(document: Any) -> Any:
    if isinstance(document, dict):
        return {key: whole(value) if key in _NUMBERS else _with_numbers(value) for key, value in document.items()}
    return [_with_numbers(item) for item in document] if isinstance(document, list) else document


def _own_catalog(properties: Properties, scope: Scope) -> dict[str, Any]:
    if str(properties.get("CatalogId", scope.account)) != scope.account:
        raise AwsError("NotImplemented", "labkit's local cloud has one Data Catalog, its account's own", 501)
    return dict(properties)


class Database(Resource):
    """AWS::Glue::Database; `Ref` is its name."""

    type = "AWS::Glue::Database"
    known = frozenset({"CatalogId", "DatabaseInput", "DatabaseName"})

    @classmethod
    def _name(cls, name: str, properties: Properties) -> str:
        given = properties.get("DatabaseName") or (properties.get("DatabaseInput") or {}).get("Name")
        return str(given or name).lower()

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        given = _own_catalog(properties, scope)
        name = cls._name(name, given)
        ask("glue", "create_database", DatabaseInput={**given["DatabaseInput"], "Name": name})
        return Made(name)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        old, new = cls._name(name, before), cls._name(name, after)
        if old != new:
            text = f"labkit's local cloud does not rename a database in stacks ({old} to {new}): delete it and make another"
            raise AwsError("NotImplemented", text, 501)
        ask("glue", "update_database", Name=new, DatabaseInput={**after["DatabaseInput"], "Name": new})

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("glue", "delete_database", Name=cls._name(name, properties))


class Table(Resource):
    """AWS::Glue::Table; `Ref` is its name."""

    type = "AWS::Glue::Table"
    known = frozenset({"CatalogId", "DatabaseName", "TableInput", "Name"})
    replaced_by = frozenset({"DatabaseName"})

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        return {**properties, "TableInput": _with_numbers(properties.get("TableInput") or {})}

    @classmethod
    def _name(cls, name: str, properties: Properties) -> str:
        return str(properties.get("Name") or properties["TableInput"].get("Name") or name).lower()

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        given = _own_catalog(properties, scope)
        name = cls._name(name, given)
        ask(
            "glue", "create_table", DatabaseName=given["DatabaseName"], TableInput={**given["TableInput"], "Name": name}
        )
        return Made(name)

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        old, new = cls._name(name, before), cls._name(name, after)
        if old != new:
            text = (
                f"labkit's local cloud does not rename a table in stacks ({old} to {new}): delete it and make another"
            )
            raise AwsError("NotImplemented", text, 501)
        ask("glue", "update_table", DatabaseName=after["DatabaseName"], TableInput={**after["TableInput"], "Name": new})

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        ask("glue", "delete_table", DatabaseName=properties["DatabaseName"], Name=cls._name(name, properties))


class Partition(Resource):
    """AWS::Glue::Partition; `Ref` is its values, joined."""

    type = "AWS::Glue::Partition"
    known = frozenset({"CatalogId", "DatabaseName", "TableName", "PartitionInput"})
    replaced_by = frozenset({"DatabaseName", "TableName"})

    @classmethod
    def plain(cls, properties: Properties) -> dict[str, Any]:
        return {**properties, "PartitionInput": _with_numbers(properties.get("PartitionInput") or {})}

    @classmethod
    def _table(cls, properties: Properties) -> dict[str, Any]:
        return {"DatabaseName": properties["DatabaseName"], "TableName": properties["TableName"]}

    @classmethod
    def make(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> Made:
        given = _own_catalog(properties, scope)
        ask("glue", "create_partition", **cls._table(given), PartitionInput=given["PartitionInput"])
        return Made("|".join(map(str, given["PartitionInput"].get("Values", ()))))

    @classmethod
    def change(cls, ask: Ask, scope: Scope, name: str, before: Properties, after: Properties) -> None:
        values, table = before["PartitionInput"]["Values"], cls._table(after)
        ask("glue", "update_partition", **table, PartitionValueList=values, PartitionInput=after["PartitionInput"])

    @classmethod
    def remove(cls, ask: Ask, scope: Scope, name: str, properties: Properties) -> None:
        values = properties["PartitionInput"]["Values"]
        ask("glue", "delete_partition", **cls._table(properties), PartitionValues=values)

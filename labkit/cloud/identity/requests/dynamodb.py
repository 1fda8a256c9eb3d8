"""DynamoDB: tables and their indexes; batches and transactions need the single actions on each table."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked, mappings_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_TABLE = (
    "CreateTable DescribeTable UpdateTable DeleteTable GetItem PutItem UpdateItem DeleteItem DescribeTimeToLive UpdateTimeToLive"
    " DescribeContinuousBackups UpdateContinuousBackups CreateBackup DescribeKinesisStreamingDestination"
    " EnableKinesisStreamingDestination DisableKinesisStreamingDestination UpdateKinesisStreamingDestination"
    " DescribeTableReplicaAutoScaling UpdateTableReplicaAutoScaling"
)
_INDEXED = "Query Scan DescribeContributorInsights UpdateContributorInsights"
_ITEMS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
    "Get": "GetItem",
}
_TEXTS = {
    "Select": "dynamodb:select", "ReturnValues": "dynamodb:returnvalues", "ReturnConsumedCapacity": "dynamodb:returnconsumedcapacity",
}  # fmt: skip
_STATEMENT = re.compile(
    r'\s*(?P<verb>select|insert|update|delete)\b(?:.*?\b(?:from|into)\b)?\s*"?(?P<table>[\w.-]+)"?(?:\s*\.\s*"?(?P<index>[\w.-]+)"?)?',
    re.IGNORECASE | re.DOTALL,
)
_KEY_VALUE = re.compile(r"(?P<name>#?\w+)\s*=\s*(?P<value>:\w+)")


def _arn(asked: Asked, table: str, index: str = "") -> str:
    arn = table if table.startswith("arn:") else f"arn:aws:dynamodb:{asked.region}:{asked.account}:table/{table or '*'}"
    return f"{arn}/index/{index}" if index else arn


def _table(asked: Asked) -> Iterable[str]:
    return [_arn(asked, asked.text("TableName"))]


def _table_or_index(asked: Asked) -> Iterable[str]:
    return [_arn(asked, asked.text("TableName"), asked.text("IndexName"))]


def _batch(asked: Asked) -> Iterable[str]:
    items = asked.params.get("RequestItems")
    return [_arn(asked, str(table)) for table in items] if isinstance(items, Mapping) else []


def _transaction(asked: Asked) -> Iterator[Access]:
    """Each action of a transaction on its own table."""
    done: set[tuple[str, str, tuple[str, ...]]] = set()
    for item in mappings_at(asked.params, "TransactItems"):
        for kind, request in item.items():
            if kind in _ITEMS and isinstance(request, Mapping):
                table = str(request.get("TableName", ""))
                keys = _leading_keys(asked, table, request.get("Key") or request.get("Item"))
                if (kind, table, keys) not in done:
                    done.add((kind, table, keys))
                    extra: Context = {"dynamodb:enclosingoperation": (asked.operation,)}
                    extra = {**extra, "dynamodb:leadingkeys": keys} if keys else extra
                    yield access(DYNAMODB, asked, _ITEMS[kind], _arn(asked, table), extra)


def _statements(asked: Asked) -> Iterator[Access]:
    """PartiQL: the verb of each statement on its table."""
    own = [asked.params] if asked.operation == "ExecuteStatement" else []
    listed = [*mappings_at(asked.params, "Statements"), *mappings_at(asked.params, "TransactStatements")]
    for one in (*own, *listed):
        found = _STATEMENT.match(str(one.get("Statement", "")))
        verb = found["verb"].capitalize() if found else "Select"
        index = (found["index"] or "") if found and verb == "Select" else ""
        yield access(DYNAMODB, asked, f"PartiQL{verb}", _arn(asked, found["table"] if found else "", index))


def _leading_keys(asked: Asked, table: str, item: Any) -> tuple[str, ...]:
    """The value of the partition key, as text."""
    kept_table = kept.dynamodb_table(table.rpartition("/")[2], asked.account, asked.region)
    if kept_table is None or not isinstance(item, Mapping):
        return ()
    return _value(item.get(kept_table.hash_key_attr))


def _value(attribute: Any) -> tuple[str, ...]:
    if not isinstance(attribute, Mapping) or len(attribute) != 1:
        return ()
    value = next(iter(attribute.values()))
    return (value,) if isinstance(value, str) else ()


def _query_keys(asked: Asked) -> tuple[str, ...]:
    """The partition key's value in a key condition, of whatever spelling."""
    table = kept.dynamodb_table(asked.text("TableName").rpartition("/")[2], asked.account, asked.region)
    if table is None:
        return ()
    names = asked.params.get("ExpressionAttributeNames") or {}
    values = asked.params.get("ExpressionAttributeValues") or {}
    for found in _KEY_VALUE.finditer(asked.text("KeyConditionExpression")):
        if names.get(found["name"], found["name"]) == table.hash_key_attr:
            return _value(values.get(found["value"]))
    condition = (asked.params.get("KeyConditions") or {}).get(table.hash_key_attr) or {}
    listed = condition.get("AttributeValueList") or [None]
    return _value(listed[0])


def _context(asked: Asked) -> Context:
    context: Context = {key: (asked.text(name),) for name, key in _TEXTS.items() if asked.text(name)}
    keys: tuple[str, ...] = ()
    if asked.operation in ("GetItem", "PutItem", "UpdateItem", "DeleteItem"):
        keys = _leading_keys(asked, asked.text("TableName"), asked.params.get("Key") or asked.params.get("Item"))
    elif asked.operation == "Query" and not asked.text("IndexName"):
        keys = _query_keys(asked)
    elif asked.operation in ("BatchGetItem", "BatchWriteItem"):
        keys = tuple(dict.fromkeys(_batch_keys(asked)))
    return {**context, "dynamodb:leadingkeys": keys} if keys else context


def _batch_keys(asked: Asked) -> Iterator[str]:
    items = asked.params.get("RequestItems")
    for table, wanted in items.items() if isinstance(items, Mapping) else ():
        keys = wanted.get("Keys") or [] if isinstance(wanted, Mapping) else list(_written(wanted))
        for key in keys:
            yield from _leading_keys(asked, str(table), key)


def _written(requests: Any) -> Iterator[Any]:
    for one in mappings_at(requests, ""):
        yield (one.get("PutRequest") or {}).get("Item") or (one.get("DeleteRequest") or {}).get("Key")


DYNAMODB = Rules(
    prefix="dynamodb",
    arn="arn:aws:dynamodb:{region}:{account}:",
    resources={
        "table/*": "ListTables",
        "@{ResourceArn}": "TagResource UntagResource ListTagsOfResource GetResourcePolicy PutResourcePolicy DeleteResourcePolicy",
        "@{TableArn}": "ExportTableToPointInTime",
        "@{BackupArn}": "DescribeBackup DeleteBackup",
        "@{BackupArn} table/{TargetTableName}": "RestoreTableFromBackup",
        "table/{SourceTableName|SourceTableArn} table/{TargetTableName}": "RestoreTableToPointInTime",
        "table/{TableCreationParameters.TableName}": "ImportTable",
        "@{ExportArn}": "DescribeExport",
        "@{ImportArn}": "DescribeImport",
        "@{StreamArn}": "DescribeStream GetShardIterator",
        "table/*/stream/*": "GetRecords",
        "@arn:aws:dynamodb::{account}:global-table/{GlobalTableName}": (
            "CreateGlobalTable DescribeGlobalTable UpdateGlobalTable DescribeGlobalTableSettings UpdateGlobalTableSettings"
        ),
    },
    arns={
        **dict.fromkeys(_TABLE.split(), _table),
        **dict.fromkeys(_INDEXED.split(), _table_or_index),
        **dict.fromkeys(("BatchGetItem", "BatchWriteItem"), _batch),
    },
    own={
        **dict.fromkeys(("TransactGetItems", "TransactWriteItems"), _transaction),
        **dict.fromkeys(("ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"), _statements),
    },
    tagging={"TagResource": "CreateTable"},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_table(arn, asked.account, asked.region),
)

"""Write what a scan found to the Data Catalog, under the crawler's policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.configuration import Grouping
from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.hive_types import render
from labkit.cloud.crawler.naming import table_name, unique_name
from labkit.cloud.crawler.partitions import PartitionChanges, publish_partitions
from labkit.cloud.crawler.table_documents import DEPRECATED_BY, RUN_ID, UPDATED_BY, CrawlMark, table_input
from labkit.cloud.crawler.table_merge import KEPT_FIELDS, changed_attributes, merge_table, same
from labkit.cloud.identity.authorizer import is_denied

if TYPE_CHECKING:
    from labkit.cloud.catalog import Catalog

Document = dict[str, Any]
_NAME = re.compile(r"[^\r\n]{1,255}")  # NameString and ColumnTypeString of the Glue API
_MAX_TYPE = 131_072
_SHOWN = 60
_INDEX = "crawler_partition_index"


@dataclass(frozen=True)
class Policy:
    """The crawler's settings that decide what may be written; ``roots`` are the include paths.

    ``partial``: the scan saw new folders only, so what it did not see is not gone.
    """

    database: str
    prefix: str
    update: str
    delete: str
    grouping: Grouping
    roots: tuple[str, ...]
    now: int
    partial: bool = False

    @property
    def may_update(self) -> bool:
        """Whether a table in the catalog may be changed; MergeNewColumns overrides UpdateBehavior."""
        return self.update != "LOG" or self.grouping.merge_new_columns


@dataclass
class Changes:
    """What a crawl did to the catalog, by table name."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    partitions: PartitionChanges = field(default_factory=PartitionChanges)


@dataclass(frozen=True)
class Writer:
    """Where and how one crawl writes; ``created_by``: the ARN of the role's session, which new tables carry."""

    catalog: Catalog
    policy: Policy
    mark: CrawlMark
    changes: Changes
    log: Callable[[str, str], None]
    created_by: str = ""


def publish(datasets: Sequence[Dataset], writer: Writer) -> None:
    """Create or update a table for each data set, then treat the crawler's tables whose files are gone."""
    policy = writer.policy
    for dataset in datasets:
        check_columns(dataset)
    existing = {table["Name"]: table for table in writer.catalog.list_tables(policy.database)}
    named = name_tables(datasets, existing, policy.prefix, writer.mark.crawler)
    for name in named:
        writer.catalog.find_table(
            policy.database, name
        )  # a role that may not glue:GetTable is refused before anything is written
    for name, dataset in named.items():
        publish_table(name, dataset, existing.get(name), writer)
    if policy.partial:
        return
    found = {dataset.location.rstrip("/") for dataset in datasets}
    for name, table in existing.items():
        if name not in named and location_of(table) not in found and _is_ours(table, policy, writer.mark):
            _treat_missing(table, writer)


def check_columns(dataset: Dataset) -> None:
    """AwsError ValidationException for what the catalog's API does not take as a column."""
    for column in dataset.shape.columns:
        kind = render(column.type)
        if not _NAME.fullmatch(column.name):
            reason = f'the column name "{_cut(column.name)}" has {len(column.name)} characters or a line end; 1 to 255 in one line'
        elif len(kind) > _MAX_TYPE:
            reason = f'the type of column "{column.name}" has {len(kind)} characters; {_MAX_TYPE}'
        else:
            continue
        raise AwsError("ValidationException", f"{dataset.location}: {reason} are allowed")


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def name_tables(
    datasets: Sequence[Dataset], existing: Mapping[str, Document], prefix: str, crawler: str
) -> dict[str, Dataset]:
    """Give each data set its table: the one that this crawler made for its location, or a new name."""
    ours = {location_of(table): name for name, table in existing.items() if is_of(table, crawler)}
    named: dict[str, Dataset] = {}
    for dataset in datasets:
        key = dataset.location.rstrip("/")
        wanted = table_name(dataset.name, prefix)
        name = ours.get(key, "")
        # Another TablePrefix than before makes another table.
        if name not in (wanted, unique_name(wanted, dataset.location, {wanted})) or name in named:
            foreign = {other for other, table in existing.items() if location_of(table) != key}
            name = unique_name(wanted, dataset.location, foreign | set(named))
        named[name] = dataset
    return named


def publish_table(name: str, dataset: Dataset, found: Document | None, writer: Writer) -> None:
    """Create the table or bring it in line with the data set, then its partitions."""
    policy, grouping = writer.policy, writer.policy.grouping
    fresh = table_input(dataset, name, writer.mark)
    current = fresh if found is None else found
    if found is None:
        writer.catalog.create_table(policy.database, fresh, writer.created_by)
        writer.changes.created.append(name)
        writer.log("INFO", f"Created table {name} in database {policy.database}")
        if dataset.keys and grouping.partition_index:
            _create_index(name, list(dataset.keys), writer)
    elif policy.partial:
        current = _add_columns(found, fresh, writer) if grouping.merge_new_columns else found
    else:
        changed = changed_attributes(found, fresh) if grouping.merge_new_columns else []
        if changed:
            writer.log("WARN", f"Table {name}: {', '.join(changed)} changed, which MergeNewColumns cannot resolve")
            _deprecate(found, writer)
            return
        fresh = merge_table(found, fresh, only_new_columns=grouping.merge_new_columns)
        if _update_table(found, fresh, writer):
            current = fresh
    if dataset.keys and len(current.get("PartitionKeys") or []) == len(dataset.keys):
        storage = current["StorageDescriptor"] if grouping.inherit_from_table else None
        publish_partitions(name, dataset, storage, writer)


def _create_index(table: str, keys: list[str], writer: Writer) -> None:
    """The index that a crawler adds of itself; a role that may not glue:CreatePartitionIndex gets its table all the same."""
    try:
        writer.catalog.create_partition_index(writer.policy.database, table, {"IndexName": _INDEX, "Keys": keys})
    except AwsError as error:
        if not is_denied(error):
            raise
        writer.log("WARN", f"Table {table} has no partition index: {error.message}")


def _update_table(found: Document, fresh: Document, writer: Writer) -> bool:
    """Whether the table was written."""
    name, policy = found["Name"], writer.policy
    if same(found, fresh):
        writer.log("INFO", f"Table {name} in database {policy.database} is unchanged")
    elif not policy.may_update:
        writer.log("WARN", f"Table {name} in database {policy.database} changed; UpdateBehavior LOG leaves it as it is")
    else:
        if len(found.get("PartitionKeys") or []) != len(fresh["PartitionKeys"]):
            old = [partition["Values"] for partition in writer.catalog.list_partitions(policy.database, name)]
            writer.catalog.delete_partitions(policy.database, name, old)
        writer.catalog.update_table(policy.database, fresh)
        writer.changes.updated.append(name)
        writer.log("INFO", f"Updated table {name} in database {policy.database}")
        return True
    return False


def _add_columns(found: Document, fresh: Document, writer: Writer) -> Document:
    """The table with the columns that new folders bring; its statistics stay, since the other folders were not read."""
    columns = merge_table(found, fresh, only_new_columns=True)["StorageDescriptor"]["Columns"]
    if columns == (found["StorageDescriptor"].get("Columns") or []):
        return found
    document = _as_input(found)
    document["StorageDescriptor"] = {**found["StorageDescriptor"], "Columns": columns}
    writer.catalog.update_table(writer.policy.database, document)
    writer.changes.updated.append(found["Name"])
    writer.log("INFO", f"Updated table {found['Name']} in database {writer.policy.database}")
    return {**found, **document}


def _as_input(table: Document) -> Document:
    """What UpdateTable takes of a table in the catalog."""
    kept = ("Name", "PartitionKeys", "StorageDescriptor", "TableType", "ViewOriginalText", "Parameters", *KEPT_FIELDS)
    return {key: table[key] for key in kept if table.get(key) is not None}


def _treat_missing(table: Document, writer: Writer) -> None:
    name, policy = table["Name"], writer.policy
    if policy.delete == "DELETE_FROM_DATABASE":
        writer.catalog.delete_table(policy.database, name)
        writer.changes.deleted.append(name)
        writer.log("INFO", f"Deleted table {name} from database {policy.database}: its files are gone")
    elif policy.delete == "LOG":
        writer.log("WARN", f"The files of table {name} are gone; DeleteBehavior LOG leaves it in the catalog")
    else:
        _deprecate(table, writer)


def _deprecate(table: Document, writer: Writer) -> None:
    name, parameters = table["Name"], table.get("Parameters") or {}
    if DEPRECATED_BY in parameters:
        return
    document = _as_input(table)
    # AWS writes the time in milliseconds as the parameter's value.
    stamp = {DEPRECATED_BY: str(writer.policy.now * 1000), RUN_ID: writer.mark.run_id}
    document["Parameters"] = {**parameters, **stamp}
    writer.catalog.update_table(writer.policy.database, document)
    writer.changes.updated.append(name)
    writer.log(
        "INFO",
        f"Table {name} is marked deprecated because a matching schema was not found at the table's location.",
    )


def is_of(table: Document, crawler: str) -> bool:
    """Whether this crawler wrote the table last."""
    return (table.get("Parameters") or {}).get(UPDATED_BY) == crawler


def location_of(table: Document) -> str:
    """The table's location without the slash at its end."""
    return str((table.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")


def _is_ours(table: Document, policy: Policy, mark: CrawlMark) -> bool:
    location = location_of(table) + "/"
    inside = any(location.startswith(root.rstrip("/") + "/") for root in policy.roots)
    return inside and is_of(table, mark.crawler)

"""Write what a scan found to the Data Catalog, under the crawler's policies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from labkit.cloud.crawler.configuration import Grouping
from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.naming import table_name, unique_name
from labkit.cloud.crawler.partitions import PartitionChanges, publish_partitions
from labkit.cloud.crawler.table_documents import (
    DEPRECATED_BY,
    OWN_PARAMETERS,
    RUN_ID,
    UPDATED_BY,
    CrawlMark,
    table_input,
)

if TYPE_CHECKING:
    from labkit.cloud.catalog import Catalog

Document = dict[str, Any]
# Kept from the table in the catalog: what a person or another program added.
_KEPT_FIELDS = ("Description", "Owner", "Retention", "LastAccessTime", "LastAnalyzedTime")


@dataclass(frozen=True)
class Policy:
    """The crawler's settings that decide what may be written; ``roots`` are the include paths."""

    database: str
    prefix: str
    update: str
    delete: str
    grouping: Grouping
    roots: tuple[str, ...]
    now: int


@dataclass
class Changes:
    """What a crawl did to the catalog, by table name."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    partitions: PartitionChanges = field(default_factory=PartitionChanges)


def publish(
    datasets: Sequence[Dataset], catalog: Catalog, policy: Policy, mark: CrawlMark, log: Callable[[str, str], None]
) -> Changes:
    """Create or update a table for each data set, then treat the crawler's tables whose files are gone."""
    changes = Changes()
    existing = {table["Name"]: table for table in catalog.list_tables(policy.database)}
    named = name_tables(datasets, existing, policy.prefix, mark.crawler)
    for name, dataset in named.items():
        _publish_table(name, dataset, existing.get(name), catalog, policy, mark, changes, log)
    for name, table in existing.items():
        if name not in named and _is_ours(table, policy, mark):
            _treat_missing(table, catalog, policy, mark, changes, log)
    return changes


def name_tables(
    datasets: Sequence[Dataset], existing: dict[str, Document], prefix: str, crawler: str
) -> dict[str, Dataset]:
    """Give each data set its table: the one that this crawler made for its location, or a new name."""
    ours = {
        _location(table): name for name, table in existing.items() if table["Parameters"].get(UPDATED_BY) == crawler
    }
    named: dict[str, Dataset] = {}
    for dataset in datasets:
        key = dataset.location.rstrip("/")
        name = ours.get(key, "")
        if not name or name in named:
            wanted = table_name(dataset.name, prefix)
            foreign = {other for other, table in existing.items() if _location(table) != key}
            name = unique_name(wanted, dataset.location, foreign | set(named))
        named[name] = dataset
    return named


def merge_table(found: Document, fresh: Document, merge_columns: bool) -> Document:
    """Return the TableInput of a re-crawl: own parameters rewritten, foreign ones kept, columns replaced or merged."""
    merged = {**fresh, **{key: found[key] for key in _KEPT_FIELDS if found.get(key) is not None}}
    storage, old_storage = dict(fresh["StorageDescriptor"]), found.get("StorageDescriptor") or {}
    if merge_columns:
        old_columns = old_storage.get("Columns") or []
        known = {column["Name"] for column in old_columns}
        storage["Columns"] = [*old_columns, *(c for c in storage["Columns"] if c["Name"] not in known)]
    storage["Parameters"] = {**_foreign(old_storage.get("Parameters")), **storage["Parameters"]}
    merged["StorageDescriptor"] = storage
    merged["Parameters"] = {**_foreign(found.get("Parameters")), **fresh["Parameters"]}
    return merged


def _publish_table(
    name: str,
    dataset: Dataset,
    found: Document | None,
    catalog: Catalog,
    policy: Policy,
    mark: CrawlMark,
    changes: Changes,
    log: Callable[[str, str], None],
) -> None:
    fresh = table_input(dataset, name, mark)
    if found is None:
        catalog.create_table(policy.database, fresh)
        changes.created.append(name)
        log("INFO", f"Created table {name} in database {policy.database}")
    else:
        fresh = merge_table(found, fresh, policy.grouping.merge_new_columns)
        if _same(found, fresh):
            log("INFO", f"Table {name} in database {policy.database} is unchanged")
        elif policy.update == "LOG":
            log("WARN", f"Table {name} in database {policy.database} changed; UpdateBehavior LOG leaves it as it is")
        else:
            if found.get("PartitionKeys", []) != fresh["PartitionKeys"]:
                old = [partition["Values"] for partition in catalog.list_partitions(policy.database, name)]
                catalog.delete_partitions(policy.database, name, old)
            catalog.update_table(policy.database, fresh)
            changes.updated.append(name)
            log("INFO", f"Updated table {name} in database {policy.database}")
    keys = fresh["PartitionKeys"] if found is None or policy.update != "LOG" else found.get("PartitionKeys", [])
    if dataset.keys and keys == fresh["PartitionKeys"]:
        storage = fresh["StorageDescriptor"] if policy.grouping.inherit_from_table else None
        publish_partitions(name, dataset, storage, catalog, policy, mark, changes.partitions, log)


def _treat_missing(
    table: Document,
    catalog: Catalog,
    policy: Policy,
    mark: CrawlMark,
    changes: Changes,
    log: Callable[[str, str], None],
) -> None:
    name = table["Name"]
    if policy.delete == "DELETE_FROM_DATABASE":
        catalog.delete_table(policy.database, name)
        changes.deleted.append(name)
        log("INFO", f"Deleted table {name} from database {policy.database}: its files are gone")
    elif policy.delete == "DEPRECATE_IN_DATABASE" and DEPRECATED_BY not in table["Parameters"]:
        kept = ("Name", "PartitionKeys", "StorageDescriptor", "TableType", "ViewOriginalText", *_KEPT_FIELDS)
        document = {key: table[key] for key in kept if table.get(key) is not None}
        # AWS writes the time in milliseconds as the parameter's value.
        document["Parameters"] = {**table["Parameters"], DEPRECATED_BY: str(policy.now * 1000), RUN_ID: mark.run_id}
        catalog.update_table(policy.database, document)
        changes.updated.append(name)
        log("WARN", f"Deprecated table {name} in database {policy.database}: its files are gone")
    elif policy.delete == "LOG":
        log("WARN", f"The files of table {name} are gone; DeleteBehavior LOG leaves it in the catalog")


def _is_ours(table: Document, policy: Policy, mark: CrawlMark) -> bool:
    location = _location(table) + "/"
    inside = any(location.startswith(root.rstrip("/") + "/") for root in policy.roots)
    return inside and (table.get("Parameters") or {}).get(UPDATED_BY) == mark.crawler


def _same(found: Document, fresh: Document) -> bool:
    """Whether nothing but the crawl's own marks differs."""
    return all(_comparable(found.get(key)) == _comparable(fresh[key]) for key in fresh if key != "LastAccessTime")


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items() if key != RUN_ID}
    return value or None


def _foreign(parameters: dict[str, str] | None) -> dict[str, str]:
    return {key: value for key, value in (parameters or {}).items() if key not in OWN_PARAMETERS}


def _location(table: Document) -> str:
    return str((table.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")

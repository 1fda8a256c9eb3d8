"""Create, update and retire the partitions of one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.table_documents import DEPRECATED_BY, RUN_ID, CrawlMark, partition_input

if TYPE_CHECKING:
    from labkit.cloud.catalog import Catalog

Document = dict[str, Any]


@dataclass
class PartitionChanges:
    """How many partitions a crawl created, updated and deleted."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


class PartitionPolicy(Protocol):
    """The part of a crawler's settings that matters for partitions."""

    @property
    def database(self) -> str:
        """The database of the table."""

    @property
    def update(self) -> str:
        """UpdateBehavior."""

    @property
    def delete(self) -> str:
        """DeleteBehavior."""

    @property
    def now(self) -> int:
        """Epoch seconds."""


def publish_partitions(
    table: str,
    dataset: Dataset,
    inherited: Document | None,
    catalog: Catalog,
    policy: PartitionPolicy,
    mark: CrawlMark,
    changes: PartitionChanges,
    log: Callable[[str, str], None],
) -> None:
    """Bring the partitions in line with the files; ``inherited`` is the table's storage for InheritFromTable."""
    found = {tuple(one["Values"]): one for one in catalog.list_partitions(policy.database, table)}
    fresh = {leaf.values: _inherit(partition_input(leaf, dataset, mark), inherited) for leaf in dataset.leaves}
    new = [document for values, document in fresh.items() if values not in found]
    if new:
        catalog.create_partitions(policy.database, table, new)
        changes.created += len(new)
        log("INFO", f"Created {len(new)} partitions of table {table} in database {policy.database}")
    changed = [values for values in fresh if values in found and not _same(found[values], fresh[values])]
    if changed and policy.update == "LOG":
        log("WARN", f"{len(changed)} partitions of table {table} changed; UpdateBehavior LOG leaves them as they are")
    elif changed:
        for values in changed:
            catalog.update_partition(policy.database, table, list(values), fresh[values])
        changes.updated += len(changed)
        log("INFO", f"Updated {len(changed)} partitions of table {table} in database {policy.database}")
    gone = [values for values in found if values not in fresh]
    if gone:
        _retire(table, [found[values] for values in gone], catalog, policy, changes, log)


def _retire(
    table: str,
    gone: list[Document],
    catalog: Catalog,
    policy: PartitionPolicy,
    changes: PartitionChanges,
    log: Callable[[str, str], None],
) -> None:
    if policy.delete == "DELETE_FROM_DATABASE":
        catalog.delete_partitions(policy.database, table, [one["Values"] for one in gone])
        changes.deleted += len(gone)
        log("INFO", f"Deleted {len(gone)} partitions of table {table}: their files are gone")
        return
    if policy.delete == "LOG":
        log("WARN", f"The files of {len(gone)} partitions of table {table} are gone; DeleteBehavior LOG leaves them")
        return
    for one in gone:
        parameters = dict(one.get("Parameters") or {})
        if DEPRECATED_BY in parameters:
            continue
        parameters[DEPRECATED_BY] = str(policy.now * 1000)
        document = {"Values": one["Values"], "StorageDescriptor": one["StorageDescriptor"], "Parameters": parameters}
        catalog.update_partition(policy.database, table, one["Values"], document)
        changes.updated += 1
    log("WARN", f"Deprecated {len(gone)} partitions of table {table}: their files are gone")


def _inherit(document: Document, inherited: Document | None) -> Document:
    if inherited is None:
        return document
    kept = {key: document["StorageDescriptor"][key] for key in ("Location", "Parameters")}
    return {**document, "StorageDescriptor": {**inherited, **kept}}


def _same(found: Document, fresh: Document) -> bool:
    return all(_comparable(found.get(key)) == _comparable(fresh[key]) for key in fresh)


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items() if key != RUN_ID}
    return value or None

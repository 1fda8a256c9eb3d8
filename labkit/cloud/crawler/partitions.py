"""Create, update and retire the partitions of one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.crawler.grouping import Dataset
from labkit.cloud.crawler.table_documents import DEPRECATED_BY, partition_input
from labkit.cloud.crawler.table_merge import merge_partition, same

if TYPE_CHECKING:
    from labkit.cloud.crawler.publish import Writer

Document = dict[str, Any]
_LOGGED = 100  # lines about single partitions; the sum is told in any case


@dataclass
class PartitionChanges:
    """How many partitions a crawl created, updated and deleted."""

    created: int = 0
    updated: int = 0
    deleted: int = 0


def publish_partitions(table: str, dataset: Dataset, inherited: Document | None, writer: Writer) -> None:
    """Bring the partitions in line with the files; ``inherited`` is the table's storage for InheritFromTable."""
    policy, catalog, changes = writer.policy, writer.catalog, writer.changes.partitions
    only_new = policy.grouping.merge_new_columns and inherited is None
    found = {tuple(one["Values"]): one for one in catalog.list_partitions(policy.database, table)}
    fresh = {leaf.values: _inherit(partition_input(leaf, dataset, writer.mark), inherited) for leaf in dataset.leaves}
    for values, document in fresh.items():
        if values in found:
            fresh[values] = merge_partition(found[values], document, only_new_columns=only_new)
    new = [document for values, document in fresh.items() if values not in found]
    if new:
        catalog.create_partitions(policy.database, table, new)
        changes.created += len(new)
        writer.log("INFO", f"Created {len(new)} partitions of table {table} in database {policy.database}")
    changed = [values for values in fresh if values in found and not same(found[values], fresh[values])]
    if changed and not (policy.may_update or inherited is not None):
        writer.log(
            "WARN", f"{len(changed)} partitions of table {table} changed; UpdateBehavior LOG leaves them as they are"
        )
    elif changed:
        for values in changed:
            catalog.update_partition(policy.database, table, list(values), fresh[values])
        changes.updated += len(changed)
        writer.log("INFO", f"Updated {len(changed)} partitions of table {table} in database {policy.database}")
    gone = [one for values, one in found.items() if values not in fresh]
    if gone and not policy.partial:
        _retire(table, gone, writer)


def _retire(table: str, gone: list[Document], writer: Writer) -> None:
    policy, changes = writer.policy, writer.changes.partitions
    for one in gone[:_LOGGED]:
        values = ", ".join(one["Values"])
        writer.log(
            "INFO",
            f"Found partition of table {table} with partition values [{values}] "
            "with no matching schema at the partition's S3 location",
        )
    if policy.delete == "DELETE_FROM_DATABASE":
        writer.catalog.delete_partitions(policy.database, table, [one["Values"] for one in gone])
        changes.deleted += len(gone)
        writer.log("INFO", f"Deleted {len(gone)} partitions of table {table}: their files are gone")
        return
    if policy.delete == "LOG":
        writer.log(
            "WARN", f"The files of {len(gone)} partitions of table {table} are gone; DeleteBehavior LOG leaves them"
        )
        return
    for one in gone:
        parameters = dict(one.get("Parameters") or {})
        if DEPRECATED_BY in parameters:
            continue
        parameters[DEPRECATED_BY] = str(policy.now * 1000)
        document = {"Values": one["Values"], "StorageDescriptor": one["StorageDescriptor"], "Parameters": parameters}
        writer.catalog.update_partition(policy.database, table, one["Values"], document)
        changes.updated += 1
    writer.log("WARN", f"Deprecated {len(gone)} partitions of table {table}: their files are gone")


def _inherit(document: Document, inherited: Document | None) -> Document:
    if inherited is None:
        return document
    kept = {key: document["StorageDescriptor"][key] for key in ("Location", "Parameters")}
    return {**document, "StorageDescriptor": {**inherited, **kept}}

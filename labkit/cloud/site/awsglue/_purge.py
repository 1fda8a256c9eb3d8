"""purge_s3_path and purge_table: old objects deleted, and partitions that have no object left."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _aws, _catalog
from ._catalog import CatalogPartition, CatalogTable
from ._files import list_objects
from ._options import hours
from ._predicates import select_partitions
from ._selection import storage_classes

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DEFAULT_HOURS = 168.0
_BATCH = 1000  # DeleteObjects' limit
_PARTITION_BATCH = 25  # BatchDeletePartition's limit


@dataclass
class Purged:
    """What a purge did: S3 paths of deleted objects, and (path, reason) of those that could not be."""

    deleted: list[str] = field(default_factory=list)
    failed: list[tuple[str, str]] = field(default_factory=list)


def _is_below(key: str, prefix: str) -> bool:
    folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
    return key == prefix or key.startswith(folder)


def _delete(bucket: str, keys: Sequence[str], purged: Purged) -> None:
    for start in range(0, len(keys), _BATCH):
        batch = keys[start : start + _BATCH]
        reply = _aws.client("s3").delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
        )
        errors = {str(one.get("Key")): _reason(bucket, one) for one in reply.get("Errors") or ()}
        purged.failed += [(f"s3://{bucket}/{key}", reason) for key, reason in errors.items()]
        purged.deleted += [f"s3://{bucket}/{key}" for key in batch if key not in errors]


def _reason(bucket: str, error: Mapping[str, Any]) -> str:
    """Why an object was not deleted; S3 does not name the action to a caller who may not do it."""
    told = str(error.get("Message") or error.get("Code"))
    denied = error.get("Code") == "AccessDenied" and "s3:DeleteObject" not in told
    return f"{told} (s3:DeleteObject on arn:aws:s3:::{bucket}/{error.get('Key')})" if denied else told


def _purge_below(path: str, options: Mapping[str, Any], purged: Purged) -> None:
    bucket, prefix = _aws.split_s3(path)
    oldest = time.time() - 3600 * hours(options, "retentionPeriod", _DEFAULT_HOURS)
    skipped = storage_classes(options)
    keys = [
        found["Key"]
        for found in list_objects(bucket, prefix)
        if _is_below(found["Key"], prefix)
        and found["LastModified"].timestamp() <= oldest
        and found.get("StorageClass", "STANDARD") not in skipped
    ]
    _delete(bucket, keys, purged)


def _write_manifests(folder: str, purged: Purged) -> None:
    """Success.csv and Failed.csv below the manifest path: one object a line."""
    bucket, prefix = _aws.split_s3(folder)
    base = f"{prefix.rstrip('/')}/" if prefix.rstrip("/") else ""
    for name, paths in (("Success.csv", purged.deleted), ("Failed.csv", [path for path, _ in purged.failed])):
        body = "".join(f"{path}\n" for path in paths)
        _aws.client("s3").put_object(Bucket=bucket, Key=f"{base}{name}", Body=body.encode())


def _finish(call: str, options: Mapping[str, Any], purged: Purged) -> int:
    manifest = options.get("manifestFilePath")
    if manifest:
        _write_manifests(str(manifest), purged)
    if purged.failed:
        path, reason = purged.failed[0]
        raise RuntimeError(
            f"{call} could not delete {len(purged.failed)} objects ({len(purged.deleted)} were deleted); {path}: {reason}"
        )
    return len(purged.deleted)


def _check(options: Mapping[str, Any]) -> None:
    """Wrong options are found before the first object is deleted."""
    hours(options, "retentionPeriod", _DEFAULT_HOURS)
    storage_classes(options)
    if options.get("manifestFilePath"):
        _aws.split_s3(str(options["manifestFilePath"]))


def purge_path(path: str, options: Mapping[str, Any]) -> int:
    """Delete the objects below a path that are older than `retentionPeriod` hours; how many were deleted."""
    _check(options)
    purged = Purged()
    _purge_below(path, options, purged)
    return _finish("purge_s3_path", options, purged)


def _is_empty(location: str) -> bool:
    bucket, prefix = _aws.split_s3(location)
    return not any(
        _is_below(one["Key"], prefix) and not one["Key"].endswith("/") for one in list_objects(bucket, prefix)
    )


def _drop_empty(table: CatalogTable, partitions: Iterable[CatalogPartition], scope: Mapping[str, str]) -> None:
    empty = [{"Values": list(one.values)} for one in partitions if _is_empty(one.location)]
    for start in range(0, len(empty), _PARTITION_BATCH):
        reply = _aws.client("glue").batch_delete_partition(
            DatabaseName=table.database,
            TableName=table.name,
            PartitionsToDelete=empty[start : start + _PARTITION_BATCH],
            **scope,
        )
        if reply.get("Errors"):
            first = reply["Errors"][0].get("ErrorDetail", {})
            raise RuntimeError(f"purge_table could not remove a partition of {table.name}: {first.get('ErrorMessage')}")


def purge_table(spark: SparkSession, table: CatalogTable, options: Mapping[str, Any], catalog_id: str | None) -> int:
    """Delete a table's old objects, of all partitions or of those that `partitionPredicate` is true for.

    A partition whose objects are all gone is removed from the catalog. Gives how many objects were deleted.
    """
    _check(options)
    predicate, purged = str(options.get("partitionPredicate") or ""), Purged()
    if not table.partition_keys:
        select_partitions(spark, [], (), predicate)
        _purge_below(table.location, options, purged)
        return _finish("purge_table", options, purged)
    registered = _catalog.list_partitions(table, catalog_id=catalog_id)
    chosen = select_partitions(spark, registered, table.partition_keys, predicate)
    for partition in chosen:
        _purge_below(partition.location, options, purged)
    _drop_empty(table, chosen, {"CatalogId": catalog_id} if catalog_id else {})
    return _finish("purge_table", options, purged)

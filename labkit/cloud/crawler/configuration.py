"""What a crawler was told: targets, policies, the Configuration JSON, and the refusals of what is not run locally."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.globs import glob_to_regex

_PATH = re.compile(r"s3://(?P<bucket>[^/]+)(?:/(?P<key>.*))?", re.DOTALL)
_TARGET_KINDS = {
    "JdbcTargets": "JDBC",
    "MongoDBTargets": "MongoDB",
    "DynamoDBTargets": "DynamoDB",
    "CatalogTargets": "Data Catalog",
    "DeltaTargets": "Delta Lake",
    "IcebergTargets": "Iceberg",
    "HudiTargets": "Hudi",
}
_UPDATE_BEHAVIORS = ("LOG", "UPDATE_IN_DATABASE")
_DELETE_BEHAVIORS = ("LOG", "DELETE_FROM_DATABASE", "DEPRECATE_IN_DATABASE")
_RECRAWL_BEHAVIORS = ("CRAWL_EVERYTHING", "CRAWL_NEW_FOLDERS_ONLY")
_MAX_SAMPLE = 249


@dataclass(frozen=True)
class Target:
    """One S3 include path: ``key`` as given, without a leading slash; ``sample_size`` 0 means every file."""

    bucket: str
    key: str
    exclusions: tuple[str, ...] = ()
    sample_size: int = 0

    @property
    def path(self) -> str:
        """The include path as a URL."""
        return f"s3://{self.bucket}/{self.key}"


@dataclass(frozen=True)
class Grouping:
    """The Configuration JSON's part that decides about tables."""

    merge_new_columns: bool = False
    inherit_from_table: bool = False
    combine_schemas: bool = False
    table_level: int = 0


def invalid(message: str) -> AwsError:
    """InvalidInputException."""
    return AwsError("InvalidInputException", message)


def read_targets(targets: Mapping[str, Any]) -> tuple[Target, ...]:
    """Return the S3 targets; AwsError InvalidInputException names a kind of target that is not run locally."""
    for key, kind in _TARGET_KINDS.items():
        if targets.get(key):
            raise invalid(f"{kind} targets ({key}) are not run by the local cloud: only S3Targets are.")
    found = tuple(_read_target(target) for target in targets.get("S3Targets") or ())
    if not found:
        raise invalid("Crawler cannot be created without a target: give at least one path in Targets.S3Targets.")
    return found


def read_grouping(configuration: str | None) -> Grouping:
    """Parse the Configuration JSON; AwsError InvalidInputException when it is wrong or asks for what is not run."""
    if not configuration:
        return Grouping()
    try:
        document = json.loads(configuration)
        known = {"Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex"}
        unknown = set(document) - known
        output, grouping = document.get("CrawlerOutput") or {}, document.get("Grouping") or {}
        tables = (output.get("Tables") or {}).get("AddOrUpdateBehavior")
        partitions = (output.get("Partitions") or {}).get("AddOrUpdateBehavior")
        policy = grouping.get("TableGroupingPolicy")
        level = grouping.get("TableLevelConfiguration") or 0
    except (ValueError, TypeError, AttributeError) as error:
        raise invalid(f"Crawler Configuration is not a valid JSON object: {error}") from error
    if unknown:
        raise invalid(
            f"Crawler Configuration has keys that the local cloud does not run: {', '.join(sorted(unknown))}."
        )
    _one_of("CrawlerOutput.Tables.AddOrUpdateBehavior", tables, ("MergeNewColumns",))
    _one_of("CrawlerOutput.Partitions.AddOrUpdateBehavior", partitions, ("InheritFromTable",))
    _one_of("Grouping.TableGroupingPolicy", policy, ("CombineCompatibleSchemas",))
    if not isinstance(level, int) or level < 0:
        raise invalid("Grouping.TableLevelConfiguration must be a positive integer (the bucket is level 1).")
    return Grouping(tables is not None, partitions is not None, policy is not None, level)


def read_policy(policy: Mapping[str, Any] | None, recrawl: Mapping[str, Any] | None) -> tuple[str, str, str]:
    """Return UpdateBehavior, DeleteBehavior and RecrawlBehavior with AWS's defaults."""
    update = (policy or {}).get("UpdateBehavior") or "UPDATE_IN_DATABASE"
    delete = (policy or {}).get("DeleteBehavior") or "DEPRECATE_IN_DATABASE"
    behavior = (recrawl or {}).get("RecrawlBehavior") or "CRAWL_EVERYTHING"
    _one_of("SchemaChangePolicy.UpdateBehavior", update, _UPDATE_BEHAVIORS)
    _one_of("SchemaChangePolicy.DeleteBehavior", delete, _DELETE_BEHAVIORS)
    if behavior == "CRAWL_EVENT_MODE":
        raise invalid("RecrawlBehavior CRAWL_EVENT_MODE needs SQS events, which the local cloud does not run.")
    _one_of("RecrawlPolicy.RecrawlBehavior", behavior, _RECRAWL_BEHAVIORS)
    if behavior == "CRAWL_NEW_FOLDERS_ONLY" and (update, delete) != ("LOG", "LOG"):
        raise invalid(
            'The SchemaChangePolicy for "Crawl new folders only" Amazon S3 target can have only LOG DeleteBehavior '
            "value and LOG UpdateBehavior value."
        )
    return update, delete, behavior


def _read_target(target: Mapping[str, Any]) -> Target:
    match = _PATH.fullmatch(target.get("Path") or "")
    if not match:
        raise invalid(f'The S3 target path "{target.get("Path")}" is not valid: write it as s3://bucket/folder/.')
    for key, feature in (("ConnectionName", "network connections"), ("EventQueueArn", "SQS event mode")):
        if target.get(key):
            raise invalid(f"{feature} ({key}) are not run by the local cloud: leave {key} out of the S3 target.")
    exclusions = tuple(target.get("Exclusions") or ())
    for pattern in exclusions:
        try:
            re.compile(glob_to_regex(pattern))
        except (ValueError, re.error) as error:
            raise invalid(str(error)) from error
    sample = target.get("SampleSize")
    if sample is not None and not 1 <= sample <= _MAX_SAMPLE:
        raise invalid(f"SampleSize must be an integer between 1 and {_MAX_SAMPLE}, not {sample}.")
    return Target(match["bucket"], match["key"] or "", exclusions, sample or 0)


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise invalid(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")

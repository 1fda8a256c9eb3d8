"""What a crawler was told: targets, policies, the Configuration JSON, and the refusals of what is not run locally."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labkit.cloud.call import AwsError
from labkit.cloud.crawler.globs import glob_to_regex

# AWS documents the include path as bucket-name/folder-name/file-name.ext; everybody writes s3:// before it.
_PATH = re.compile(r"(?:s3://)?(?P<bucket>[a-z0-9][a-z0-9._-]{0,62})(?:/(?P<key>.*))?", re.DOTALL)
_TARGET_KINDS = {
    "JdbcTargets": "JDBC",
    "MongoDBTargets": "MongoDB",
    "DynamoDBTargets": "DynamoDB",
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
class CatalogTable:
    """One table of a CatalogTarget."""

    database: str
    table: str


@dataclass(frozen=True)
class Targets:
    """What a crawler looks at: include paths, or tables of the catalog; never both."""

    s3: tuple[Target, ...] = ()
    catalog: tuple[CatalogTable, ...] = ()


@dataclass(frozen=True)
class Grouping:
    """What the Configuration JSON says; a number of 0 stands for none."""

    merge_new_columns: bool = False
    inherit_from_table: bool = False
    combine_schemas: bool = False
    table_level: int = 0
    table_threshold: int = 0
    partition_index: bool = True


def invalid(message: str) -> AwsError:
    """InvalidInputException."""
    return AwsError("InvalidInputException", message)


def read_targets(targets: Mapping[str, Any]) -> Targets:
    """Return the targets; AwsError InvalidInputException names a kind of target that is not run locally."""
    for key, kind in _TARGET_KINDS.items():
        if targets.get(key):
            raise invalid(
                f"{kind} targets ({key}) are not run by the local cloud: only S3Targets and CatalogTargets are."
            )
    s3 = tuple(_read_target(target) for target in targets.get("S3Targets") or ())
    tables = tuple(table for target in targets.get("CatalogTargets") or () for table in _read_catalog_target(target))
    if not s3 and not tables:
        raise invalid("Crawler cannot be created without a target: give at least one path in Targets.S3Targets.")
    if s3 and tables:
        raise invalid(
            "The crawler cannot have catalog targets mixed with other target types. Specify crawler targets that include "
            "only catalog, or only non-catalog targets"
        )
    return Targets(s3, tables)


def read_grouping(configuration: str | None) -> Grouping:
    """Parse the Configuration JSON; AwsError InvalidInputException when it is wrong or asks for what is not run."""
    if not configuration:
        return Grouping()
    try:
        document = json.loads(configuration)
    except ValueError as error:
        raise invalid(f"Crawler Configuration is not valid JSON: {error}.") from error
    _known("", document, ("Version", "CrawlerOutput", "Grouping", "CreatePartitionIndex"))
    version = document.get("Version")
    if isinstance(version, bool) or version not in (1, "1.0", "1"):
        raise invalid(f"The Version of the Crawler Configuration must be 1.0, not {json.dumps(version)}.")
    output = _known("CrawlerOutput", document.get("CrawlerOutput", {}), ("Tables", "Partitions"))
    tables = _known("CrawlerOutput.Tables", output.get("Tables", {}), ("AddOrUpdateBehavior", "TableThreshold"))
    partitions = _known("CrawlerOutput.Partitions", output.get("Partitions", {}), ("AddOrUpdateBehavior",))
    grouping = _known("Grouping", document.get("Grouping", {}), ("TableGroupingPolicy", "TableLevelConfiguration"))
    index = document.get("CreatePartitionIndex", True)
    if not isinstance(index, bool):
        raise invalid("CreatePartitionIndex must be true or false.")
    return Grouping(
        _is_set("CrawlerOutput.Tables.AddOrUpdateBehavior", tables, "MergeNewColumns"),
        _is_set("CrawlerOutput.Partitions.AddOrUpdateBehavior", partitions, "InheritFromTable"),
        _is_set("Grouping.TableGroupingPolicy", grouping, "CombineCompatibleSchemas"),
        _positive("Grouping.TableLevelConfiguration", grouping),
        _positive("CrawlerOutput.Tables.TableThreshold", tables),
        index,
    )


def check_catalog_policy(targets: Targets, delete: str, behavior: str) -> None:
    """AWS's conditions for catalog targets: deleted objects are only logged, and every crawl is a whole one."""
    if targets.catalog and delete != "LOG":
        raise invalid("The SchemaChangePolicy for catalog targets can have only LOG DeleteBehavior value.")
    if targets.catalog and behavior != "CRAWL_EVERYTHING":
        raise invalid("The RecrawlPolicy for catalog targets can have only CRAWL_EVERYTHING RecrawlBehavior value.")


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
    path = target.get("Path") or ""
    match = _PATH.fullmatch(path)
    if not match:
        raise invalid(f'The S3 target path "{path}" is not valid: write it as s3://bucket/folder/.')
    _refuse_in_target(target)
    exclusions = tuple(target.get("Exclusions") or ())
    for pattern in exclusions:
        try:
            re.compile(glob_to_regex(pattern))
        except (ValueError, re.error) as error:
            raise invalid(f"{error}.") from error
    sample = target.get("SampleSize")
    if sample is not None and (not isinstance(sample, int) or not 1 <= sample <= _MAX_SAMPLE):
        raise invalid(f"SampleSize must be an integer between 1 and {_MAX_SAMPLE}, not {sample}.")
    return Target(match["bucket"], match["key"] or "", exclusions, sample or 0)


def _read_catalog_target(target: Mapping[str, Any]) -> list[CatalogTable]:
    _refuse_in_target(target)
    if not target.get("DatabaseName") or not target.get("Tables"):
        raise invalid("A catalog target needs DatabaseName and at least one name in Tables.")
    return [CatalogTable(target["DatabaseName"].lower(), name.lower()) for name in target["Tables"]]


def _refuse_in_target(target: Mapping[str, Any]) -> None:
    refused = (
        ("ConnectionName", "network connections"),
        ("EventQueueArn", "SQS event mode"),
        ("DlqEventQueueArn", "SQS event mode"),
    )
    for key, feature in refused:
        if target.get(key):
            raise invalid(f"{feature} ({key}) are not run by the local cloud: leave {key} out of the target.")


def _known(name: str, value: Any, keys: tuple[str, ...]) -> dict[str, Any]:
    shown = f"Crawler Configuration{' ' if name else ''}{name}"
    if not isinstance(value, dict):
        raise invalid(f"{shown} is not a valid JSON object.")
    unknown = sorted(set(value) - set(keys))
    if unknown:
        # "CrawlerOutput.Partitions contains unsupported keys: UpdateBehavior." is recorded in LBHackney-IT/Data-Platform#979.
        text = f"{name or shown} contains unsupported keys: {', '.join(unknown)}."
        raise invalid(f"{text} The keys are {', '.join(keys)}.")
    return value


def _is_set(name: str, settings: Mapping[str, Any], allowed: str) -> bool:
    value = settings.get(name.rpartition(".")[2])
    _one_of(name, value, (allowed,))
    return value is not None


def _positive(name: str, settings: Mapping[str, Any]) -> int:
    """0 when it is not given."""
    value = settings.get(name.rpartition(".")[2])
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise invalid(f"{name} must be an integer greater than 0, not {value!r}.")
    return value


def _one_of(name: str, value: Any, allowed: tuple[str, ...]) -> None:
    if value is not None and value not in allowed:
        raise invalid(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")

"""The crawler's stored document: built from CreateCrawler, changed by UpdateCrawler, shown by GetCrawler."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from labkit.cloud.crawler.configuration import (
    check_catalog_policy,
    invalid,
    read_grouping,
    read_policy,
    read_targets,
)
from labkit.cloud.crawler.crawl import role_name
from labkit.cloud.crawler.schedules import schedule_document

Document = dict[str, Any]
_TARGET_KINDS = (
    "S3Targets",
    "JdbcTargets",
    "MongoDBTargets",
    "DynamoDBTargets",
    "CatalogTargets",
    "DeltaTargets",
    "IcebergTargets",
    "HudiTargets",
)
_NAME = re.compile(r"[^\r\n]{1,255}")


def create_document(params: Mapping[str, Any], now: float) -> Document:
    """Return the document of a new crawler; AwsError InvalidInputException for what is wrong or not run locally."""
    name = params["Name"]
    if not name.strip() or not _NAME.fullmatch(name):
        raise invalid("Name must be a text of 1 to 255 characters.")
    for key in ("Role", "Targets"):
        if not params[key]:
            raise invalid(f"{key} is required to create a crawler.")
    document = {
        "Name": name,
        "Classifiers": [],
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": now,
        "Version": 0,
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
    }
    return update_document(document, params, now)


def update_document(document: Document, params: Mapping[str, Any], now: float) -> Document:
    """Return the document with the given settings, one version later; the others stay."""
    _refuse(params)
    changed = dict(document)
    for key in ("DatabaseName", "Description", "TablePrefix", "Configuration", "Classifiers"):
        if params.get(key) is not None:
            changed[key] = params[key]
    if params.get("Role"):
        changed["Role"] = role_name(params["Role"])
    if params.get("Schedule"):
        changed["Schedule"] = schedule_document(params["Schedule"])
    policy = params.get("SchemaChangePolicy") or changed.get("SchemaChangePolicy")
    recrawl = params.get("RecrawlPolicy") or changed.get("RecrawlPolicy")
    update, delete, behavior = read_policy(policy, recrawl)
    if params.get("Targets"):
        read_targets(params["Targets"])
        changed["Targets"] = _shown_targets(params["Targets"])
        _check_same_targets(document, changed, behavior)
    check_catalog_policy(read_targets(changed["Targets"]), delete, behavior)
    changed["SchemaChangePolicy"] = {"UpdateBehavior": update, "DeleteBehavior": delete}
    changed["RecrawlPolicy"] = {"RecrawlBehavior": behavior}
    read_grouping(changed.get("Configuration"))
    return {**changed, "LastUpdated": now, "Version": document["Version"] + 1}


def shown(document: Document, now: float) -> Document:
    """Return the document as GetCrawler shows it; CrawlElapsedTime in milliseconds while it runs."""
    crawler = {key: value for key, value in document.items() if not key.startswith("_")}
    if document["State"] != "READY":
        crawler["CrawlElapsedTime"] = int((now - document["_started"]) * 1000)
    return crawler


def _refuse(params: Mapping[str, Any]) -> None:
    lake = (params.get("LakeFormationConfiguration") or {}).get("UseLakeFormationCredentials")
    lineage = (params.get("LineageConfiguration") or {}).get("CrawlerLineageSettings") == "ENABLE"
    asked = {
        "Lake Formation credentials (LakeFormationConfiguration)": lake,
        "data lineage (LineageConfiguration)": lineage,
        "security configurations (CrawlerSecurityConfiguration)": params.get("CrawlerSecurityConfiguration"),
    }
    for feature, wanted in asked.items():
        if wanted:
            raise invalid(f"The local cloud does not run {feature}.")


def _check_same_targets(document: Document, changed: Document, behavior: str) -> None:
    # AWS: with "Crawl new folders only" the S3 data stores cannot be changed when the crawler is edited.
    before = document.get("Targets")
    old = (document.get("RecrawlPolicy") or {}).get("RecrawlBehavior")
    if before and before != changed["Targets"] and behavior == old == "CRAWL_NEW_FOLDERS_ONLY":
        raise invalid("Amazon S3 target is immutable when Crawl new folders only is selected")


def _shown_targets(targets: Mapping[str, Any]) -> Document:
    s3 = [{**target, "Exclusions": list(target.get("Exclusions") or ())} for target in targets.get("S3Targets") or ()]
    return {**{key: list(targets.get(key) or ()) for key in _TARGET_KINDS}, "S3Targets": s3}

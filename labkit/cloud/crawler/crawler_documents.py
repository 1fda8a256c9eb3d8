"""The crawler's stored document: built from CreateCrawler, changed by UpdateCrawler, shown by GetCrawler."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.crawler.configuration import invalid, read_grouping, read_policy, read_targets
from labkit.cloud.crawler.crawl import role_name

Document = dict[str, Any]
_EMPTY_TARGETS = (
    "JdbcTargets",
    "MongoDBTargets",
    "DynamoDBTargets",
    "CatalogTargets",
    "DeltaTargets",
    "IcebergTargets",
    "HudiTargets",
)
_MAX_PREFIX = 128


def create_document(params: Mapping[str, Any], now: float) -> Document:
    """Return the document of a new crawler; AwsError InvalidInputException for what is wrong or not run locally."""
    document = {
        "Name": _text(params, "Name"),
        "Classifiers": [],
        "State": "READY",
        "CrawlElapsedTime": 0,
        "CreationTime": now,
        "Version": 0,
        "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
        "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
    }
    for key in ("Role", "DatabaseName", "Targets"):
        if not params.get(key):
            raise invalid(f"{key} is required to create a crawler that writes tables.")
    return update_document(document, params, now)


def update_document(document: Document, params: Mapping[str, Any], now: float) -> Document:
    """Return the document with the given settings, one version later; the others stay."""
    _refuse(params)
    changed = dict(document)
    for key in ("DatabaseName", "Description", "TablePrefix", "Configuration", "Classifiers"):
        if params.get(key) is not None:
            changed[key] = params[key]
    if len(changed.get("TablePrefix") or "") > _MAX_PREFIX:
        raise invalid(f"TablePrefix must have at most {_MAX_PREFIX} characters.")
    if params.get("Role"):
        changed["Role"] = role_name(params["Role"])
    if params.get("Targets"):
        read_targets(params["Targets"])
        changed["Targets"] = _shown_targets(params["Targets"])
    policy = params.get("SchemaChangePolicy") or changed.get("SchemaChangePolicy")
    recrawl = params.get("RecrawlPolicy") or changed.get("RecrawlPolicy")
    update, delete, behavior = read_policy(policy, recrawl)
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
        "schedules (Schedule): start the crawler with StartCrawler instead": params.get("Schedule"),
    }
    for feature, wanted in asked.items():
        if wanted:
            raise invalid(f"The local cloud does not run {feature}.")


def _shown_targets(targets: Mapping[str, Any]) -> Document:
    s3 = [{**target, "Exclusions": list(target.get("Exclusions") or ())} for target in targets["S3Targets"]]
    return {"S3Targets": s3, **{key: [] for key in _EMPTY_TARGETS}}


def _text(params: Mapping[str, Any], key: str) -> str:
    value = params.get(key)
    if not isinstance(value, str) or not value.strip() or len(value) > 255:
        raise invalid(f"{key} must be a text of 1 to 255 characters.")
    return value

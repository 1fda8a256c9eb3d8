"""Who made a table of the catalog: a crawler, or somebody by hand.

Glue writes `CreatedBy` itself, the ARN of the session that made the table; a crawler's session is called AWS-Crawler
(docs.aws.amazon.com/glue/latest/webapi/API_Table.html). A TableInput cannot hold it, whereas the parameter UPDATED_BY_CRAWLER is
anybody's to write. What was changed since shows by its time: no crawl was running then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from labkit.aws.crawls import Crawl, list_crawls
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding

_SESSION = "/AWS-Crawler"
_MOST_CRAWLS = 200


def judge_origin(context: Context, table: Mapping[str, Any], *, as_crawled: bool = True) -> Finding:
    """A crawler made the table and, with `as_crawled`, nobody has changed its definition since a crawl."""
    facts = {"table": str(table.get("Name", "")), "by": str(table.get("CreatedBy") or "—")}
    crawls = _list_crawls(context, str(table.get("Parameters", {}).get("UPDATED_BY_CRAWLER", "")))
    # Whoever assumes a role may call their session what they like: a crawl was running at that moment, or it was none.
    if not facts["by"].endswith(_SESSION) or not _is_within(crawls, table.get("CreateTime")):
        return Finding(False, "task_3.origin.by_hand", facts, "task_3.origin.delete_and_crawl")
    if as_crawled and (not _is_within(crawls, table.get("UpdateTime")) or _was_changed_at_once(table)):
        return Finding(False, "task_3.origin.changed", facts, "task_3.origin.delete_and_crawl")
    return Finding(True, "task_3.origin.crawler", facts)


def _was_changed_at_once(table: Mapping[str, Any]) -> bool:
    """A change in the very second of the crawl has no time of its own, but a version: a table that was only made is version 0."""
    return table.get("UpdateTime") == table.get("CreateTime") and str(table.get("VersionId") or "0") != "0"


def _list_crawls(context: Context, crawler: str) -> list[Crawl]:
    from botocore.exceptions import ClientError

    try:
        return list_crawls(context.clients.glue, crawler, _MOST_CRAWLS) if crawler else []
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return []


def _is_within(crawls: Sequence[Crawl], moment: datetime | None) -> bool:
    """Whether a crawl was running then; Glue may tell the moment in whole seconds."""
    return moment is not None and any(
        one.started_on.replace(microsecond=0) <= moment and (one.ended_on is None or moment <= one.ended_on)
        for one in crawls
    )

"""Who made a table of the catalog: a crawler, or somebody by hand.

Glue writes `CreatedBy` itself, the ARN of the session that made the table; a crawler's session is called AWS-Crawler
(docs.aws.amazon.com/glue/latest/webapi/API_Table.html). A TableInput cannot hold it, whereas the parameter UPDATED_BY_CRAWLER is
anybody's to write. What was changed since shows by its time: no crawl was running then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.aws.crawls import list_crawls
from labkit.aws.session import error_code
from labkit.checks.context import Context
from labkit.checks.finding import Finding

_SESSION = "/AWS-Crawler"
_MOST_CRAWLS = 200


def judge_origin(context: Context, table: Mapping[str, Any], *, as_crawled: bool = True) -> Finding:
    """A crawler made the table and, with `as_crawled`, nobody has changed its definition since a crawl."""
    facts = {"table": str(table.get("Name", "")), "by": str(table.get("CreatedBy") or "—")}
    if not facts["by"].endswith(_SESSION):
        return Finding(False, "task_3.origin.by_hand", facts, "task_3.origin.delete_and_crawl")
    if as_crawled and not _is_as_crawled(context, table):
        return Finding(False, "task_3.origin.changed", facts, "task_3.origin.delete_and_crawl")
    return Finding(True, "task_3.origin.crawler", facts)


def _is_as_crawled(context: Context, table: Mapping[str, Any]) -> bool:
    """Whether a crawl of the crawler that the table names was running at its last change; UpdateTime may be in whole seconds."""
    from botocore.exceptions import ClientError

    crawler, changed = table.get("Parameters", {}).get("UPDATED_BY_CRAWLER", ""), table.get("UpdateTime")
    if not crawler or changed is None:
        return False
    try:
        crawls = list_crawls(context.clients.glue, crawler, _MOST_CRAWLS)
    except ClientError as error:
        if error_code(error) != "EntityNotFoundException":
            raise
        return False
    return any(
        one.started_on.replace(microsecond=0) <= changed and (one.ended_on is None or changed <= one.ended_on)
        for one in crawls
    )

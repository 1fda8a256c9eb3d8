"""Glue crawlers: how one is set up, running it, waiting for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.session import error_code
from labkit.errors import PipelineError
from labkit.i18n import build_lesson

if TYPE_CHECKING:
    from mypy_boto3_glue.client import GlueClient

# A crawl of one folder took 40 s on AWS; ten minutes is what AWS charges at least.
CRAWL_PATIENCE_S = 600.0


@dataclass(frozen=True)
class CrawlerState:
    """A crawler: READY, RUNNING or STOPPING, and how its last crawl ended (None if it has never run)."""

    state: str
    role: str
    database: str
    paths: tuple[str, ...]
    table_prefix: str
    last_status: str | None
    last_error: str
    log_stream: str


def find_crawler(glue: GlueClient, name: str) -> CrawlerState | None:
    """The crawler as it is now, or None."""
    from botocore.exceptions import ClientError

    try:
        crawler = glue.get_crawler(Name=name)["Crawler"]
    except ClientError as error:
        if error_code(error) == "EntityNotFoundException":
            return None
        raise
    last = crawler.get("LastCrawl", {})
    return CrawlerState(
        state=str(crawler.get("State", "")),
        role=crawler.get("Role", "").rsplit("/", 1)[-1],
        database=crawler.get("DatabaseName", ""),
        paths=tuple(target.get("Path", "") for target in crawler.get("Targets", {}).get("S3Targets", [])),
        table_prefix=crawler.get("TablePrefix", "") or "",
        last_status=last.get("Status"),
        last_error=last.get("ErrorMessage", ""),
        log_stream=last.get("LogStream", ""),
    )


def start_crawler(glue: GlueClient, name: str) -> None:
    """Start a crawl; one that is already running is left to finish."""
    from botocore.exceptions import ClientError

    try:
        glue.start_crawler(Name=name)
    except ClientError as error:
        if error_code(error) != "CrawlerRunningException":
            raise


def wait_crawler(
    glue: GlueClient,
    name: str,
    *,
    patience_s: float = CRAWL_PATIENCE_S,
    poll_s: float = 0.2,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> CrawlerState:
    """Return the crawler once it is READY again and its last crawl SUCCEEDED.

    Errors: PipelineError if the crawl failed, the crawler is gone, or `patience_s` passed.
    """
    deadline = clock() + patience_s
    while True:
        crawler = find_crawler(glue, name)
        if crawler is None:
            raise build_lesson(PipelineError, "error.crawler_gone", name=name)
        if crawler.state == "READY" and crawler.last_status == "SUCCEEDED":
            return crawler
        if crawler.state == "READY" and crawler.last_status is not None:
            said = crawler.last_error or crawler.last_status
            raise build_lesson(PipelineError, "error.crawl_failed", name=name, reason=said)
        if clock() > deadline:
            raise build_lesson(
                PipelineError, "error.crawl_slow", name=name, seconds=int(patience_s), state=crawler.state
            )
        sleep(poll_s)

"""The crawler engine: every crawler call of the Glue API, and the crawls themselves in threads of this process."""

from __future__ import annotations

import threading
import uuid
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError, Call, Handler, Scope
from labkit.cloud.crawler.classifier_calls import classifier_routes, load_classifiers
from labkit.cloud.crawler.configuration import invalid, read_targets
from labkit.cloud.crawler.crawl import Crawl, check_role, role_arn, run_crawl
from labkit.cloud.crawler.crawler_documents import create_document, shown, update_document
from labkit.cloud.crawler.history import KIND as CRAWL
from labkit.cloud.crawler.history import LOG_GROUP, crawls_of, list_crawls, metrics, new_crawl
from labkit.cloud.crawler.incremental import KIND as FOLDERS
from labkit.cloud.crawler.pages import page
from labkit.cloud.crawler.permissions import LogDenied, check_log
from labkit.cloud.crawler.publish import Changes
from labkit.cloud.crawler.scan import CrawlFailed, CrawlStopped
from labkit.cloud.crawler.schedules import CRAWLER, ScheduleClock, due, schedule_routes
from labkit.cloud.crawler.summary import event_counts, summary, summary_lines
from labkit.cloud.data_catalog.shapes import check_request
from labkit.cloud.event_bus.glue_events import tell_crawl_began, tell_crawl_ended, tell_crawl_not_begun
from labkit.cloud.tags import clear_tags, get_tags, set_tags

if TYPE_CHECKING:
    from labkit.cloud.services import Services

_INTERRUPTED = "the local cloud was stopped during the crawl"
_CRAWL_STATES = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}
_STOP_WAIT_S = 5.0
# The text is recorded in aws-cloudformation/cloudformation-coverage-roadmap#817, the code in the API reference.
_IS_RUNNING = "Cannot update Crawler while running. Please stop crawl or wait until it completes to update."


class CrawlerEngine:
    """Answers the crawler and classifier calls of Glue; crawls run one thread each."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._lock = threading.RLock()
        self._publishing = threading.Lock()
        self._running: dict[str, tuple[threading.Thread, threading.Event]] = {}  # by crawl id
        self._closing = False
        routes: dict[tuple[str, str], Handler] = {
            ("glue", "CreateCrawler"): self._create,
            ("glue", "UpdateCrawler"): self._update,
            ("glue", "GetCrawler"): self._get,
            ("glue", "GetCrawlers"): self._get_all,
            ("glue", "ListCrawlers"): self._list,
            ("glue", "BatchGetCrawlers"): self._batch_get,
            ("glue", "DeleteCrawler"): self._delete,
            ("glue", "StartCrawler"): self._start,
            ("glue", "StopCrawler"): self._stop,
            ("glue", "GetCrawlerMetrics"): self._metrics,
            ("glue", "ListCrawls"): self._crawls,
            **schedule_routes(services, self._lock),
            **classifier_routes(services),
        }
        self.routes = {key: _checked(handler) for key, handler in routes.items()}
        self._schedules = ScheduleClock(services.clock, self.run_due)

    def start(self) -> None:
        """End what was running when the process died: those crawls are FAILED, their crawlers READY again."""
        for scope, _, document in self._services.documents.list(CRAWLER):
            if document["State"] != "READY":
                line = f"[{document['_crawl']}] ERROR : {_INTERRUPTED}"
                with suppress(LogDenied):
                    check_log(self._services, role_arn(document["Role"], scope), scope, LOG_GROUP, document["Name"])
                    self._services.logs(scope).write(LOG_GROUP, document["Name"], [line])
                self._finish(scope, document["Name"], document["_crawl"], "FAILED", _INTERRUPTED, Changes())
        self._schedules.start()

    def run_due(self, moment: datetime) -> None:
        """Start the crawlers that are scheduled for this minute; one that still runs is left to end, as on AWS."""
        for scope, name in due(self._services, moment):
            try:
                self._begin(scope, name)
            except AwsError as error:
                tell_crawl_not_begun(self._services.emit, scope, name, error.message)

    def stop(self) -> None:
        """End running crawls; they become FAILED."""
        self._schedules.stop()
        with self._lock:
            self._closing = True
            running = list(self._running.values())
        for _, stopped in running:
            stopped.set()
        for thread, _ in running:
            thread.join(_STOP_WAIT_S)

    def _create(self, call: Call) -> dict[str, Any]:
        document = create_document(call.params, self._now())
        with self._lock:
            if self._services.documents.find(CRAWLER, call.scope, document["Name"]) is not None:
                raise AwsError("AlreadyExistsException", f"Crawler {document['Name']} already exists.")
            self._check_references(document, call.scope)
            self._check_buckets(call.params["Targets"])
            self._services.documents.put(CRAWLER, call.scope, document["Name"], document)
        set_tags(call.scope, "crawler", document["Name"], call.params.get("Tags") or {})
        return {}

    def _update(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            if document["State"] != "READY":
                raise AwsError("CrawlerRunningException", _IS_RUNNING)
            changed = update_document(document, call.params, self._now())
            self._check_references(changed, call.scope)
            self._check_buckets(call.params.get("Targets") or {})
            self._services.documents.put(CRAWLER, call.scope, changed["Name"], changed)
        return {}

    def _get(self, call: Call) -> dict[str, Any]:
        return {"Crawler": shown(self._find(call), self._now())}

    def _get_all(self, call: Call) -> dict[str, Any]:
        found, more = page(self._documents(call.scope), call.params)
        return {"Crawlers": [shown(document, self._now()) for document in found], **more}

    def _list(self, call: Call) -> dict[str, Any]:
        wanted = (call.params.get("Tags") or {}).items()
        found = [document["Name"] for document in self._documents(call.scope)]
        names = [name for name in found if wanted <= get_tags(call.scope, "crawler", name).items()]
        found, more = page(names, call.params)
        return {"CrawlerNames": found, **more}

    def _batch_get(self, call: Call) -> dict[str, Any]:
        by_name = {document["Name"]: document for document in self._documents(call.scope)}
        names = call.params["CrawlerNames"]
        return {
            "Crawlers": [shown(by_name[name], self._now()) for name in names if name in by_name],
            "CrawlersNotFound": [name for name in names if name not in by_name],
        }

    def _delete(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            if document["State"] != "READY":
                raise AwsError(
                    "CrawlerRunningException", f"Crawler with name {document['Name']} is running: stop it first."
                )
            name = document["Name"]
            for crawl in crawls_of(name, call.scope, self._services):
                self._services.documents.delete(CRAWL, call.scope, crawl["CrawlId"])
            self._services.documents.delete(FOLDERS, call.scope, name)
            self._services.documents.delete(CRAWLER, call.scope, name)
        clear_tags(call.scope, "crawler", name)
        return {}

    def _metrics(self, call: Call) -> dict[str, Any]:
        wanted = call.params.get("CrawlerNameList")
        names = [document["Name"] for document in self._documents(call.scope)]
        found, more = page([name for name in names if not wanted or name in wanted], call.params)
        entries = [metrics(name, crawls_of(name, call.scope, self._services), self._now()) for name in found]
        return {"CrawlerMetricsList": entries, **more}

    def _crawls(self, call: Call) -> dict[str, Any]:
        document = self._find(call, "CrawlerName")
        crawls = crawls_of(document["Name"], call.scope, self._services)
        found, more = page(list_crawls(crawls, call.params.get("Filters") or []), call.params, default_size=20)
        return {"Crawls": found, **more}

    def _start(self, call: Call) -> dict[str, Any]:
        self._begin(call.scope, call.params.get("Name") or "")
        return {}

    def _begin(self, scope: Scope, name: str) -> None:
        with self._lock:
            document = self._named(scope, name)
            if document["State"] != "READY":
                raise AwsError("CrawlerRunningException", f"Crawler with name {name} has already started")
            if self._closing:
                raise AwsError(
                    "OperationTimeoutException", "The local cloud is stopping: run `labkit up` and try again."
                )
            crawl_id, now = str(uuid.uuid4()), self._now()
            running = {**document, "State": "RUNNING", "_crawl": crawl_id, "_started": now}
            self._services.documents.put(CRAWL, scope, crawl_id, new_crawl(name, crawl_id, now))
            self._services.documents.put(CRAWLER, scope, name, running)
            stopped = threading.Event()
            thread = threading.Thread(
                target=self._run, args=(scope, running, stopped), name=f"crawl-{name}", daemon=True
            )
            self._running[crawl_id] = (thread, stopped)
            tell_crawl_began(self._services.emit, scope, name, now)
            thread.start()

    def _stop(self, call: Call) -> dict[str, Any]:
        with self._lock:
            document = self._find(call)
            name = document["Name"]
            if document["State"] == "STOPPING":
                raise AwsError("CrawlerStoppingException", f"Crawler with name {name} is stopping")
            if document["State"] != "RUNNING":
                raise AwsError("CrawlerNotRunningException", f"Crawler with name {name} is not running")
            self._services.documents.put(CRAWLER, call.scope, name, {**document, "State": "STOPPING"})
            self._running[document["_crawl"]][1].set()
        return {}

    def _run(self, scope: Scope, document: dict[str, Any], stopped: threading.Event) -> None:
        name, crawl_id = document["Name"], document["_crawl"]

        def check() -> None:
            if stopped.is_set():
                raise CrawlStopped

        def log(level: str, text: str) -> None:
            self._services.logs(scope).write(LOG_GROUP, name, [f"[{crawl_id}] {level} : {text}"])

        changes, silent = Changes(), False
        try:
            check_role(document["Role"], scope, self._services)
            check_log(self._services, role_arn(document["Role"], scope), scope, LOG_GROUP, name)
            log("BENCHMARK", f"Running Start Crawl for Crawler {name}")
            classifiers = load_classifiers(document["Classifiers"], scope, self._services)
            changes = run_crawl(
                Crawl(document, crawl_id, scope, classifiers, check, log, self._publishing), self._services
            )
            self._mark_stopping(scope, name)
            log("BENCHMARK", "Finished writing to Catalog")
            for line in summary_lines(changes):
                log("INFO", line)
            status, message = "SUCCEEDED", ""
        except CrawlStopped:
            status, message = ("FAILED", _INTERRUPTED) if self._closing else ("CANCELLED", "")
        except LogDenied as error:
            status, message, silent = "FAILED", str(error), True
        except (CrawlFailed, AwsError) as error:
            status, message = "FAILED", str(error)
        except Exception as error:  # noqa: BLE001 - a crawl must never stay RUNNING, whatever happened to it
            status, message = "FAILED", f"Internal error of the local cloud: {type(error).__name__}: {error}"
        try:
            if message and not silent:
                log("ERROR", message)
            if not silent:
                log("BENCHMARK", "Crawler has finished running and is in state READY")
        finally:
            self._finish(scope, name, crawl_id, status, message, changes)

    def _mark_stopping(self, scope: Scope, name: str) -> None:
        with self._lock:
            document = self._services.documents.find(CRAWLER, scope, name)
            if document is not None:
                self._services.documents.put(CRAWLER, scope, name, {**document, "State": "STOPPING"})

    def _finish(self, scope: Scope, name: str, crawl_id: str, status: str, message: str, changes: Changes) -> None:
        now = self._now()
        with self._lock:
            self._running.pop(crawl_id, None)
            crawl = self._services.documents.find(CRAWL, scope, crawl_id)
            document = self._services.documents.find(CRAWLER, scope, name)
            if crawl is None or document is None:
                return
            ended = {
                "State": _CRAWL_STATES[status],
                "EndTime": now,
                "ErrorMessage": message[:2048],
                "Summary": summary(changes),
                "TablesCreated": len(changes.created),
                "TablesUpdated": len(changes.updated),
                "TablesDeleted": len(changes.deleted),
            }
            self._services.documents.put(CRAWL, scope, crawl_id, {**crawl, **ended})
            last = {key: crawl[key] for key in ("LogGroup", "LogStream", "MessagePrefix", "StartTime")}
            last = {"Status": status, **({"ErrorMessage": message[:2048]} if message else {}), **last}
            self._services.documents.put(CRAWLER, scope, name, {**document, "State": "READY", "LastCrawl": last})
        facts = {"created": len(changes.created), "updated": len(changes.updated), "deleted": len(changes.deleted)}
        self._services.happenings.note(
            "crawl", scope, name, status, seconds=now - crawl["StartTime"], reason=message[:500], **facts
        )
        times = (crawl["StartTime"], now)
        tell_crawl_ended(self._services.emit, scope, name, status, message, event_counts(changes), times)

    def _check_references(self, document: dict[str, Any], scope: Scope) -> None:
        try:
            check_role(document["Role"], scope, self._services)
            load_classifiers(document["Classifiers"], scope, self._services)
        except CrawlFailed as error:
            raise invalid(str(error)) from error
        except AwsError as error:
            raise invalid(error.message) from error

    def _check_buckets(self, targets: dict[str, Any]) -> None:
        """AWS looks for the buckets when a target is given; the text is recorded in ansible-collections/community.aws#1796."""
        for target in read_targets(targets).s3 if targets else ():
            if not self._services.store.has_bucket(target.bucket):
                raise invalid(f"S3 bucket {target.bucket} does not exist.")

    def _find(self, call: Call, key: str = "Name") -> dict[str, Any]:
        return self._named(call.scope, call.params.get(key) or "")

    def _named(self, scope: Scope, name: str) -> dict[str, Any]:
        found = self._services.documents.find(CRAWLER, scope, name)
        if found is None:
            raise AwsError("EntityNotFoundException", f"Crawler entry with name {name} does not exist")
        return found

    def _documents(self, scope: Scope) -> list[dict[str, Any]]:
        return [document for _, _, document in self._services.documents.list(CRAWLER, scope)]

    def _now(self) -> float:
        return self._services.clock().timestamp()


def _checked(handler: Handler) -> Handler:
    """The handler, after the check that AWS makes of every request by the service's own description."""

    def answer(call: Call) -> dict[str, Any]:
        check_request(call.action, call.params)
        return handler(call)

    return answer

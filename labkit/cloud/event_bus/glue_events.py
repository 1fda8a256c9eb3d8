"""The events of Glue (docs.aws.amazon.com/glue, "Automating AWS Glue with EventBridge"): job runs, crawls, the Data Catalog."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

from labkit.cloud.call import Call, Scope
from labkit.cloud.event_bus.port import Emit

GLUE = "aws.glue"
_ENDINGS = {
    "SUCCEEDED": ("INFO", "Job run succeeded"), "FAILED": ("ERROR", ""), "TIMEOUT": ("WARN", "Job run timed out"),
    "STOPPED": ("INFO", "Job run stopped"),
}  # fmt: skip
_GOING_ON = ("STARTING", "RUNNING", "STOPPING")
_NAMES_AT_ONCE = 100
# What is told of a database and what of a table, by the API's names.
_OF_DATABASES = frozenset({"CreateDatabase", "DeleteDatabase", "CreateTable", "DeleteTable", "BatchDeleteTable"})
_OF_TABLES = frozenset(
    {"UpdateTable", "CreatePartition", "BatchCreatePartition", "UpdatePartition", "BatchUpdatePartition"}
    | {"DeletePartition", "BatchDeletePartition"}
)


class JobEvents:
    """Hears every state of every run; ``find`` gives a run's document, ``minute_s`` is how long a minute of NotifyDelayAfter lasts."""

    def __init__(
        self,
        emit: Emit,
        find: Callable[[Scope, str], Mapping[str, Any] | None],
        clock: Callable[[], datetime],
        minute_s: float,
    ) -> None:
        self._emit, self._find, self._clock, self._minute_s = emit, find, clock, minute_s

    def tell(self, scope: Scope, run: Mapping[str, Any]) -> None:
        """The run has come into the state that its document shows."""
        state = run["JobRunState"]
        if state in _ENDINGS:
            severity, message = _ENDINGS[state]
            detail = _job(run, severity, message or _failure(run))
            self._emit(scope, GLUE, "Glue Job State Change", detail)
        elif state in _GOING_ON:
            self._watch(scope, run)

    def _watch(self, scope: Scope, run: Mapping[str, Any]) -> None:
        """A run that goes on for longer than it asked to be told of: one event for each state it is in from then on."""
        delay = (run.get("NotificationProperty") or {}).get("NotifyDelayAfter")
        if not delay:
            return
        late_s = run["StartedOn"] + float(delay) * self._minute_s - self._clock().timestamp()
        if late_s <= 0:
            self._tell_status(scope, run, float(delay))
            return
        timer = threading.Timer(late_s, self._tell_if_still, (scope, run, float(delay)))
        timer.daemon = True
        timer.start()

    def _tell_if_still(self, scope: Scope, run: Mapping[str, Any], delay: float) -> None:
        now = self._find(scope, run["Id"])
        if now is not None and now["JobRunState"] == run["JobRunState"]:
            self._tell_status(scope, run, delay)

    def _tell_status(self, scope: Scope, run: Mapping[str, Any], delay: float) -> None:
        detail = _job(run, "INFO", f"Job is in {run['JobRunState']} state")
        more = {"notificationCondition": {"NotifyDelayAfter": delay}, "startedOn": _milliseconds(run["StartedOn"])}
        self._emit(scope, GLUE, "Glue Job Run Status", {**detail, **more})


def tell_crawl_began(emit: Emit, scope: Scope, crawler: str, started: float) -> None:
    """A crawl has begun (epoch seconds)."""
    detail = {
        "accountId": scope.account, "crawlerName": crawler, "startTime": _seconds(started), "state": "Started",
        "message": "Crawler Started",
    }  # fmt: skip
    emit(scope, GLUE, "Glue Crawler State Change", detail)


def tell_crawl_ended(
    emit: Emit,
    scope: Scope,
    crawler: str,
    status: str,
    message: str,
    counts: Mapping[str, int],
    times: tuple[float, float],
) -> None:
    """A crawl has ended; ``counts`` by the event's names (tablesCreated …), ``times`` its start and end. A stopped one has no event."""
    console = f"https://console.aws.amazon.com/cloudwatch/home?region={scope.region}"
    link = f"{console}#logEventViewer:group=/aws-glue/crawlers;stream={crawler}"
    base = {"accountId": scope.account, "crawlerName": crawler, "cloudWatchLogLink": link}
    if status == "SUCCEEDED":
        detail: dict[str, Any] = {
            **{name: str(count) for name, count in counts.items()}, "warningMessage": "N/A",
            "message": "Crawler Succeeded", "runningTime (sec)": str(round(times[1] - times[0])),
            "completionDate": _seconds(times[1]), "state": "Succeeded", **base,
        }  # fmt: skip
    elif status == "FAILED":
        detail = {**base, "errorMessage": message, "state": "Failed", "message": "Crawler Failed"}
    else:
        return
    emit(scope, GLUE, "Glue Crawler State Change", detail)


def tell_crawl_not_begun(emit: Emit, scope: Scope, crawler: str, message: str) -> None:
    """A schedule could not start its crawler."""
    detail = {"customerId": scope.account, "crawlerName": crawler, "errorMessage": message}
    emit(scope, GLUE, "Glue Scheduled Crawler Invocation Failure", detail)


def tell_catalog_call(emit: Emit, call: Call, result: Mapping[str, Any]) -> None:
    """A call changed the Data Catalog; what a batch could not change is left out."""
    params = call.params
    failed = result.get("Errors") or []
    if call.action in ("CreateDatabase", "DeleteDatabase"):
        name = params["Name"] if call.action == "DeleteDatabase" else params["DatabaseInput"]["Name"]
        tell_catalog(emit, call.scope, call.action, name)
    elif call.action in ("CreateTable", "DeleteTable", "BatchDeleteTable", "UpdateTable"):
        single = params.get("Name") or (params.get("TableInput") or {}).get("Name") or ""
        missed = {error.get("TableName") for error in failed}
        names = [name for name in params.get("TablesToDelete") or [single] if name not in missed]
        if call.action == "UpdateTable":
            tell_catalog(emit, call.scope, call.action, params["DatabaseName"], table=single)
        elif names:
            tell_catalog(emit, call.scope, call.action, params["DatabaseName"], tables=names)
    elif call.action in _OF_TABLES:
        missed_values = [error.get("PartitionValues") or error.get("PartitionValueList") for error in failed]
        values = [one for one in _partitions(call.action, params) if one not in missed_values]
        if values:
            tell_catalog(
                emit, call.scope, call.action, params["DatabaseName"], table=params["TableName"], partitions=values
            )


def tell_catalog(
    emit: Emit, scope: Scope, change: str, database: str, *, tables: Sequence[str] = (), table: str = "",
    partitions: Sequence[Sequence[str]] = (),
) -> None:  # fmt: skip
    """One change of the Data Catalog by the API's name for it, a hundred names an event."""
    place, database = f"arn:aws:glue:{scope.region}:{scope.account}", database.lower()
    if change in _OF_DATABASES:
        for part in _parts([name.lower() for name in tables]):
            arns = [f"{place}:table/{database}/{name}" for name in part] or [f"{place}:database/{database}"]
            detail = {"databaseName": database, "typeOfChange": change, "changedTables": part}
            emit(scope, GLUE, "Glue Data Catalog Database State Change", detail, arns)
    elif change in _OF_TABLES:
        table = table.lower()
        for part in _parts([f"[{', '.join(values)}]" for values in partitions]):
            detail = {"databaseName": database, "changedPartitions": part, "typeOfChange": change, "tableName": table}
            emit(scope, GLUE, "Glue Data Catalog Table State Change", detail, [f"{place}:table/{database}/{table}"])


def _partitions(action: str, params: Mapping[str, Any]) -> list[list[str]]:
    if action == "CreatePartition":
        return [params["PartitionInput"].get("Values") or []]
    if action == "BatchCreatePartition":
        return [one.get("Values") or [] for one in params["PartitionInputList"]]
    if action == "UpdatePartition":
        return [params["PartitionValueList"]]
    if action == "BatchUpdatePartition":
        return [one.get("PartitionValueList") or [] for one in params["Entries"]]
    if action == "DeletePartition":
        return [params["PartitionValues"]]
    return [one.get("Values") or [] for one in params["PartitionsToDelete"]]


def _parts(names: Sequence[str]) -> list[list[str]]:
    return [list(names[start : start + _NAMES_AT_ONCE]) for start in range(0, max(len(names), 1), _NAMES_AT_ONCE)]


def _job(run: Mapping[str, Any], severity: str, message: str) -> dict[str, Any]:
    return {
        "jobName": run["JobName"], "severity": severity, "state": run["JobRunState"], "jobRunId": run["Id"],
        "message": message,
    }  # fmt: skip


def _failure(run: Mapping[str, Any]) -> str:
    return f"JobName:{run['JobName']} and JobRunId:{run['Id']} failed to execute with exception {run.get('ErrorMessage') or ''}"


def _seconds(moment: float) -> str:
    return datetime.fromtimestamp(moment, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _milliseconds(moment: float) -> str:
    when = datetime.fromtimestamp(moment, timezone.utc)
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03d}Z"


def may_change(call: Call) -> bool:
    """Whether a call of the Data Catalog is one that is told of."""
    return call.action in _OF_DATABASES or call.action in _OF_TABLES

"""How each part of the pipeline stands, in a word and a count: what the map draws and its table says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.pipeline_state import BucketState, FunctionActivity, JobActivity, PipelineState
from labkit.i18n import text
from labkit.ui.glue_progress import format_size
from labkit.ui.job_result import STATES
from labkit.ui.nodes import Chip

if TYPE_CHECKING:
    from labkit.aws.crawler import CrawlerState
    from labkit.names import Names

_FAILED_RUNS = ("FAILED", "TIMEOUT", "ERROR", "EXPIRED")


@dataclass(frozen=True)
class Box:
    """One part: what kind it is, its name, how it stands, and what is counted there."""

    part: str
    kind: str
    name: str
    chip: Chip
    counts: str

    @property
    def exists(self) -> bool:
        return self.chip.tone != "idle"


def build_boxes(state: PipelineState, names: Names) -> dict[str, Box]:
    """Every part by its key, in the order in which data goes through them."""
    tables = f"{names.database}.*"
    boxes = (
        _bucket("raw", text("map.raw"), names.raw_bucket, state.raw),
        _rule(state, names),
        _function(state, names),
        _job(state.job, names),
        _bucket("processed", text("map.processed"), names.processed_bucket, state.processed),
        _crawler("raw_crawler", names.raw_crawler, state.raw_crawler),
        _crawler("processed_crawler", names.processed_crawler, state.processed_crawler),
        Box("tables", text("map.catalog"), tables, *_tables(state)),
        Box("queries", text("map.athena"), names.workgroup, *_queries(state)),
        _role("lambda_role", text("map.lambda_role"), names.lambda_role_name, state.lambda_role),
        _role("glue_role", text("map.glue_role"), names.glue_role_name, state.glue_role),
    )
    problems = state.problems or {}
    return {box.part: _denied(box, problems[box.part]) if box.part in problems else box for box in boxes}


def _denied(box: Box, problem: str) -> Box:
    return Box(box.part, box.kind, box.name, Chip(text("map.unread"), "warn"), problem.partition(":")[0])


def _missing() -> Chip:
    return Chip(text("map.missing"), "idle")


def _ready() -> Chip:
    return Chip(text("map.ready"), "good")


def _bucket(part: str, kind: str, name: str, found: BucketState | None) -> Box:
    if found is None:
        return Box(part, kind, name, _missing(), "")
    key = "map.objects" if found.complete else "map.objects_more"
    return Box(part, kind, name, _ready(), text(key, count=f"{found.objects:,}", size=format_size(found.size_bytes)))


def _rule(state: PipelineState, names: Names) -> Box:
    rule = next((one for one in state.rules if one.function == names.function), None)
    if rule is None:
        return Box("rules", text("map.rule"), names.raw_bucket, _missing(), "")
    return Box("rules", text("map.rule"), names.raw_bucket, _ready(), f"{rule.prefix}…{rule.suffix}")


def _function(state: PipelineState, names: Names) -> Box:
    found, kind = state.function, text("map.function")
    if found is None:
        return Box("function", kind, names.function, _missing(), "")
    counts = text("map.invocations", count=found.invocations, errors=found.errors)
    return Box("function", kind, names.function, _stand_of_function(found, state), counts)


def _stand_of_function(found: FunctionActivity, state: PipelineState) -> Chip:
    last = found.newest[-1] if found.newest else None
    if last is None:
        return _ready()
    age_s = state.at.timestamp() - last.started_ms / 1000
    # A beginning without an end is a running function only for as long as it may run.
    if last.ended_ms is None and age_s < found.function.timeout_s + 5:
        return Chip(text("state.running"), "run")
    return Chip(text("map.last_failed"), "bad") if last.error else _ready()


def _job(found: JobActivity | None, names: Names) -> Box:
    kind = text("map.job")
    if found is None:
        return Box("job", kind, names.job, _missing(), "")
    counted = Counter(
        "bad" if run.state in _FAILED_RUNS else "good" if run.state == "SUCCEEDED" else "" for run in found.runs
    )
    total = f"{len(found.runs)}{'' if found.complete else '+'}"
    counts = text("map.runs", count=total, good=counted["good"], bad=counted["bad"])
    going = next((run for run in found.runs if not run.ended), None)
    if going is not None:
        word, tone = STATES.get(going.state, ("state.running", "run"))
        return Box("job", kind, names.job, Chip(text(word), tone), counts)
    failed = bool(found.runs) and found.runs[0].state in _FAILED_RUNS
    return Box("job", kind, names.job, Chip(text("map.last_failed"), "bad") if failed else _ready(), counts)


def _crawler(part: str, name: str, found: CrawlerState | None) -> Box:
    kind = text("map.crawler")
    if found is None:
        return Box(part, kind, name, _missing(), "")
    if found.state != "READY":
        return Box(part, kind, name, Chip(text("state.running"), "run"), found.state)
    if found.last_status is None:
        return Box(part, kind, name, _ready(), text("map.never_crawled"))
    failed = found.last_status == "FAILED"
    chip = Chip(text("map.last_failed"), "bad") if failed else _ready()
    return Box(part, kind, name, chip, text("map.last_crawl", status=found.last_status))


def _tables(state: PipelineState) -> tuple[Chip, str]:
    if state.tables is None:
        return _missing(), ""
    rows = [table.rows for table in state.tables if table.rows is not None]
    key = "map.tables_rows" if rows else "map.tables"
    return _ready(), text(key, count=len(state.tables), rows=f"{sum(rows):,}")


def _queries(state: PipelineState) -> tuple[Chip, str]:
    found = state.queries
    if found is None:
        return _missing(), ""
    if not found.count:
        return _ready(), text("map.no_queries")
    counts = text(
        "map.queries", count=f"{found.count}{'' if found.complete else '+'}", size=format_size(found.scanned_bytes)
    )
    stands: Mapping[str, Callable[[], Chip]] = {
        "RUNNING": lambda: Chip(text("state.running"), "run"),
        "QUEUED": lambda: Chip(text("state.waiting"), "run"),
        "FAILED": lambda: Chip(text("map.last_failed"), "bad"),
    }
    return stands.get(found.state, _ready)(), counts


def _role(part: str, kind: str, name: str, exists: bool) -> Box:
    return Box(part, kind, name, _ready() if exists else _missing(), "")

"""What a crawl did, as ListCrawls and the log tell it."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.crawler.publish import Changes

_LIMIT = 255  # the API's bound of the Summary field


def summary(changes: Changes) -> str:
    """Return the Summary that ListCrawls shows: counts of tables and partitions, as JSON text; empty for none."""
    parts: dict[str, dict[str, Any]] = {}
    for action, names in _tables(changes).items():
        if names:
            details = _text({"names": names})
            parts.setdefault("TABLE", {})[action] = {"Details": details, "Count": len(names)}
    for action, count in _partitions(changes).items():
        if count:
            parts.setdefault("PARTITION", {})[action] = {"Details": "", "Count": count}
    text = _text(parts) if parts else ""
    if len(text) > _LIMIT:
        for one in parts.get("TABLE", {}).values():
            one["Details"] = ""
        text = _text(parts)
    return text


def summary_lines(changes: Changes) -> list[str]:
    """Return the "Run Summary" lines of the log."""
    lines = []
    tables = {action: len(names) for action, names in _tables(changes).items()}
    for kind, counts in (("TABLE", tables), ("PARTITION", _partitions(changes))):
        told = [f"{action}: {count}" for action, count in counts.items() if count]
        if told:
            lines += [f"Run Summary For {kind}:", *told]
    return lines


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _tables(changes: Changes) -> dict[str, list[str]]:
    return {"ADD": changes.created, "UPDATE": changes.updated, "DELETE": changes.deleted}


def _partitions(changes: Changes) -> dict[str, int]:
    done = changes.partitions
    return {"ADD": done.created, "UPDATE": done.updated, "DELETE": done.deleted}


def event_counts(changes: Changes) -> dict[str, int]:
    """What a crawl did, by the names of Glue's crawler event."""
    partitions = changes.partitions
    return {
        "tablesCreated": len(changes.created),
        "tablesUpdated": len(changes.updated),
        "tablesDeleted": len(changes.deleted),
        "partitionsCreated": partitions.created,
        "partitionsUpdated": partitions.updated,
        "partitionsDeleted": partitions.deleted,
    }

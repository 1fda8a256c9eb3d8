"""What AWS's Python runtime puts on the root logger. Loaded by `bootstrap.py` from its path; imports nothing of labkit."""

from __future__ import annotations

import json
import logging
import sys
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

# Attributes that every record has; others come from `extra` and stand in the JSON document.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"aws_request_id", "message", "asctime", "taskName"}
_NBSP = "\u00a0"


class FrameHandler(logging.Handler):
    """Writes each record whole, with the request it belongs to."""

    def __init__(self, write: Callable[[str], None]) -> None:
        super().__init__()
        self._write = write
        self.request_id = ""

    def emit(self, record: logging.LogRecord) -> None:
        record.aws_request_id = self.request_id
        try:
            if sys.stdout is not None and not sys.stdout.closed:
                sys.stdout.flush()
            self._write(self.format(record))
        except Exception:  # noqa: BLE001 - a record may hold anything
            self.handleError(record)


class JsonFormatter(logging.Formatter):
    """LogFormat JSON: one document a record."""

    def format(self, record: logging.LogRecord) -> str:
        kind, value, trace = record.exc_info or (None, None, None)
        moment = datetime.fromtimestamp(record.created, tz=timezone.utc)
        document: dict[str, Any] = {
            "timestamp": moment.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "level": logging.getLevelName(min(50, max(0, record.levelno)) // 10 * 10),
            "message": record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if trace is not None else None,
            "errorType": kind.__name__ if kind is not None else None,
            "errorMessage": str(value) if value is not None else None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if kind is not None else None,
        }
        extra = {name: value for name, value in vars(record).items() if name not in _OWN and name not in document}
        found = {name: value for name, value in {**document, **extra}.items() if value is not None}
        return json.dumps(found, ensure_ascii=False)


def set_up_logging(handler: FrameHandler, *, json_logs: bool, level: str) -> None:
    """Put the handler on the root logger; only JSON has a level of its own."""
    logging.Formatter.converter = time.gmtime
    if json_logs:
        handler.setFormatter(JsonFormatter())
        logging.getLogger().setLevel({"TRACE": "DEBUG"}.get(level, level))
    else:
        layout = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        handler.setFormatter(logging.Formatter(layout, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)


def error_text(error: dict[str, Any], *, json_logs: bool) -> str:
    """How the runtime tells of an exception that nobody caught; it indents with no-break spaces, as AWS does."""
    if json_logs:
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        return json.dumps({"timestamp": stamp, "level": "ERROR", **error})
    lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}", "Traceback (most recent call last):"]
    for entry in error["stackTrace"]:
        for line in entry.splitlines():
            bare = line.lstrip(" ")
            lines.append(_NBSP * (len(line) - len(bare)) + bare)
    return "\n".join(lines)

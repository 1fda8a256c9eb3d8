"""Short labels of log groups and streams, and lines that are safe to show on a terminal."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from labkit.aws.logs import LogLine

_LAMBDA = "/aws/lambda/"
_CRAWLERS = "/aws-glue/crawlers"
_JOBS = re.compile(r"/aws-glue/(?:jobs|python-jobs)/(?P<kind>output|error|logs-v2)")
_RUN = re.compile(r"(?:jr_)(?P<run>[0-9a-f]{8})[0-9a-f]*(?P<attempt>_attempt_\d+)?")
_KINDS = {"output": "out", "error": "err", "logs-v2": "log"}
# What a terminal would take as an order: everything but tabs and ends of lines.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
PROGRESS_STREAM = "-progress-bar"


def service_of_group(group: str) -> str:
    """`lambda`, `glue`, `crawler`, or `other`."""
    if group.startswith(_LAMBDA):
        return "lambda"
    if group.startswith(_CRAWLERS):
        return "crawler"
    return "glue" if group.startswith("/aws-glue/") else "other"


def label(line: LogLine) -> str:
    """`lambda bsg-start-glue-job`, `glue 1a2b3c4d err`, `crawler ventas`, or the group's name."""
    service = service_of_group(line.group)
    if service == "lambda":
        return f"lambda {line.group[len(_LAMBDA) :]}"
    if service == "crawler":
        return f"crawler {line.stream}"
    jobs = _JOBS.fullmatch(line.group)
    if jobs is None:
        return line.group
    run = _RUN.match(line.stream)
    return f"glue {run['run'] if run else line.stream} {_KINDS[jobs['kind']]}"


def stamp(at_ms: int, *, local: bool) -> str:
    """The time of day here for a terminal (with the date when it is another day), UTC in ISO form for a pipe."""
    at = datetime.fromtimestamp(at_ms / 1000, timezone.utc)
    if not local:
        return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}Z"
    here = at.astimezone()
    day = "" if here.date() == datetime.now().astimezone().date() else here.strftime("%Y-%m-%d ")
    return f"{day}{here:%H:%M:%S}.{at_ms % 1000:03d}"


def without_controls(text: str) -> str:
    """The text with what would steer a terminal made visible."""
    return _CONTROL.sub(lambda match: "" if match[0] == "\r" else f"\\x{ord(match[0]):02x}", text)

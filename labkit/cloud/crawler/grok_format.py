"""Text that a grok pattern describes: custom grok classifiers, and the log formats that are built in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from labkit.cloud.crawler.grok import Grok, compile_grok
from labkit.cloud.crawler.hive_types import Column, distinct_columns
from labkit.cloud.crawler.shape import FileShape, GrokLayout

_LINES = 200
_MAX_LINE = 10_000
_FIRST_LINES = 5  # one of them has to match: most text is ruled out cheaply
# AWS documents no share; stray lines (stack traces) are usual in logs, so not all lines have to match.
_MIN_MATCHING = 0.7


_KERNEL = re.compile(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \S+ kernel: ")


@dataclass(frozen=True)
class _LogFormat:
    classification: str
    pattern: str
    custom: str = ""


# Documented: the classification strings, and the apache patterns with their fields. The other fields are those of the
# Logstash patterns of the same names.
_BUILT_IN = (
    _LogFormat("combined_apache", "%{COMBINEDAPACHELOG}"),
    _LogFormat("apache", "%{COMMONAPACHELOG}"),
    _LogFormat(
        "ruby_logger",
        r"[DIWEFA], \[%{RUBYTIME:timestamp} #%{POSINT:pid}\] +%{LOGLEVEL:loglevel} -- +%{DATA:progname}: %{GREEDYDATA:message}",
        r"RUBYTIME %{YEAR}-%{MONTHNUM}-%{MONTHDAY}T%{TIME}",
    ),
    _LogFormat(
        "squid",
        r"%{NUMBER:timestamp} +%{NUMBER:duration} %{IPORHOST:client_address} %{WORD:cache_result}/%{NONNEGINT:status_code} "
        r"%{NUMBER:bytes} %{WORD:request_method} %{NOTSPACE:url} %{NOTSPACE:user} %{WORD:hierarchy_code}/%{NOTSPACE:server} "
        r"%{NOTSPACE:content_type}",
    ),
    _LogFormat(
        "redismonlog",
        r'%{NUMBER:timestamp} \[%{INT:database} %{IP:client}:%{POSINT:port}\] "%{WORD:command}" ?%{GREEDYDATA:params}',
    ),
    _LogFormat(
        "redislog",
        r"\[%{POSINT:pid}\] %{REDISTIME:timestamp} [*#.-] %{GREEDYDATA:message}",
        r"REDISTIME %{MONTHDAY} %{MONTH} %{TIME}",
    ),
)


def classify_grok(lines: list[str], classification: str, pattern: str, custom: str = "") -> FileShape | None:
    """Return the shape when the pattern is found in the lines; its fields are the columns, in order."""
    return _match(lines, _LogFormat(classification, pattern, custom))


def classify_logs(lines: list[str]) -> FileShape | None:
    """Return the shape of a log of a built-in format, or None."""
    return next((found for log in _BUILT_IN if (found := _match(lines, log))), None)


def foreign_log(lines: list[str]) -> str:
    """Name a log format that AWS has a classifier for and the local cloud has not (its fields are not documented)."""
    start = lines[:_FIRST_LINES]
    if start and start[0].startswith("#Software: Microsoft"):
        return "AWS classifies this as microsoft_log, which the local cloud does not: use a grok or CSV classifier"
    if start and all(_KERNEL.match(line) for line in start):
        return "AWS classifies this as linux_kernel, which the local cloud does not: use a grok classifier"
    return ""


@cache
def _compiled(pattern: str, custom: str) -> Grok:
    return compile_grok(pattern, custom)


def _match(lines: list[str], log: _LogFormat) -> FileShape | None:
    grok = _compiled(log.pattern, log.custom)
    sample = [line[:_MAX_LINE] for line in lines[:_LINES]]
    if not grok.columns or not any(grok.matches(line) for line in sample[:_FIRST_LINES]):
        return None
    if sum(grok.matches(line) for line in sample) < _MIN_MATCHING * len(sample):
        return None
    return FileShape(
        classification=log.classification,
        columns=distinct_columns(Column(name, kind) for name, kind in grok.columns),
        layout=GrokLayout(log.pattern, log.custom),
        sample_rows=len(lines),
    )

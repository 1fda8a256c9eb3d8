"""The useful part of a run's error log: what the script and its author would miss, without Spark's own lines and Java's stacks."""

from __future__ import annotations

import re
from collections.abc import Iterable

_SPARK_LINE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (TRACE|DEBUG|INFO|WARN|ERROR|FATAL) ")
_JAVA_FRAME = re.compile(r"\s+(at [\w.$<>/]+\(|\.\.\. \d+ (more|common))")
# What may follow a line of Spark's log: an exception with its stack, and in it the traceback of a Python worker.
_GOES_ON = re.compile(r"\s|$|Caused by: |[\w.$]+(Exception|Error)\b|Driver stacktrace:")
# A frame of a traceback that lies in a library, and the lines of its source under it.
_LIBRARY_FRAME = re.compile(r'  File "[^"]*(/site-packages/|/awsglue/|/lib/python3|/pyspark\.zip/)[^"]*", line \d+')
_ITS_SOURCE = re.compile(r"    ")


class UsefulLines:
    """Remembers where it is in the log: give it the lines as they come."""

    def __init__(self) -> None:
        self._inside = False
        self._in_library = False
        self.hidden = 0

    def take(self, lines: Iterable[str]) -> list[str]:
        """The lines that are worth showing."""
        kept = []
        for line in lines:
            if self._is_noise(line):
                self.hidden += 1
            else:
                kept.append(line)
        return kept

    def _is_noise(self, line: str) -> bool:
        if _SPARK_LINE.match(line):
            self._inside = True
            return True
        if self._inside and _GOES_ON.match(line):
            return True
        self._inside = False
        self._in_library = bool(_LIBRARY_FRAME.match(line)) or (self._in_library and bool(_ITS_SOURCE.match(line)))
        return self._in_library or bool(_JAVA_FRAME.match(line))

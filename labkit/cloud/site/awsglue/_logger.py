"""The logger of `glueContext.get_logger()`."""

from __future__ import annotations

import sys
from datetime import datetime, timezone


class GlueLogger:
    """Writes to the job's error stream, which the service keeps as /aws-glue/jobs/error."""

    def _write(self, level: str, message: object) -> None:
        stamp = datetime.now(timezone.utc).strftime("%y/%m/%d %H:%M:%S")
        sys.stderr.write(f"{stamp} {level} GlueLogger: {message}\n")
        sys.stderr.flush()

    def debug(self, message: object) -> None:
        self._write("DEBUG", message)

    def info(self, message: object) -> None:
        self._write("INFO", message)

    def warn(self, message: object) -> None:
        self._write("WARN", message)

    def error(self, message: object) -> None:
        self._write("ERROR", message)

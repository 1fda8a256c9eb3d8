"""Where the lines of a run go in CloudWatch Logs.

Source: docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html. `print` goes to the output group, standard error, logging
and Spark's own log to the error group, both in a stream named for the run. Continuous logging (Glue 4.0 and older) adds the group
logs-v2 with the stream `<run>-driver`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.cloud.jobs.parameters import is_on

LOG_GROUP = "/aws-glue/jobs"


@dataclass(frozen=True)
class LogStreams:
    """The groups and streams of one run."""

    prefix: str = LOG_GROUP
    stream_prefix: str = ""
    continuous: bool = False
    continuous_group: str = f"{LOG_GROUP}/logs-v2"
    continuous_prefix: str = ""

    def places(self, kind: str, run_id: str) -> list[tuple[str, str]]:
        """Groups and streams of a line; `kind` is "output" or "error"."""
        stream = f"{self.stream_prefix}-driver" if self.stream_prefix else run_id
        places = [(f"{self.prefix}/{kind}", stream)]
        if self.continuous:
            places.append((self.continuous_group, f"{self.continuous_prefix or run_id}-driver"))
        return places


def log_streams(merged: Mapping[str, str]) -> LogStreams:
    """What the parameters of a run ask for."""
    return LogStreams(
        prefix=(merged.get("--custom-logGroup-prefix") or LOG_GROUP).rstrip("/"),
        stream_prefix=merged.get("--custom-logStream-prefix") or "",
        continuous=is_on(merged.get("--enable-continuous-cloudwatch-log")),
        continuous_group=merged.get("--continuous-log-logGroup") or f"{LOG_GROUP}/logs-v2",
        continuous_prefix=merged.get("--continuous-log-logStreamPrefix") or "",
    )

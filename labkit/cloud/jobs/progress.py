"""The progress bar of a run as Glue writes it: lines of the log stream `<run id>-progress-bar`.

AWS documents "[Stage Number (Stage Name): > (numCompletedTasks + numActiveTasks) / totalNumOfTasksInThisStage]", every five seconds
(docs.aws.amazon.com/glue, "Enabling the progress bar to show job progress"). Behind it stands here what Spark has read and written.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from labkit.cloud.logbook import Logbook

log = logging.getLogger(__name__)
GROUP = "/aws-glue/jobs/logs-v2"


def stream_of(run_id: str) -> str:
    """The name of a run's stream."""
    return f"{run_id}-progress-bar"


def progress_writer(logs: Logbook, run_id: str) -> Callable[[Mapping[str, Any]], None]:
    """What takes a driver's reports and writes them; a report that cannot be written is left out, and the run goes on."""

    def write(told: Mapping[str, Any]) -> None:
        try:
            logs.write(GROUP, stream_of(run_id), [build_line(told)])
        except Exception:
            log.exception("progress of %s", run_id)

    return write


def build_line(told: Mapping[str, Any]) -> str:
    """One line from what a driver reports: the active stages, then the totals of the run so far.

    "[Stage 2 (csv at job.py:9): > (3 + 2) / 8] 4 stages done, read 1200 rows 34567 bytes, wrote 0 rows 0 bytes".
    """
    bars = "".join(
        f"[Stage {stage['id']} ({stage['name']}): > ({stage['done']} + {stage['active']}) / {stage['total']}]"
        for stage in told["stages"]
    )
    (rows_read, bytes_read), (rows_written, bytes_written) = told["read"], told["wrote"]
    totals = (
        f"{told['done']} stages done, read {rows_read} rows {bytes_read} bytes, "
        f"wrote {rows_written} rows {bytes_written} bytes"
    )
    return f"{bars} {totals}" if bars else totals

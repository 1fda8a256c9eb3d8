"""AWS/Athena: what an ended query took, where its workgroup publishes metrics
(docs.aws.amazon.com/athena, "List of CloudWatch metrics and dimensions for Athena").
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labkit.cloud.metrics.recorder import Recorder

_TIMES = {
    "EngineExecutionTime": "EngineExecutionTimeInMillis",
    "QueryPlanningTime": "QueryPlanningTimeInMillis",
    "QueryQueueTime": "QueryQueueTimeInMillis",
    "ServicePreProcessingTime": "ServicePreProcessingTimeInMillis",
    "ServiceProcessingTime": "ServiceProcessingTimeInMillis",
    "TotalExecutionTime": "TotalExecutionTimeInMillis",
}


def record_query(recorder: Recorder, workgroup: str, state: str, kind: str, statistics: Mapping[str, Any]) -> None:
    """Publish an ended query's Statistics, as GetQueryExecution shows them; what it did not come to is not published."""
    dimensions = {"WorkGroup": workgroup, "QueryState": state, "QueryType": kind}
    for name, field in _TIMES.items():
        if field in statistics:
            recorder.record("AWS/Athena", name, dimensions, float(statistics[field]), "Milliseconds")
    recorder.record("AWS/Athena", "ProcessedBytes", dimensions, float(statistics["DataScannedInBytes"]), "Bytes")

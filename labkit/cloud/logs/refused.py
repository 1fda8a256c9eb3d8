"""What CloudWatch Logs does on AWS and nothing here does."""

from __future__ import annotations

from typing import Any

from labkit.cloud.call import AwsError, Call, Handler

_NAMES = (
    "AssociateSourceToS3TableIntegration", "CancelExportTask", "CancelImportTask", "CreateDelivery", "CreateExportTask",
    "CreateImportTask", "CreateLogAnomalyDetector", "CreateLookupTable", "CreateScheduledQuery", "GetLogFields", "GetLogObject",
    "PutAccountPolicy", "PutBearerTokenAuthentication", "PutDataProtectionPolicy", "PutDeliveryDestination", "PutDeliverySource",
    "PutDestination", "PutIndexPolicy", "PutIntegration", "PutLogGroupDeletionProtection", "PutStorageTierPolicy",
    "PutSyslogConfiguration", "PutTransformer", "StartLiveTail", "TestTransformer", "ListAggregateLogGroupSummaries",
)  # fmt: skip


def refused_routes() -> dict[str, Handler]:
    """The operations that would make something that nobody here keeps running."""
    return dict.fromkeys(_NAMES, _refuse)


def _refuse(call: Call) -> dict[str, Any]:
    hint = (
        " Use FilterLogEvents (`aws logs tail --follow`, `labkit logs --follow`)."
        if call.action == "StartLiveTail"
        else ""
    )
    raise AwsError(
        "NotImplemented", f"labkit's local cloud does not carry out logs:{call.action}, so it refuses it.{hint}", 501
    )

"""CloudWatch Logs: one stream, read on from where the last reading ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labkit.aws.session import error_code

if TYPE_CHECKING:
    from mypy_boto3_logs.client import CloudWatchLogsClient


class StreamTail:
    """Gives each line of a stream once, in order; a group or a stream that does not exist yet has no lines yet."""

    def __init__(self, logs: CloudWatchLogsClient, group: str, stream: str) -> None:
        self._logs = logs
        self._place: dict[str, Any] = {"logGroupName": group, "logStreamName": stream, "startFromHead": True}
        self._token: str | None = None

    def read(self) -> list[str]:
        """The messages since the last call, without their line ends."""
        from botocore.exceptions import ClientError

        lines: list[str] = []
        while True:
            if self._token:
                self._place["nextToken"] = self._token
            try:
                page = self._logs.get_log_events(**self._place)
            except ClientError as error:
                if error_code(error) == "ResourceNotFoundException":
                    return lines
                raise
            lines += [event.get("message", "").rstrip("\n") for event in page["events"]]
            # At the end of a stream AWS returns the token that it was given.
            at_end = not page["events"] or page["nextForwardToken"] == self._token
            self._token = page["nextForwardToken"]
            if at_end:
                return lines

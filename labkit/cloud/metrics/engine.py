"""CloudWatch: the calls that read and write metrics, and the life of what is recorded."""

from __future__ import annotations

from typing import NoReturn

from labkit.cloud.call import AwsError, Call, Handler
from labkit.cloud.metrics.alarms.calls import AlarmCalls
from labkit.cloud.metrics.alarms.permission import may_invoke
from labkit.cloud.metrics.alarms.records import Alarms
from labkit.cloud.metrics.alarms.tagging import AlarmTags
from labkit.cloud.metrics.alarms.watching import InvokeAsync, Watch
from labkit.cloud.metrics.cbor import CborRest
from labkit.cloud.metrics.get_data import GetMetricData
from labkit.cloud.metrics.get_statistics import GetMetricStatistics
from labkit.cloud.metrics.listing import ListMetrics
from labkit.cloud.metrics.put import PutMetricData
from labkit.cloud.metrics.reading import Reader
from labkit.cloud.metrics.s3.configurations import Configurations
from labkit.cloud.metrics.s3.requests import S3Requests
from labkit.cloud.metrics.s3.rest import MetricsRest
from labkit.cloud.metrics.s3.sizes import BucketSizes
from labkit.cloud.services import Services

# What moto would keep and nothing here would evaluate.
_REFUSED = ("PutCompositeAlarm", "PutInsightRule", "EnableInsightRules", "DisableInsightRules")


class MetricsEngine:
    """Writes out what the engines record; starts first and stops last, so that it sees everything.

    `watch` evaluates alarms and has a life of its own: it starts last and stops first.
    """

    def __init__(self, services: Services, account: str, invoke: InvokeAsync) -> None:
        self._storage = services.metric_storage
        self._computed = BucketSizes().computed
        configurations = Configurations(services.documents, account)
        self.s3_requests = S3Requests(self._storage, configurations, account)
        self._reader = Reader(self._storage, self._computed)
        self._alarms = Alarms(services.documents)
        self.watch = Watch(self._alarms, self._reader, services.emit, invoke, may_invoke)
        self.rest = (MetricsRest(configurations, account), CborRest(self.calls, account))

    @property
    def calls(self) -> dict[str, Handler]:
        """Handlers of CloudWatch's calls by action."""
        return {
            "PutMetricData": PutMetricData(self._storage),
            "GetMetricData": GetMetricData(self._reader),
            "GetMetricStatistics": GetMetricStatistics(self._reader),
            "ListMetrics": ListMetrics(self._storage, self._computed.metrics),
            **AlarmCalls(self._alarms, self.watch).calls,
            **AlarmTags(self._alarms).calls,
            **dict.fromkeys(_REFUSED, _refuse),
        }

    def start(self) -> None:
        """Begin to write out."""
        self._storage.start()

    def stop(self) -> None:
        """Write the rest."""
        self._storage.stop()


def _refuse(call: Call) -> NoReturn:
    message = f"labkit's local cloud does not carry out cloudwatch:{call.action}, so it refuses it."
    raise AwsError("NotImplemented", message, 501)

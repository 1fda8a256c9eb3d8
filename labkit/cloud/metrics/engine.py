"""CloudWatch: the calls that read and write metrics, and the life of what is recorded."""

from __future__ import annotations

from labkit.cloud.call import Handler
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


class MetricsEngine:
    """Writes out what the engines record; starts first and stops last, so that it sees everything."""

    def __init__(self, services: Services, account: str) -> None:
        self._storage = services.metric_storage
        self._computed = BucketSizes().computed
        configurations = Configurations(services.documents, account)
        self.s3_requests = S3Requests(self._storage, configurations, account)
        self.rest = MetricsRest(configurations, account)

    @property
    def calls(self) -> dict[str, Handler]:
        """Handlers of CloudWatch's calls by action."""
        reader = Reader(self._storage, self._computed)
        return {
            "PutMetricData": PutMetricData(self._storage),
            "GetMetricData": GetMetricData(reader),
            "GetMetricStatistics": GetMetricStatistics(reader),
            "ListMetrics": ListMetrics(self._storage, self._computed.metrics),
        }

    def start(self) -> None:
        """Begin to write out."""
        self._storage.start()

    def stop(self) -> None:
        """Write the rest."""
        self._storage.stop()

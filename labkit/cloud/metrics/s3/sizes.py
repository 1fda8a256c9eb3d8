"""What buckets hold, as AWS/S3 tells it once a day: BucketSizeBytes and NumberOfObjects, worked out when they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.call import Scope
from labkit.cloud.metrics.aggregate import Aggregate
from labkit.cloud.metrics.reading import Computed
from labkit.cloud.metrics.storage import Metric, Row

_DAY_S = 86400
_FRESH_S = 5.0
_ALL = "AllStorageTypes"
_TYPES = {
    "STANDARD": "StandardStorage",
    "REDUCED_REDUNDANCY": "ReducedRedundancyStorage",
    "STANDARD_IA": "StandardIAStorage",
    "ONEZONE_IA": "OneZoneIAStorage",
    "INTELLIGENT_TIERING": "IntelligentTieringFAStorage",
    "GLACIER": "GlacierStorage",
    "GLACIER_IR": "GlacierInstantRetrievalStorage",
    "DEEP_ARCHIVE": "DeepArchiveStorage",
    "EXPRESS_ONEZONE": "ExpressOneZone",
}


@dataclass(frozen=True)
class Held:
    """What one bucket holds: bytes by storage type and the number of objects, all versions counted."""

    bucket: str
    region: str
    objects: int
    size_bytes: dict[str, int] = field(default_factory=dict)


class BucketSizes:
    """Metrics of buckets that hold something; each has one data point, of the day that is going on."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._counted: tuple[float, list[Held]] | None = None

    @property
    def computed(self) -> Computed:
        """As the readers of metrics want it."""
        return Computed(self.metrics, self.rows)

    def metrics(self, scope: Scope) -> Sequence[Metric]:
        """Names and dimensions of the region's buckets."""
        found: list[Metric] = []
        for held in self._held(scope):
            found.append(_metric("NumberOfObjects", held.bucket, _ALL))
            found += [_metric("BucketSizeBytes", held.bucket, kind) for kind in held.size_bytes]
        return found

    def rows(self, scope: Scope, metric: Metric, start: int, end: int) -> Sequence[Row]:
        """Today's data point, when the window holds midnight (UTC)."""
        midnight = int(self._now()) // _DAY_S * _DAY_S
        if metric.namespace != "AWS/S3" or not start <= midnight < end:
            return ()
        for held in self._held(scope):
            if metric == _metric("NumberOfObjects", held.bucket, _ALL):
                return (_row(midnight, "Count", held.objects),)
            for kind, size in held.size_bytes.items():
                if metric == _metric("BucketSizeBytes", held.bucket, kind):
                    return (_row(midnight, "Bytes", size),)
        return ()

    def _held(self, scope: Scope) -> list[Held]:
        """Counted anew after five seconds: a plot asks for several metrics at once."""
        now = self._now()
        if self._counted is None or not 0 <= now - self._counted[0] < _FRESH_S:
            self._counted = (now, count_buckets(scope.account))
        return [held for held in self._counted[1] if held.region == scope.region]


def count_buckets(account: str) -> list[Held]:
    """All buckets that hold an object."""
    from moto.s3.models import s3_backends

    found = []
    for bucket in list(s3_backends[account]["aws"].buckets.values()):
        objects, sizes = 0, dict[str, int]()
        for name in bucket.keys.names(""):
            for version in bucket.keys.getlist(name):
                objects += 1
                kind = _TYPES.get(getattr(version, "storage_class", None) or "STANDARD", "StandardStorage")
                sizes[kind] = sizes.get(kind, 0) + _size(version)
        if objects:
            found.append(Held(bucket.name, str(bucket.region_name), objects, sizes))
    return found


def _size(version: Any) -> int:
    """A delete marker has none."""
    return int(getattr(version, "contentsize", 0) or 0)


def _metric(name: str, bucket: str, kind: str) -> Metric:
    return Metric("AWS/S3", name, (("BucketName", bucket), ("StorageType", kind)))


def _row(moment: int, unit: str, value: int) -> Row:
    aggregate = Aggregate()
    aggregate.add(float(value))
    return Row(moment, 60, unit, aggregate)

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
_NAMESPACE = "AWS/S3"
_NAMES = ("BucketSizeBytes", "NumberOfObjects")
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
    objects: int
    size_bytes: dict[str, int] = field(default_factory=dict)


class BucketSizes:
    """Metrics of buckets that hold something; each has one data point, of the day that is going on."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now

    @property
    def computed(self) -> Computed:
        """As the readers of metrics want it."""
        return Computed(_NAMESPACE, self.metrics, self.rows)

    def metrics(self, scope: Scope) -> Sequence[Metric]:
        """Names and dimensions of the region's buckets; as long as all its objects take to be looked at (1 µs each)."""
        found: list[Metric] = []
        for held in count_buckets(scope):
            found.append(_metric("NumberOfObjects", held.bucket, _ALL))
            found += [_metric("BucketSizeBytes", held.bucket, kind) for kind in held.size_bytes]
        return found

    def rows(self, scope: Scope, metric: Metric, start: int, end: int) -> Sequence[Row]:
        """Today's data point, when the window holds midnight (UTC)."""
        midnight = int(self._now()) // _DAY_S * _DAY_S
        if metric.namespace != _NAMESPACE or metric.name not in _NAMES or not start <= midnight < end:
            return ()
        named = dict(metric.dimensions)
        for held in count_buckets(scope, named.get("BucketName", "")):
            if metric == _metric("NumberOfObjects", held.bucket, _ALL):
                return (_row(midnight, "Count", held.objects),)
            for kind, size in held.size_bytes.items():
                if metric == _metric("BucketSizeBytes", held.bucket, kind):
                    return (_row(midnight, "Bytes", size),)
        return ()


def count_buckets(scope: Scope, only: str | None = None) -> list[Held]:
    """The buckets of a region that hold an object, or the one that is named."""
    from moto.s3.models import s3_backends

    buckets = s3_backends[scope.account]["aws"].buckets
    chosen = (
        list(buckets.values()) if only is None else [bucket for bucket in [buckets.get(only)] if bucket is not None]
    )
    return [
        _count(bucket) for bucket in chosen if str(bucket.region_name) == scope.region and bucket.keys.names_from("", 1)
    ]


def _count(bucket: Any) -> Held:
    objects, sizes = 0, dict[str, int]()
    for name in bucket.keys.names(""):
        for version in bucket.keys.getlist(name):
            objects += 1
            kind = _TYPES.get(getattr(version, "storage_class", None) or "STANDARD", "StandardStorage")
            sizes[kind] = sizes.get(kind, 0) + _size(version)
    return Held(bucket.name, objects, sizes)


def _size(version: Any) -> int:
    """A delete marker has none."""
    return int(getattr(version, "contentsize", 0) or 0)


def _metric(name: str, bucket: str, kind: str) -> Metric:
    return Metric(_NAMESPACE, name, (("BucketName", bucket), ("StorageType", kind)))


def _row(moment: int, unit: str, value: int) -> Row:
    aggregate = Aggregate()
    aggregate.add(float(value))
    return Row(moment, 60, unit, aggregate)

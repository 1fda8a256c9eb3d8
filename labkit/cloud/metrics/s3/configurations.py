"""Metrics configurations of buckets: which requests are measured under which FilterId."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.documents import Documents

KIND = "s3-metrics"
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
_MOST = 1000
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
Tags = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Configuration:
    """An Id and its filter: a key prefix, tags that an object must have; neither means the whole bucket."""

    id: str
    prefix: str | None = None
    tags: Tags = ()
    joined: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether all requests to the bucket count."""
        return self.prefix is None and not self.tags

    def measures(self, key: str, tags_of: Callable[[], dict[str, str]]) -> bool:
        """Whether a request for a key counts; for the bucket itself (no key) only without a filter."""
        if self.is_whole:
            return True
        if not key or not key.startswith(self.prefix or ""):
            return False
        return not self.tags or dict(self.tags).items() <= tags_of().items()


class Configurations:
    """The metrics configurations of all buckets: in memory, and kept as documents."""

    def __init__(self, documents: Documents, account: str) -> None:
        self._documents = documents
        self._scope = Scope(account, "aws")
        self._lock = threading.Lock()
        self._of_bucket: dict[str, dict[str, Configuration]] = {}
        for _, _, told in documents.list(KIND, self._scope):
            found = Configuration(told["id"], told["prefix"], tuple((k, v) for k, v in told["tags"]), told["joined"])
            self._of_bucket.setdefault(told["bucket"], {})[found.id] = found

    def of(self, bucket: str) -> tuple[Configuration, ...]:
        """A bucket's configurations, by Id; a dict look-up when there are none."""
        found = self._of_bucket.get(bucket)
        return tuple(found[name] for name in sorted(found)) if found else ()

    def put(self, bucket: str, configuration: Configuration) -> None:
        """Keep one; TooManyConfigurations beyond 1,000."""
        with self._lock:
            found = dict(self._of_bucket.get(bucket, {}))
            if len(found) >= _MOST and configuration.id not in found:
                message = "You are attempting to create a new configuration but have already reached the 1,000-configuration limit."
                raise AwsError("TooManyConfigurations", message)
            found[configuration.id] = configuration
            document = {"bucket": bucket, **asdict(configuration)}
            self._documents.put(KIND, self._scope, f"{bucket}/{configuration.id}", document)
            self._of_bucket[bucket] = found

    def delete(self, bucket: str, name: str) -> None:
        """Forget one; NoSuchConfiguration when there is none."""
        with self._lock:
            found = dict(self._of_bucket.get(bucket, {}))
            if name not in found:
                raise no_such_configuration()
            del found[name]
            self._documents.delete(KIND, self._scope, f"{bucket}/{name}")
            self._of_bucket[bucket] = found

    def forget(self, bucket: str) -> None:
        """A bucket is gone, and its configurations with it."""
        with self._lock:
            for name in self._of_bucket.pop(bucket, {}):
                self._documents.delete(KIND, self._scope, f"{bucket}/{name}")


def no_such_configuration() -> AwsError:
    """404, in S3's words."""
    return AwsError("NoSuchConfiguration", "The specified configuration does not exist.", 404)


def read_configuration(body: bytes, name: str) -> Configuration:
    """A configuration from its XML; MalformedXML or InvalidArgument."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - Python's parser expands no external entities
    except ElementTree.ParseError as error:
        raise _malformed() from error
    if _tag(root) != "MetricsConfiguration":
        raise _malformed()
    told_id = next((child.text or "" for child in root if _tag(child) == "Id"), None)
    if told_id is None:
        raise _malformed()
    if told_id != name or not _ID.fullmatch(name):
        raise AwsError("InvalidArgument", "The metrics configuration ID is invalid.")
    filters = [child for child in root if _tag(child) == "Filter"]
    parts = list(filters[0]) if filters else []
    if len(filters) > 1 or len(parts) > 1 or (filters and not parts):
        raise _malformed()
    if not parts:
        return Configuration(name)
    joined = _tag(parts[0]) == "And"
    prefix, tags = _predicates(list(parts[0]) if joined else parts)
    if joined and len(tags) + (prefix is not None) < 2:
        raise _malformed()
    return Configuration(name, prefix, tags, joined)


def render_configuration(configuration: Configuration, *, root: bool = True) -> str:
    """A configuration as XML."""
    parts = f"<Prefix>{escape(configuration.prefix)}</Prefix>" if configuration.prefix is not None else ""
    parts += "".join(
        f"<Tag><Key>{escape(key)}</Key><Value>{escape(value)}</Value></Tag>" for key, value in configuration.tags
    )
    if configuration.joined:
        parts = f"<And>{parts}</And>"
    shown = f"<Id>{escape(configuration.id)}</Id>" + (f"<Filter>{parts}</Filter>" if parts else "")
    space = f' xmlns="{NAMESPACE}"' if root else ""
    return f"<MetricsConfiguration{space}>{shown}</MetricsConfiguration>"


def _predicates(parts: Iterable[Any]) -> tuple[str | None, Tags]:
    prefix: str | None = None
    tags: dict[str, str] = {}
    for part in parts:
        kind = _tag(part)
        if kind == "Prefix" and prefix is None:
            prefix = part.text or ""
        elif kind == "Tag":
            told = {_tag(child): child.text or "" for child in part}
            if set(told) != {"Key", "Value"} or told["Key"] in tags:
                raise _malformed()
            tags[told["Key"]] = told["Value"]
        elif kind == "AccessPointArn":
            message = "labkit's local cloud has no S3 access points, so requests cannot be filtered by one."
            raise AwsError("NotImplemented", message, 501)
        else:
            raise _malformed()
    return prefix, tuple(tags.items())


def _tag(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _malformed() -> AwsError:
    return AwsError(
        "MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema"
    )

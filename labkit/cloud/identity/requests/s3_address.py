"""The bucket and the key that an S3 request names, in its host or in its path: read exactly as moto, which answers, reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlparse

from labkit.cloud.identity.requests import kept


def bucket_and_key(environ: Mapping[str, Any], account: str) -> tuple[str, str]:
    """The bucket and the key, decoded; either may be empty."""
    raw = _raw_path(environ)
    host = str(environ.get("HTTP_HOST", ""))
    in_host = _bucket_of_host(host)
    if in_host is not None and ".s3-accesspoint." in host:
        in_host = kept.bucket_of_access_point(in_host, account)
    path = unquote(raw)
    if in_host is not None:
        return in_host, path.removeprefix("/")
    # In a URL's last part moto takes what follows a semicolon, and everywhere what follows a hash, as no part of the path.
    named = urlparse(f"http://host{raw}").path if ";" in raw or "#" in raw else raw
    bucket = named.lstrip("/").split("/", 1)[0]
    return unquote(bucket), "/".join(path.split("/")[2:])


def copy_source(header: str) -> tuple[str, str, str]:
    """The bucket, the key and the version (or an empty text) of an `x-amz-copy-source`, decoded."""
    try:
        parsed = urlparse(header)
    except ValueError:  # brackets that are no address: the service cannot read it either
        return header, "", ""
    bucket, _, key = unquote(parsed.path).lstrip("/").partition("/")
    return bucket, key, parse_qs(parsed.query).get("versionId", [""])[0]


def _raw_path(environ: Mapping[str, Any]) -> str:
    uri = str(environ.get("RAW_URI") or environ.get("PATH_INFO", "/"))
    path = uri.split("?", 1)[0]
    if not uri.startswith("/") and "://" in uri:
        try:
            path = urlparse(uri).path  # the whole URL, as to a proxy
        except ValueError:
            path = "/"
    return path if path.startswith("/") else f"/{path}"


class _Host:
    """What moto looks at of a request to see whether its host names a bucket."""

    def __init__(self, host: str) -> None:
        self.headers = {"host": host}


@lru_cache(maxsize=512)
def _bucket_of_host(host: str) -> str | None:
    from moto.s3.responses import S3Response
    from moto.s3.utils import bucket_name_from_url

    if not S3Response.subdomain_based_buckets(_Host(host)):
        return None
    return bucket_name_from_url(f"http://{host}/") or ""

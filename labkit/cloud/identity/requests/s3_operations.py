"""Which S3 operations a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from labkit.cloud.identity.requests.routes import Route, routes_of


@lru_cache(maxsize=64)
def _routes(method: str, level: str) -> tuple[Route, ...]:
    labels = {"service": 0, "bucket": 1, "key": 2}[level]
    return tuple(route for route in routes_of("s3").get(method, ()) if len(route.labels) == labels)


def s3_operations(
    method: str, bucket: str, key: str, query: Mapping[str, str], environ: Mapping[str, Any]
) -> tuple[list[str], dict[str, Any]]:
    """The operations that a request could be taken for, and the parameters of the first (never the body).

    An honest request fits one. One that names several (`?acl&uploadId=u&partNumber=1`) is answered as whichever the service looks at
    first, so it must be allowed all of them. There is none for what S3 does not know.
    """
    if method == "OPTIONS":
        return [], {}
    level = "key" if key else "bucket" if bucket else "service"
    params: dict[str, Any] = {name: value for name, value in (("Bucket", bucket), ("Key", key)) if value}
    routes = _routes(method, level)
    if method == "POST" and level == "bucket" and not any(name in query for one in routes for name, _ in one.literals):
        return ["PostObject"], params
    found = _fitting(routes, query, environ)
    if found:
        params.update({name: query[wire] for wire, name in found[0].query_names.items() if wire in query})
        params.update({name: environ[wire] for wire, name in found[0].header_names.items() if environ.get(wire)})
    return [route.operation for route in found], params


def _fitting(routes: tuple[Route, ...], query: Mapping[str, str], environ: Mapping[str, Any]) -> list[Route]:
    """The routes that fit, without those that ask for less of the same than another: the plainest request has one."""
    fitting = [route for route in routes if route.fits(query, environ)]
    if len(fitting) < 2:
        return fitting
    asked = [frozenset((*route.literals, *route.queries, *route.headers)) for route in fitting]
    return [route for route, mine in zip(fitting, asked, strict=True) if not any(mine < other for other in asked)]

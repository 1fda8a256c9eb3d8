"""Which S3 operation a request asks for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from labkit.cloud.identity.requests.routes import Route, routes_of

_LEVELS = ("service", "bucket", "key")


@lru_cache(maxsize=64)
def _routes(method: str, level: str) -> tuple[Route, ...]:
    labels = {"service": 0, "bucket": 1, "key": 2}[level]
    return tuple(route for route in routes_of("s3").get(method, ()) if len(route.labels) == labels)


def s3_operation(
    method: str, bucket: str, key: str, query: Mapping[str, str], environ: Mapping[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The operation and its parameters (never the body); an empty name when S3 has no such operation."""
    if method == "OPTIONS":
        return "", {}
    level = "key" if key else "bucket" if bucket else "service"
    params: dict[str, Any] = {name: value for name, value in (("Bucket", bucket), ("Key", key)) if value}
    if method == "POST" and level == "bucket" and not _has_subresource(query, _routes(method, level)):
        return "PostObject", params
    for route in _routes(method, level):
        if route.fits(query, environ):
            params.update({name: query[wire] for wire, name in route.query_names.items() if wire in query})
            params.update({name: environ[wire] for wire, name in route.header_names.items() if environ.get(wire)})
            return route.operation, params
    return "", params


def also_asked(method: str, key: str, query: Mapping[str, str], operation: str) -> list[str]:
    """Other operations whose subresource the query names as well (`?acl&tagging`): whichever is answered must be allowed."""
    named = [
        route.operation
        for route in _routes(method, "key" if key else "bucket")
        if route.literals
        and route.operation != operation
        and all(name in query and (value is None or query[name] == value) for name, value in route.literals)
    ]
    mine = next(
        (route.literals for route in _routes(method, "key" if key else "bucket") if route.operation == operation), ()
    )
    same = {route.operation for route in _routes(method, "key" if key else "bucket") if route.literals == mine}
    return [name for name in named if name not in same]


def _has_subresource(query: Mapping[str, str], routes: tuple[Route, ...]) -> bool:
    return any(name in query for route in routes for name, _ in route.literals)

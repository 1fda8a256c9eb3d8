"""Which operation a REST request asks for, from botocore's service models: built at the first request of a service and kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

# `x-id` only repeats an operation's name, and a directory bucket has a host of its own.
_NO_ROUTE = frozenset({"ListDirectoryBuckets", "WriteGetObjectResponse"})
_MAY_BE_ARN = re.compile(r"Arn$|^Resource$|^CallbackId$")
_LABEL = re.compile(r"\{(\w+)(\+?)\}")


@dataclass(frozen=True)
class Route:
    """One operation: its path, what must stand in the query and the headers, and how parameters are named on the wire.

    `literals` are the query's fixed parts (None: any value), `queries` and `headers` the required parameters there;
    `query_names` and `header_names` map wire names (headers as WSGI spells them) to botocore's.
    """

    operation: str
    path: re.Pattern[str]
    labels: tuple[str, ...]
    literals: tuple[tuple[str, str | None], ...]
    queries: tuple[str, ...]
    headers: tuple[str, ...]
    query_names: Mapping[str, str]
    header_names: Mapping[str, str]

    @property
    def weight(self) -> tuple[int, int]:
        """The more a route asks for, the sooner it is tried."""
        return len(self.literals), len(self.queries) + len(self.headers)

    def fits(self, query: Mapping[str, str], environ: Mapping[str, Any]) -> bool:
        """Whether everything is there that the route asks for."""
        return (
            all(name in query and (value is None or query[name] == value) for name, value in self.literals)
            and all(query.get(name) for name in self.queries)
            and all(environ.get(name) for name in self.headers)
        )

    def read(self, found: re.Match[str], query: Mapping[str, str], environ: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters that stand in the path, the query and the headers."""
        params: dict[str, Any] = dict(zip(self.labels, found.groups(), strict=True))
        params.update({name: query[wire] for wire, name in self.query_names.items() if wire in query})
        params.update({name: environ[wire] for wire, name in self.header_names.items() if environ.get(wire)})
        return params


@lru_cache(maxsize=8)
def routes_of(service: str) -> Mapping[str, tuple[Route, ...]]:
    """The routes of a service by HTTP method, those that ask for most first."""
    model = _service_model(service)
    found: dict[str, list[Route]] = {}
    for name in model.operation_names:
        operation = model.operation_model(name)
        twin = f"{name}Configuration"  # GetBucketNotification is the old name of GetBucketNotificationConfiguration
        if name not in _NO_ROUTE and not (operation.deprecated and twin in model.operation_names):
            found.setdefault(operation.http["method"], []).append(_route(operation))
    return {method: tuple(sorted(each, key=lambda one: one.weight, reverse=True)) for method, each in found.items()}


def _service_model(service: str) -> Any:
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def _route(operation: Any) -> Route:
    path, _, fixed = operation.http["requestUri"].partition("?")
    shape = operation.input_shape
    members = shape.members if shape else {}
    required = set(shape.required_members) if shape else set()
    queries = {one.serialization["name"]: name for name, one in members.items() if _at(one) == "querystring"}
    names = {one.serialization["name"]: name for name, one in members.items() if _at(one) == "uri"}
    headers = {_environ(one.serialization["name"]): name for name, one in members.items() if _at(one) == "header"}
    parts = [part.partition("=") for part in fixed.split("&") if part]
    return Route(
        operation=operation.name,
        path=_expression(path),
        labels=tuple(str(names.get(match[1], match[1])) for match in _LABEL.finditer(path)),
        literals=tuple((name, value if sign else None) for name, sign, value in parts if name != "x-id"),
        queries=tuple(wire for wire, name in queries.items() if name in required),
        headers=tuple(wire for wire, name in headers.items() if name in required),
        query_names=queries,
        header_names=headers,
    )


def _expression(path: str) -> re.Pattern[str]:
    """A path template as an expression; clients encode the slashes of a label's value."""
    text, at = "", 0
    for label in _LABEL.finditer(path):
        text += re.escape(path[at : label.start()]) + ("(.+?)" if label[2] else "([^/]+)")
        at = label.end()
    return re.compile(text + re.escape(path[at:].rstrip("/")) + "/?", re.DOTALL)


def _at(member: Any) -> str:
    return str(member.serialization.get("location", ""))


def _environ(header: str) -> str:
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def find_route(
    routes: tuple[Route, ...], path: str, query: Mapping[str, str], environ: Mapping[str, Any]
) -> tuple[Route, dict[str, Any]] | None:
    """The route of a path as it was sent (percent-encoded), and the parameters around it.

    Only what may be an ARN may hold a slash: the services behind look at the decoded path, where another one would lead elsewhere.
    """
    for route in routes:
        found = route.path.fullmatch(path)
        if found is not None and route.fits(query, environ):
            params = route.read(found, query, environ)
            params.update({name: unquote(params[name]) for name in route.labels})
            if any("/" in params[name] for name in route.labels if not _MAY_BE_ARN.search(name)):
                return None
            return route, params
    return None

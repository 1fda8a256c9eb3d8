"""The parameters of a request, as far as they stand in its body or its query."""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson

_FORMS = frozenset({"iam", "sts", "sns", "cloudformation"})
_BOTH = frozenset({"sqs", "cloudwatch"})
_RPC_PATH = re.compile(r"/service/[^/]+/operation/(?P<operation>\w+)/?")


def is_form(environ: Mapping[str, Any]) -> bool:
    """Whether the body is a query-protocol form."""
    return str(environ.get("CONTENT_TYPE", "")).lower().startswith("application/x-www-form-urlencoded")


def speaks_forms(service: str, environ: Mapping[str, Any]) -> bool:
    """Whether a request is in the query protocol: some services know no other, some know JSON as well."""
    return service in _FORMS or (service in _BOTH and "HTTP_X_AMZ_TARGET" not in environ)


def rpc_operation(path: str) -> str:
    """The operation of a smithy-rpc-v2 path; empty when it is none."""
    found = _RPC_PATH.fullmatch(path)
    return found["operation"] if found else ""


def json_params(body: bytes) -> dict[str, Any]:
    """A JSON object's members; none when the body is something else, which the service then refuses."""
    try:
        params = orjson.loads(body) if body else {}
    except ValueError:
        params = _lenient(body)
    return params if isinstance(params, dict) else {}


def _lenient(body: bytes) -> Any:
    """What Python's own reader takes, which is what the services use: NaN, half a surrogate pair, UTF-16."""
    try:
        found = json.loads(body)
        # Half a pair cannot be said again in an answer.
        return json.loads(json.dumps(found, ensure_ascii=False).encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None


def unpacked(body: bytes, environ: Mapping[str, Any]) -> bytes:
    """The body without its gzip (SDKs compress large requests of CloudWatch); as it is when it is none."""
    if str(environ.get("HTTP_CONTENT_ENCODING", "")).lower() != "gzip":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError, zlib.error):
        return body


def cbor_params(body: bytes) -> dict[str, Any]:
    """A CBOR map's members; none when the body is something else."""
    from botocore.parsers import RpcV2CBORParser

    if not body:
        return {}
    parser = RpcV2CBORParser()
    try:
        params = parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))
    except Exception:  # noqa: BLE001 - a body that is no CBOR ends in whatever the parser stumbles over
        return {}
    return params if isinstance(params, dict) else {}


def form_params(text: str) -> dict[str, Any]:
    """A query-protocol form as nested maps and lists: `Tags.member.1.Key=a` becomes `{"Tags": [{"Key": "a"}]}`."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name not in ("Action", "Version"):
            _put(tree, name.split(".")[:20], value)
    return {name: _shaped(value) for name, value in tree.items()}


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    for step in path[:-1]:
        below = tree.setdefault(step, {})
        if not isinstance(below, dict):
            return
        tree = below
    tree.setdefault(path[-1], value)


def _shaped(node: Any) -> Any:
    """Numbered children are a list; `member` and `entry` only wrap one."""
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and next(iter(node)) in ("member", "entry"):
        return _shaped(next(iter(node.values())))
    if node and all(step.isdecimal() for step in node):
        listed = [_shaped(node[step]) for step in sorted(node, key=int)]
        return _mapped(listed)
    return {step: _shaped(below) for step, below in node.items()}


def _mapped(listed: list[Any]) -> Any:
    """A map is sent as a list of `key` and `value`."""
    if all(isinstance(one, dict) and set(one) == {"key", "value"} for one in listed):
        return {str(one["key"]): one["value"] for one in listed}
    return listed

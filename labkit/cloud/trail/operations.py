"""The name of the operation that a request asks for, and its parameters as the API spells them, by botocore's models."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote

from labkit.cloud.trail.heard import Heard
from labkit.cloud.trail.s3_operations import s3_operation

# A package is data, and megabytes of it: it is taken out before the parameters are read.
_ZIP = re.compile(rb'"ZipFile"\s*:\s*"[^"]*"')
_BODY_LIMIT = 4 << 20


@dataclass(frozen=True)
class Operation:
    """One operation as asked for; `shape` is botocore's input shape (None when the model does not know the name)."""

    name: str
    params: Mapping[str, Any]
    shape: Any = None
    output_shape: Any = None


def find_operation(heard: Heard) -> Operation:
    """What the request asks for. A request that no model explains is named by its method and has no parameters."""
    request = heard.request
    if request.service == "s3":
        name, params = s3_operation(heard)
        return Operation(name, params, None, None)
    if request.service == "lambda":
        return _lambda_operation(heard)
    name = request.action or _rpc_name(request.path)
    if not name:
        return Operation(f"{request.method.capitalize()}Unknown", {})
    found = find_model(request.service, name)
    return Operation(name, _named_params(heard, found), *_shapes(found))


@cache
def service_model(service: str) -> Any:
    """botocore's model of a service, or None."""
    import botocore.session
    from botocore.exceptions import UnknownServiceError

    try:
        return botocore.session.get_session().get_service_model(service)
    except UnknownServiceError:
        return None


def find_model(service: str, operation: str) -> Any:
    """botocore's model of an operation, or None."""
    model = service_model(service)
    return model.operation_model(operation) if model is not None and operation in model.operation_names else None


def _shapes(found: Any) -> tuple[Any, Any]:
    return (found.input_shape, found.output_shape) if found is not None else (None, None)


def _rpc_name(path: str) -> str:
    """`/service/GraniteServiceVersion20100801/operation/GetMetricData`"""
    match = re.fullmatch(r"/service/[^/]+/operation/(\w+)/?", path)
    return match[1] if match else ""


def _named_params(heard: Heard, found: Any) -> Mapping[str, Any]:
    kind = heard.headers.get("CONTENT_TYPE", "")
    if "cbor" in kind:
        return _cbor(heard.body)
    if kind.startswith("application/x-www-form-urlencoded") or (not heard.body and heard.query):
        text = heard.body.decode("utf-8", "replace") or heard.query
        fields = dict(parse_qsl(text, keep_blank_values=True))
        return read_form(fields, found.input_shape) if found is not None and found.input_shape is not None else {}
    return _json_object(heard.body)


def read_form(fields: Mapping[str, str], shape: Any, prefix: str = "") -> dict[str, Any]:
    """The parameters of a query call (`Tags.member.1.Key=a`) as a document of the input shape."""
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        key = prefix + str(member.serialization.get("name", name))
        value = _form_value(fields, member, key)
        if value is not None:
            found[name] = value
    return found


def _form_value(fields: Mapping[str, str], shape: Any, key: str) -> Any:
    if shape.type_name not in ("structure", "list", "map"):
        return fields.get(key)
    if not any(name == key or name.startswith(f"{key}.") for name in fields):
        return None
    if shape.type_name == "structure":
        return read_form(fields, shape, f"{key}.")
    if shape.type_name == "list":
        base = (
            key if shape.serialization.get("flattened") else f"{key}.{shape.member.serialization.get('name', 'member')}"
        )
        items = (_form_value(fields, shape.member, f"{base}.{number}") for number in range(1, len(fields) + 1))
        return [item for item in items if item is not None]
    base = key if shape.serialization.get("flattened") else f"{key}.entry"
    names = shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")
    entries = ((fields.get(f"{base}.{n}.{names[0]}"), f"{base}.{n}.{names[1]}") for n in range(1, len(fields) + 1))
    return {name: _form_value(fields, shape.value, at) for name, at in entries if name is not None}


def _lambda_operation(heard: Heard) -> Operation:
    method, path = heard.request.method, heard.request.path.rstrip("/")
    query = parse_qs(heard.query, keep_blank_values=True)
    for name, asked_method, pattern, asked_query in _rest_table("lambda"):
        match = pattern.fullmatch(path) if asked_method == method else None
        if match and asked_query <= query.keys():
            found = find_model("lambda", name)
            params = {key: unquote(value) for key, value in match.groupdict().items()}
            params |= _located(found, query)
            if name not in ("Invoke", "InvokeAsync", "InvokeWithResponseStream"):
                params |= _json_object(_ZIP.sub(b'"ZipFile":""', heard.body))
            elif "HTTP_X_AMZ_INVOCATION_TYPE" in heard.headers:
                params["InvocationType"] = heard.headers["HTTP_X_AMZ_INVOCATION_TYPE"]
            return Operation(name, params, *_shapes(found))
    return Operation(f"{method.capitalize()}Unknown", {})


def _located(found: Any, query: Mapping[str, list[str]]) -> dict[str, Any]:
    members = found.input_shape.members.items() if found.input_shape is not None else ()
    places = {
        name: str(m.serialization.get("name", name))
        for name, m in members
        if m.serialization.get("location") == "querystring"
    }
    return {name: query[at][0] for name, at in places.items() if at in query}


@cache
def _rest_table(service: str) -> list[tuple[str, str, re.Pattern[str], frozenset[str]]]:
    """(operation, method, path, keys that the query must have), the most particular paths first."""
    model, table = service_model(service), []
    for name in model.operation_names:
        uri, _, query = model.operation_model(name).http["requestUri"].partition("?")
        pattern = re.sub(r"\\\{(\w+)\\?\+?\\\}", r"(?P<\1>.+?)", re.escape(uri.rstrip("/")))
        keys = frozenset(part.split("=")[0] for part in query.split("&") if part)
        table.append((name, model.operation_model(name).http["method"], re.compile(pattern), keys))
    return sorted(table, key=lambda row: (-len(row[3]), -row[2].pattern.count("/"), row[2].pattern.count("(?P")))


def _json_object(body: bytes) -> dict[str, Any]:
    if not body or len(body) > _BODY_LIMIT:
        return {}
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _cbor(body: bytes) -> dict[str, Any]:
    """botocore reads CBOR for its replies; its reader serves here too."""
    import io

    from botocore.parsers import RpcV2CBORParser

    try:
        parser: Any = RpcV2CBORParser()
        found = parser.parse_data_item(io.BufferedReader(io.BytesIO(body)))
    except Exception:  # noqa: BLE001 - a body that is no CBOR has no parameters to show
        return {}
    return found if isinstance(found, dict) else {}

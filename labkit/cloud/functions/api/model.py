"""Lambda's operations as AWS's own model lists them: which HTTP request is which call, and with what parameters."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from labkit.cloud.call import AwsError


@dataclass(frozen=True)
class Operation:
    """One call: its name, its HTTP method and path, what its query must hold, and the shape of its input."""

    name: str
    method: str
    path: re.Pattern[str]
    query: Mapping[str, str]
    shape: Any


@dataclass(frozen=True)
class Match:
    """The operation of a request, and the parameters that stand in its path."""

    operation: Operation
    in_path: Mapping[str, str]


@functools.lru_cache(maxsize=1)
def operations() -> Sequence[Operation]:
    """Every operation of the model; those with more in their path first, since `/layers` begins `/layers/{name}` too."""
    import botocore.session

    model = botocore.session.get_session().get_service_model("lambda")
    found = []
    for name in model.operation_names:
        described = model.operation_model(name)
        path, _, query = described.http["requestUri"].partition("?")
        fixed = {key: values[0] for key, values in parse_qs(query).items()}
        expression = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path).rstrip("/")) + "/?"
        found.append(Operation(name, described.http["method"], re.compile(expression), fixed, described.input_shape))
    return sorted(found, key=lambda one: (-len(one.query), -len(one.path.pattern)))


def find_operation(method: str, path: str, query: Mapping[str, Sequence[str]]) -> Match | None:
    """What a request asks for; None when Lambda has no such call."""
    for operation in operations():
        if operation.method != method or any(
            query.get(key, [""])[0] != value for key, value in operation.query.items()
        ):
            continue
        if match := operation.path.fullmatch(path):
            return Match(operation, match.groupdict())
    return None


def read_parameters(
    match: Match, query: Mapping[str, Sequence[str]], header: Mapping[str, Any], body: bytes
) -> dict[str, Any]:
    """The parameters by AWS's names; AwsError when the body is not a JSON object or a number is none."""
    params: dict[str, Any] = {}
    document = _read_body(body) if body else {}
    for name, shape in match.operation.shape.members.items():
        place, key = shape.serialization.get("location"), shape.serialization.get("name", name)
        if place == "uri":
            params[name] = _from_query(shape, [match.in_path[key]], name)
        elif place == "querystring" and key in query:
            params[name] = _from_query(shape, query[key], name)
        elif place == "header":
            value = header.get("HTTP_" + key.upper().replace("-", "_"))
            if value is not None:
                params[name] = value
        elif place is None and document.get(name) is not None:
            params[name] = document[name]
    return params


def _read_body(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
        if b"\\ud" in body.lower():  # half of a character: Python reads it, and could not write it again
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise AwsError("InvalidRequestContentException", f"Could not parse request body into json: {error}") from None
    if not isinstance(document, dict):
        raise AwsError("InvalidRequestContentException", "Could not parse request body into json: not an object")
    return document


def _from_query(shape: Any, values: Sequence[str], name: str) -> Any:
    if shape.type_name == "list":
        return list(values)
    if shape.type_name in ("integer", "long"):
        try:
            return int(values[0])
        except ValueError:
            raise AwsError("SerializationException", f"{values[0]} is not an integer ({name})") from None
    return values[0]

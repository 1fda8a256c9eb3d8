"""Request parameters and response elements as CloudTrail shows them: camelCase, secrets hidden, long texts cut."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
_MAX_TEXT = 4096
_MAX_ITEMS = 200
_MAX_DEPTH = 12
# Never shown, whatever the model says of them: secrets, and data that is no parameter.
_SECRET = frozenset(
    {"secretstring", "secretbinary", "password", "newpassword", "oldpassword", "plaintext", "ciphertextblob"}
    | {"privatekey", "webidentitytoken", "samlassertion", "certificateprivatekey"}
)
_DROPPED = frozenset(
    {"secretaccesskey", "zipfile", "body", "payload", "messagebody", "logevents", "metricdata", "entries"}
    | {"expressionattributevalues"}
)
# Of a function's environment CloudTrail shows that there is one, and of a query what was asked.
_EMPTIED = frozenset({"environment"})


def show(value: Any, shape: Any = None, service: str = "") -> Any:
    """The value of a parameter or a reply in CloudTrail's spelling; names of members follow the shape where it is known."""
    return _show(value, shape, service, 0)


def _show(value: Any, shape: Any, service: str, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        return "…"
    if shape is not None and shape.metadata.get("sensitive") and not _is_plain(shape):
        return HIDDEN
    if isinstance(value, Mapping):
        return _show_map(value, shape, service, depth)
    if isinstance(value, list | tuple):
        member = shape.member if shape is not None and shape.type_name == "list" else None
        return [_show(item, member, service, depth + 1) for item in value[:_MAX_ITEMS]]
    if isinstance(value, bytes | bytearray):
        return HIDDEN
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT] + "…"
    if isinstance(value, datetime):
        return value.strftime("%b %-d, %Y %-I:%M:%S %p") if service in ("iam", "sts") else value.isoformat()
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def _is_plain(shape: Any) -> bool:
    """Glue marks no secrets that way, Lambda its ARNs of keys: a structure that is marked is shown by its own members."""
    return bool(shape.type_name == "structure") and shape.name != "Environment"


def _show_map(value: Mapping[Any, Any], shape: Any, service: str, depth: int) -> dict[str, Any]:
    if shape is not None and shape.type_name == "map":
        return {
            str(name): _show(item, shape.value, service, depth + 1) for name, item in list(value.items())[:_MAX_ITEMS]
        }
    members = shape.members if shape is not None and shape.type_name == "structure" else {}
    shown: dict[str, Any] = {}
    for name, item in value.items():
        plain = str(name).lower()
        if plain in _DROPPED or name == "ResponseMetadata":
            continue
        camel = str(name) if service == "s3" else lower_first(str(name))  # S3's configurations keep their XML's names
        if plain in _SECRET:
            shown[camel] = HIDDEN
        elif plain in _EMPTIED and service == "lambda":
            shown[camel] = {}
        else:
            shown[camel] = _show(item, members.get(name), service, depth + 1)
    return shown


def lower_first(name: str) -> str:
    """`FunctionName` → `functionName`; names that are not CamelCase (`x-amz-acl`) stay."""
    return name[:1].lower() + name[1:] if name[:1].isupper() and name[:1].isascii() and name != "Host" else name

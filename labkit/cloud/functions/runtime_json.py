"""How AWS's Python runtime writes a response as JSON. Loaded by `bootstrap.py` from its path; imports nothing of labkit.

AWS's runtime uses simplejson, which differs from the standard library in what this file adds: bytes are text, named tuples are
documents, a Decimal keeps its digits, and until Python 3.12 everything beyond ASCII is escaped.
"""

from __future__ import annotations

import decimal
import json
import re
import secrets
from typing import Any

_ASCII_RUNTIMES = re.compile(r"AWS_Lambda_python3\.([0-9]|10|11)")


def write_response(result: Any, environment: str | None) -> str:
    """The JSON text of a handler's result; TypeError, ValueError … for what is not JSON. `environment` is AWS_EXECUTION_ENV."""
    escaped = bool(_ASCII_RUNTIMES.fullmatch(environment or ""))
    token = secrets.token_hex(8)

    def plain(value: object) -> object:
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if isinstance(value, decimal.Decimal):
            return float("nan") if value.is_nan() else f"{token}{value}{token}"
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")

    try:
        text = json.dumps(result, default=plain, ensure_ascii=escaped)
        special = _has_special(result)
    except TypeError as failure:
        # The keys of a document are not given to `default`.
        if "not bytes" not in str(failure):
            raise
        special = True
    if special:
        text = json.dumps(_spelled_out(result), default=plain, ensure_ascii=escaped)
    return re.sub(f'"{token}(.*?){token}"', r"\1", text) if token in text else text


def _has_special(result: Any) -> bool:
    """Whether there is a named tuple in it; it was written once, so there is no circle in it."""
    waiting = [result]
    while waiting:
        value = waiting.pop()
        if isinstance(value, tuple) and hasattr(value, "_asdict"):
            return True
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, (list, tuple)):
            waiting.extend(value)
    return False


def _spelled_out(value: Any) -> Any:
    if isinstance(value, dict):
        return {_key(key): _spelled_out(part) for key, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return _spelled_out(value._asdict())
    if isinstance(value, (list, tuple)):
        return [_spelled_out(part) for part in value]
    return value


def _key(key: Any) -> Any:
    return key.decode("utf-8") if isinstance(key, bytes) else key

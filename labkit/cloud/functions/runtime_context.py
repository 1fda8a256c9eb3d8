"""The context object of a handler, with AWS's names and types. Loaded by `bootstrap.py` from its path; imports nothing of labkit."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from typing import Any

_W3C = ("traceparent", "tracestate", "baggage")


class CognitoIdentity:
    """The caller's Cognito identity; a local cloud has none."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self) -> None:
        self.cognito_identity_id: str | None = None
        self.cognito_identity_pool_id: str | None = None

    def __repr__(self) -> str:
        return _shown(self, self.__slots__)


class Client:
    """The mobile app of a client context."""

    __slots__ = ("app_package_name", "app_title", "app_version_code", "app_version_name", "installation_id")

    def __init__(self, document: dict[str, Any]) -> None:
        for name in self.__slots__:
            setattr(self, name, document.get(name))

    def __repr__(self) -> str:
        names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
        return _shown(self, names)


class ClientContext:
    """What the caller passed in ClientContext."""

    __slots__ = ("client", "custom", "env")

    def __init__(self, document: dict[str, Any]) -> None:
        self.custom = document.get("custom")
        self.env = document.get("env")
        self.client = Client(document["client"]) if isinstance(document.get("client"), dict) else None

    def __repr__(self) -> str:
        return _shown(self, ("custom", "env", "client"))


class LambdaContext:
    """The second argument of a handler (``memory_limit_in_mb`` is a str on AWS too)."""

    def __init__(self, request: dict[str, Any]) -> None:
        document = dict(request.get("client_context") or {})
        traced = document.pop("w3c", None)
        self.aws_request_id: str = request["request_id"]
        self.log_group_name = os.environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn: str = request["arn"]
        self.tenant_id: str | None = None
        self.client_context = ClientContext(document) if request.get("client_context") else None
        self.identity = CognitoIdentity()
        self._w3c = {
            name: traced[name] for name in _W3C if isinstance(traced, dict) and isinstance(traced.get(name), str)
        }
        self._deadline_ms = int(request["deadline_ms"])

    def get_remaining_time_in_millis(self) -> int:
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def w3c(self) -> dict[str, str]:
        """The W3C trace context of the client context."""
        return dict(self._w3c)

    def log(self, message: object) -> None:
        sys.stdout.write(str(message))

    def __repr__(self) -> str:
        names = (
            "aws_request_id",
            "log_group_name",
            "log_stream_name",
            "function_name",
            "memory_limit_in_mb",
            "function_version",
            "invoked_function_arn",
            "client_context",
            "identity",
            "tenant_id",
        )
        return _shown(self, names)


def _shown(value: object, names: Sequence[str]) -> str:
    inside = ",".join(f"{name}={getattr(value, name)}" for name in names)
    return f"{type(value).__name__}([{inside}])"

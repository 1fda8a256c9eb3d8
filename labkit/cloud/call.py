"""One AWS API call, and the error reply it may end in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scope:
    """Where a resource lives: an account (12 digits) and a region."""

    account: str
    region: str


@dataclass(frozen=True)
class Call:
    """A request that an engine answers; `params` are spelled as in the AWS API."""

    service: str
    action: str
    params: Mapping[str, Any]
    scope: Scope
    access_key: str | None = None
    request_id: str = ""


class AwsError(Exception):
    """A refusal in AWS's words: `code` is the service's error code, `status` the HTTP status, `fields` more of the reply."""

    def __init__(self, code: str, message: str, status: int = 400, fields: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})


Handler = Callable[[Call], dict[str, Any]]

"""Answers of AWS that the local cloud cannot give, in the shapes of botocore's models."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError


def refusal(code: str, operation: str, message: str = "no") -> ClientError:
    reply = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return ClientError(reply, operation)  # type: ignore[arg-type]


class Pages:
    """A paginator that gives these pages whatever is asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self.pages = pages

    def paginate(self, **_params: Any) -> Iterator[dict[str, Any]]:
        return iter(self.pages)

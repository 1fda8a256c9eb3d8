"""Glue's errors as the exceptions that Hive's client declares."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError
from pymetastore.hive_metastore import ttypes as hive

_EXCEPTIONS = {
    "EntityNotFoundException": hive.NoSuchObjectException,
    "AlreadyExistsException": hive.AlreadyExistsException,
    "InvalidInputException": hive.InvalidObjectException,
}
Function = TypeVar("Function", bound=Callable[..., Any])


_refusals: list[str] = []


def last_refusal() -> str:
    """What the catalog last said to a role that may not; empty when it refused nothing."""
    return _refusals[-1] if _refusals else ""


def as_hive_error(error: ClientError) -> Exception:
    """The exception to send for a Glue error; what Hive has no word for is a MetaException."""
    told = error.response.get("Error", {})
    code, message = told.get("Code", ""), told.get("Message", str(error))
    if code == "AccessDeniedException":
        _refusals[:] = [message]
    kind = _EXCEPTIONS.get(code)
    translated: Exception = kind(message) if kind else hive.MetaException(f"{code}: {message}")
    return translated


def answering(function: Function) -> Function:
    """A metastore method whose AWS errors become Hive's."""

    @wraps(function)
    def answer(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except ClientError as error:
            raise as_hive_error(error) from error
        except BotoCoreError as error:
            raise hive.MetaException(f"The Glue Data Catalog cannot be reached: {error}") from error

    return answer  # type: ignore[return-value]

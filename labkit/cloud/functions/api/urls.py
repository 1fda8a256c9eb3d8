"""Function URLs: none can be made here, so none is ever found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, not_here


def refuse_url(request: Request) -> Reply:
    """CreateFunctionUrlConfig."""
    if not store.exists(request.function):
        raise not_found("Function does not exist")
    raise not_here("function URLs (use Invoke)")


def no_url(request: Request) -> Reply:
    """GetFunctionUrlConfig, UpdateFunctionUrlConfig, DeleteFunctionUrlConfig."""
    del request
    raise not_found("The resource you requested does not exist.")


def list_urls(request: Request) -> Reply:
    """ListFunctionUrlConfigs."""
    if not store.exists(replace(request.function, qualifier=None)):
        raise not_found("Function does not exist")
    return Reply({"FunctionUrlConfigs": []})


HANDLERS: Mapping[str, Handler] = {
    "CreateFunctionUrlConfig": refuse_url,
    "GetFunctionUrlConfig": no_url,
    "UpdateFunctionUrlConfig": no_url,
    "DeleteFunctionUrlConfig": no_url,
    "ListFunctionUrlConfigs": list_urls,
}

"""Reserved concurrency; provisioned concurrency is refused, since no process would wait for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.names import LATEST
from labkit.cloud.functions.api.reads import ACCOUNT_CONCURRENCY, MIN_UNRESERVED
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_here, page, refuse


def put_concurrency(request: Request) -> Reply:
    """PutFunctionConcurrency."""
    name, wanted = replace(request.function, qualifier=None), request.params["ReservedConcurrentExecutions"]
    with store.CHANGES:
        latest = store.get_latest(name)
        others = [one for one in store.list_latest(name.scope) if one.function_name != name.name]
        reserved = sum(int(one.reserved_concurrency or 0) for one in others)
        if ACCOUNT_CONCURRENCY - reserved - wanted < MIN_UNRESERVED:
            cause = (
                "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution"
            )
            raise refuse(f"{cause} below its minimum value of [{MIN_UNRESERVED}].")
        latest.reserved_concurrency = wanted
    return Reply({"ReservedConcurrentExecutions": wanted})


def get_concurrency(request: Request) -> Reply:
    """GetFunctionConcurrency: empty when nothing is reserved."""
    latest = store.get_latest(replace(request.function, qualifier=None))
    reserved = latest.reserved_concurrency
    return Reply({} if reserved is None else {"ReservedConcurrentExecutions": reserved})


def delete_concurrency(request: Request) -> Reply:
    """DeleteFunctionConcurrency."""
    store.get_latest(replace(request.function, qualifier=None)).reserved_concurrency = None
    return Reply(status=204)


def put_provisioned(request: Request) -> Reply:
    """Refused."""
    if request.function.qualifier == LATEST:
        raise refuse("Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    store.get_version(request.function)
    raise not_here("provisioned concurrency")


def get_provisioned(request: Request) -> Reply:
    """None ever exists."""
    if request.function.qualifier == LATEST:
        raise refuse("The function resource provided must be an alias or a published version.")
    store.get_version(request.function)
    cause = "No Provisioned Concurrency Config found for this function"
    raise refuse(cause, "ProvisionedConcurrencyConfigNotFoundException", 404)


def delete_provisioned(request: Request) -> Reply:
    """Idempotent, as on AWS."""
    if request.function.qualifier == LATEST:
        raise refuse("The function resource provided must be an alias or a published version.")
    store.get_version(request.function)
    return Reply(status=204)


def list_provisioned(request: Request) -> Reply:
    """Always empty."""
    store.get_latest(replace(request.function, qualifier=None))
    return Reply(page([], request.params).document("ProvisionedConcurrencyConfigs"))


HANDLERS: Mapping[str, Handler] = {
    "PutFunctionConcurrency": put_concurrency,
    "GetFunctionConcurrency": get_concurrency,
    "DeleteFunctionConcurrency": delete_concurrency,
    "PutProvisionedConcurrencyConfig": put_provisioned,
    "GetProvisionedConcurrencyConfig": get_provisioned,
    "DeleteProvisionedConcurrencyConfig": delete_provisioned,
    "ListProvisionedConcurrencyConfigs": list_provisioned,
}

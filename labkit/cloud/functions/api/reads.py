"""GetFunction and the other calls that describe functions."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from labkit.cloud.functions.api import shapes, store
from labkit.cloud.functions.api.names import LATEST
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_here, page
from labkit.cloud.functions.kept import keep_function, kept_function

if TYPE_CHECKING:
    from labkit.cloud.services import Services

# The quotas of a new account (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
ACCOUNT_CONCURRENCY = 1000
MIN_UNRESERVED = 100
_LIMITS = {"TotalCodeSize": 80_530_636_800, "CodeSizeUnzipped": 262_144_000, "CodeSizeZipped": 52_428_800}
CODE_PATH = "/awslambda-code/"


@dataclass(frozen=True)
class ReadCalls:
    """The calls that change nothing."""

    services: Services

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "GetFunction": self.get,
            "GetFunctionConfiguration": self.get_configuration,
            "ListFunctions": self.list_functions,
            "ListVersionsByFunction": self.list_versions,
            "GetAccountSettings": self.account_settings,
            "GetRuntimeManagementConfig": self.runtime_management,
            "PutRuntimeManagementConfig": self.put_runtime_management,
            "GetFunctionRecursionConfig": self.recursion,
            "PutFunctionRecursionConfig": self.put_recursion,
            "GetFunctionCodeSigningConfig": self.code_signing,
            "ListCodeSigningConfigs": lambda _: Reply({"CodeSigningConfigs": []}),
        }

    def get(self, request: Request) -> Reply:
        name = request.function
        function = store.get_version(name)
        latest = store.get_latest(name)
        document: dict[str, Any] = {
            "Configuration": shapes.configuration(function, shapes.qualifier_shown(name, function)),
            "Code": {"RepositoryType": "S3", "Location": self.code_url(function.code_sha_256)},
        }
        if latest.tags:
            document["Tags"] = dict(latest.tags)
        if latest.reserved_concurrency is not None:
            document["Concurrency"] = {"ReservedConcurrentExecutions": latest.reserved_concurrency}
        return Reply(document)

    def get_configuration(self, request: Request) -> Reply:
        name = request.function
        function = store.get_version(name)
        return Reply(shapes.configuration(function, shapes.qualifier_shown(name, function)))

    def list_functions(self, request: Request) -> Reply:
        if request.params.get("MasterRegion"):
            raise not_here("Lambda@Edge replicas (MasterRegion)")
        found = []
        for latest in store.list_latest(request.scope):
            name = replace(shapes.name_of(latest), qualifier=None)
            if request.params.get("FunctionVersion") == "ALL":
                versions = [latest, *store.get_versions(name)]
                found += [shapes.configuration(one, str(one.version)) for one in versions]
            else:
                found.append(shapes.configuration(latest))
        return Reply(page([shapes.listed(one) for one in found], request.params).document("Functions"))

    def list_versions(self, request: Request) -> Reply:
        name = replace(request.function, qualifier=None)
        versions = [store.get_latest(name), *store.get_versions(name)]
        found = [shapes.listed(shapes.configuration(one, str(one.version))) for one in versions]
        return Reply(page(found, request.params).document("Versions"))

    def account_settings(self, request: Request) -> Reply:
        latest = store.list_latest(request.scope)
        versions = [one for function in latest for one in store.get_versions(shapes.name_of(function))]
        reserved = sum(int(one.reserved_concurrency or 0) for one in latest)
        limits = {
            **_LIMITS,
            "ConcurrentExecutions": ACCOUNT_CONCURRENCY,
            "UnreservedConcurrentExecutions": ACCOUNT_CONCURRENCY - reserved,
        }
        usage = {"TotalCodeSize": sum(one.code_size for one in (*latest, *versions)), "FunctionCount": len(latest)}
        return Reply({"AccountLimit": limits, "AccountUsage": usage})

    def runtime_management(self, request: Request) -> Reply:
        name = request.function
        store.get_version(name)
        shown = replace(name, qualifier=name.qualifier or LATEST)
        return Reply({"UpdateRuntimeOn": "Auto", "FunctionArn": shown.qualified_arn})

    def put_runtime_management(self, request: Request) -> Reply:
        if request.params["UpdateRuntimeOn"] != "Auto":
            raise not_here("runtime updates other than Auto (every function runs on this machine's Python)")
        return self.runtime_management(request)

    def recursion(self, request: Request) -> Reply:
        latest = store.get_latest(replace(request.function, qualifier=None))
        return Reply({"RecursiveLoop": kept_function(latest).recursive_loop})

    def put_recursion(self, request: Request) -> Reply:
        latest = store.get_latest(replace(request.function, qualifier=None))
        keep_function(latest, recursive_loop=request.params["RecursiveLoop"])
        return self.recursion(request)

    def code_signing(self, request: Request) -> Reply:
        store.get_latest(replace(request.function, qualifier=None))
        return Reply({})

    def code_url(self, sha256: str) -> str:
        """Where the zip can be fetched from: a path that nobody guesses, as AWS's presigned ones."""
        return f"{self.services.endpoint_url}{CODE_PATH}{quote(sha256, safe='')}"


def find_code(sha256: str, account: str) -> bytes | None:
    """The zip of that digest, of a function or a layer."""
    for one in store.all_code(account):
        if secrets.compare_digest(one.code_sha_256, sha256):
            found: bytes = one.code_bytes
            return found
    return None

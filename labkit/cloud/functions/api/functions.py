"""CreateFunction, the Update calls, DeleteFunction, and versions."""

from __future__ import annotations

import base64
import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from labkit.cloud.call import AwsError
from labkit.cloud.functions.api import shapes, store
from labkit.cloud.functions.api.code import check_together, read_code
from labkit.cloud.functions.api.names import LATEST, FunctionName, is_version, read_name
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_here, refuse
from labkit.cloud.functions.api.settings import Checker, take_settings
from labkit.cloud.functions.api.tagging import check_tags
from labkit.cloud.functions.kept import (
    Archive,
    keep_function,
    keep_version,
    kept_function,
    kept_version,
    new_revision,
)
from labkit.cloud.functions.runtimes import check_runtime

if TYPE_CHECKING:
    from moto.awslambda.models import LambdaFunction

    from labkit.cloud.services import Services

_OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the "
    "latest Revision Id"
)
_MAX_TAGS = 50


@dataclass(frozen=True)
class FunctionCalls:
    """The calls that change functions."""

    services: Services

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "CreateFunction": self.create,
            "UpdateFunctionCode": self.update_code,
            "UpdateFunctionConfiguration": self.update_configuration,
            "DeleteFunction": self.delete,
            "PublishVersion": self.publish,
        }

    def create(self, request: Request) -> Reply:
        params = request.params
        name = read_name(params["FunctionName"], request.scope)
        _check_package(params)
        if len(params.get("Tags") or {}) > _MAX_TAGS:
            raise refuse("Number of tags exceeds function tag limit.")
        check_tags(params.get("Tags") or {})
        checker = Checker(self.services, request.scope)
        checker.check(params)
        layers = checker.read_layers(params.get("Layers") or [])
        with store.CHANGES:
            if store.exists(name):
                raise refuse(f"Function already exist: {name.name}", "ResourceConflictException", 409)
            archive = read_code(params["Code"], request.scope)
            check_together([archive, *layers[1]])
            function = self._new(name, params, archive)
            _keep_settings(function, params, layers)
            # One of the same name and code that was deleted may have left a warm environment, with the keys of a role that is gone.
            keep_version(function, configured=new_revision())
            if params.get("Publish"):
                function = self._publish(name, None)
        return Reply(shapes.created(shapes.configuration(function, _published(function))), 201)

    def update_code(self, request: Request) -> Reply:
        params, name = request.params, _unqualified(request)
        if params.get("PublishTo"):
            raise not_here("PublishTo")
        with store.CHANGES:
            latest = store.get_latest(name)
            _check_revision(latest, params)
            archive = read_code(params, request.scope)
            check_together([archive, *(kept_version(latest).layers or ())])
            target = copy.copy(latest) if params.get("DryRun") else latest
            _set_code(target, archive)
            if params.get("Architectures"):
                target.architectures = params["Architectures"]
            target.last_modified = self._now()
            keep_version(target, updated=True)
            if params.get("Publish") and not params.get("DryRun"):
                target = self._publish(name, None)
        return Reply(shapes.updated(shapes.configuration(target, _published(target))))

    def update_configuration(self, request: Request) -> Reply:
        params, name = request.params, _unqualified(request)
        checker = Checker(self.services, request.scope)
        with store.CHANGES:
            latest = store.get_latest(name)
            _check_revision(latest, params)
            checker.check({"Role": latest.role, **params} if params.get("DeadLetterConfig") else params)
            layers = None if params.get("Layers") is None else checker.read_layers(params["Layers"])
            if layers is not None:
                check_together([Archive(latest.code_sha_256, getattr(latest, "code_bytes", b"")), *layers[1]])
            take_settings(latest, params)
            latest.last_modified = self._now()
            _keep_settings(latest, params, layers)
            keep_version(latest, configured=new_revision())
        return Reply(shapes.updated(shapes.configuration(latest)))

    def delete(self, request: Request) -> Reply:
        name = request.function
        if name.qualifier == LATEST:
            raise refuse("$LATEST version cannot be deleted without deleting the function.")
        with store.CHANGES:
            store.get_latest(replace(name, qualifier=None))
            if name.qualifier is None:
                store.remove_function(name)
            elif is_version(name.qualifier):
                _delete_version(name, name.qualifier)
            else:
                raise refuse("Deletion of aliases is not currently supported.")
        return Reply(status=204)

    def publish(self, request: Request) -> Reply:
        params, name = request.params, _unqualified(request)
        if params.get("PublishTo"):
            raise not_here("PublishTo")
        with store.CHANGES:
            latest = store.get_latest(name)
            _check_revision(latest, params)
            wanted = params.get("CodeSha256")
            if wanted and wanted != latest.code_sha_256:
                now = f"different from current CodeSHA256 in $LATEST ({latest.code_sha_256})"
                raise refuse(f"CodeSHA256 ({wanted}) is {now}. Please try again with the CodeSHA256 in $LATEST.")
            before = len(store.get_versions(name))
            function = self._publish(name, params.get("Description"))
            is_new = len(store.get_versions(name)) > before
        shown = shapes.configuration(function, str(function.version))
        return Reply(shapes.created(shown) if is_new else shown, 201)

    def _new(self, name: FunctionName, params: Mapping[str, Any], archive: Archive) -> LambdaFunction:
        backend = store.backend(name.scope)
        spec = {"FunctionName": name.name, "Role": params["Role"], "Tags": dict(params.get("Tags") or {})}
        code = {"ZipFile": base64.b64encode(archive.body).decode("ascii")}
        function = backend.create_function({**spec, "Code": code})
        function.code = {"S3Key": name.name}  # the bytes once are enough
        _set_code(function, archive)
        function.architectures = params.get("Architectures") or ["x86_64"]
        function.last_modified = self._now()
        take_settings(function, {"Description": "", "Timeout": 3, "MemorySize": 128, **params})
        return function

    def _publish(self, name: FunctionName, description: str | None) -> LambdaFunction:
        """A new version, or the last one when nothing has changed since."""
        latest, versions = store.get_latest(name), store.get_versions(name)
        kept, mark = kept_function(latest), shapes.fingerprint(latest)
        if versions and kept.published == mark:
            return versions[-1]
        version = copy.copy(latest)
        version.set_version(kept.next_version)
        version.last_modified = self._now()
        if description is not None:
            version.description = description
        keep_version(version)
        keep_function(latest, next_version=kept.next_version + 1, published=mark)
        store.add_version(name, version)
        return version

    def _now(self) -> str:
        return shapes.lambda_time(self.services.clock())


def _published(function: LambdaFunction) -> str | None:
    return None if str(function.version) == LATEST else str(function.version)


def _unqualified(request: Request) -> FunctionName:
    name = request.function
    if name.qualifier not in (None, LATEST):
        raise refuse(
            f"This operation is permitted on Lambda functions only. {name.qualified_arn} names a version or an alias."
        )
    return replace(name, qualifier=None)


def _check_package(params: Mapping[str, Any]) -> None:
    if params.get("PackageType") == "Image":
        try:
            check_runtime("", "Image")
        except AwsError as error:
            raise refuse(error.message) from None
    if not (params.get("Runtime") and params.get("Handler")):
        raise refuse("Runtime and Handler are mandatory parameters for functions created with deployment packages.")


def _check_revision(latest: LambdaFunction, params: Mapping[str, Any]) -> None:
    wanted = params.get("RevisionId")
    if wanted and wanted != kept_version(latest).revision_id:
        raise refuse(_OTHER_REVISION, "PreconditionFailedException", 412)


def _set_code(function: LambdaFunction, archive: Archive) -> None:
    function.code_bytes, function.code_size = archive.body, len(archive.body)
    function.code_sha_256 = archive.sha256


def _keep_settings(
    function: LambdaFunction, params: Mapping[str, Any], layers: tuple[list[Any], tuple[Archive, ...]] | None
) -> None:
    changes: dict[str, Any] = {"updated": True}
    if layers is not None:
        function.layers, changes["layers"] = layers
    if params.get("LoggingConfig") is not None:
        before = kept_version(function).logging if params["LoggingConfig"].get("LogFormat") != "Text" else {}
        changes["logging"] = {**before, **params["LoggingConfig"]}
    if params.get("DeadLetterConfig") is not None:
        changes["dead_letter"] = params["DeadLetterConfig"].get("TargetArn") or None
    keep_version(function, **changes)


def _delete_version(name: FunctionName, number: str) -> None:
    users = [
        alias.name
        for alias in store.get_aliases(name).values()
        if number == alias.function_version or number in store.weights(alias)
    ]
    if users:
        cause = f"Unable to delete version because the following aliases reference it: [{', '.join(users)}]"
        raise refuse(cause, "ResourceConflictException", 409)
    store.remove_version(name, number)

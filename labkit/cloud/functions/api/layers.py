"""Layers: published, listed, described, deleted, shared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labkit.cloud.functions.api import store
from labkit.cloud.functions.api.code import read_code
from labkit.cloud.functions.api.reads import ReadCalls
from labkit.cloud.functions.api.request import Handler, Reply, Request, not_found, page, refuse
from labkit.cloud.functions.kept import new_revision

if TYPE_CHECKING:
    from moto.awslambda.models import LayerVersion

_MISSING = "The resource you requested does not exist."
_OTHER_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. Call the GetLayerPolicy API to retrieve the latest "
    "Revision Id"
)


@dataclass(frozen=True)
class LayerCalls:
    """The calls about layers."""

    reads: ReadCalls

    @property
    def handlers(self) -> Mapping[str, Handler]:
        return {
            "PublishLayerVersion": self.publish,
            "GetLayerVersion": self.get,
            "GetLayerVersionByArn": self.get_by_arn,
            "ListLayers": self.list_layers,
            "ListLayerVersions": self.list_versions,
            "DeleteLayerVersion": self.delete,
            "AddLayerVersionPermission": self.add_permission,
            "GetLayerVersionPolicy": self.get_policy,
            "RemoveLayerVersionPermission": self.remove_permission,
        }

    def publish(self, request: Request) -> Reply:
        from moto.awslambda.models import LayerVersion

        params, archive = request.params, read_code(request.params["Content"], request.scope)
        spec = {
            "LayerName": _bare(params["LayerName"]),
            "Content": {"ZipFile": ""},
            "Description": params.get("Description") or "",
            "CompatibleRuntimes": params.get("CompatibleRuntimes") or [],
            "CompatibleArchitectures": params.get("CompatibleArchitectures") or [],
            "LicenseInfo": params.get("LicenseInfo") or "",
        }
        layer = LayerVersion(spec, account_id=request.scope.account, region=request.scope.region)
        layer.code_bytes, layer.code_size, layer.code_sha_256 = archive.body, len(archive.body), archive.sha256
        with store.CHANGES:
            store.put_layer(request.scope, layer)
        return Reply(self._document(layer), 201)

    def get(self, request: Request) -> Reply:
        return Reply(self._document(_find(request)))

    def get_by_arn(self, request: Request) -> Reply:
        layer = store.layer_version(request.scope, request.params["Arn"])
        if layer is None:
            raise not_found(_MISSING)
        return Reply(self._document(layer))

    def list_layers(self, request: Request) -> Reply:
        shown = []
        for layer in list(store.layers(request.scope).values()):
            versions = [one for one in layer.layer_versions.values() if _fits(one, request.params)]
            if versions:
                newest = _listed(max(versions, key=lambda one: one.version))
                shown.append({"LayerName": layer.name, "LayerArn": layer.layer_arn, "LatestMatchingVersion": newest})
        return Reply(page(shown, request.params).document("Layers"))

    def list_versions(self, request: Request) -> Reply:
        layer = store.layers(request.scope).get(_bare(request.params["LayerName"]))
        found = list(layer.layer_versions.values()) if layer else []
        fitting = sorted((one for one in found if _fits(one, request.params)), key=lambda one: -one.version)
        return Reply(page([_listed(one) for one in fitting], request.params).document("LayerVersions"))

    def delete(self, request: Request) -> Reply:
        layer = store.layers(request.scope).get(_bare(request.params["LayerName"]))
        if layer is not None:
            layer.delete_version(str(request.params["VersionNumber"]))
        return Reply(status=204)

    def add_permission(self, request: Request) -> Reply:
        params, layer = request.params, _find(request)
        _check_revision(layer, params)
        if any(one["Sid"] == params["StatementId"] for one in layer.policy.statements):
            cause = f"The statement id ({params['StatementId']}) provided already exists. Please provide a new statement id, or remove "
            raise refuse(f"{cause}the existing statement.", "ResourceConflictException", 409)
        principal = params["Principal"]
        statement: dict[str, Any] = {
            "Sid": params["StatementId"],
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{principal}:root"} if principal.isdigit() else principal,
            "Action": params["Action"],
            "Resource": layer.arn,
        }
        if params.get("OrganizationId"):
            statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": params["OrganizationId"]}}
        layer.policy.statements.append(statement)
        layer.policy.revision = new_revision()
        return Reply({"Statement": json.dumps(statement), "RevisionId": layer.policy.revision}, 201)

    def get_policy(self, request: Request) -> Reply:
        layer = _find(request)
        if not layer.policy.statements:
            raise not_found("No policy is associated with the given resource.")
        document = {"Version": "2012-10-17", "Id": "default", "Statement": layer.policy.statements}
        return Reply({"Policy": json.dumps(document), "RevisionId": layer.policy.revision})

    def remove_permission(self, request: Request) -> Reply:
        params, layer = request.params, _find(request)
        _check_revision(layer, params)
        found = [one for one in layer.policy.statements if one["Sid"] == params["StatementId"]]
        if not found:
            raise not_found(f"Statement {params['StatementId']} is not found in resource policy.")
        layer.policy.statements.remove(found[0])
        layer.policy.revision = new_revision()
        return Reply(status=204)

    def _document(self, layer: LayerVersion) -> dict[str, Any]:
        content = {
            "Location": self.reads.code_url(layer.code_sha_256),
            "CodeSha256": layer.code_sha_256,
            "CodeSize": layer.code_size,
        }
        return {"Content": content, "LayerArn": layer.arn.rpartition(":")[0], **_listed(layer)}


def _find(request: Request) -> LayerVersion:
    name, number = _bare(request.params["LayerName"]), str(request.params["VersionNumber"])
    layer = store.layers(request.scope).get(name)
    found: LayerVersion | None = layer.layer_versions.get(number) if layer else None
    if found is None:
        raise not_found(_MISSING)
    return found


def _listed(layer: LayerVersion) -> dict[str, Any]:
    document = {
        "LayerVersionArn": layer.arn,
        "Version": layer.version,
        "Description": layer.description,
        "CreatedDate": layer.created_date,
        "CompatibleRuntimes": layer.compatible_runtimes,
        "CompatibleArchitectures": layer.compatible_architectures,
        "LicenseInfo": layer.license_info,
    }
    return {name: value for name, value in document.items() if value or name in ("Description", "Version")}


def _fits(layer: LayerVersion, params: Mapping[str, Any]) -> bool:
    runtime, architecture = params.get("CompatibleRuntime"), params.get("CompatibleArchitecture")
    return (runtime is None or runtime in layer.compatible_runtimes) and (
        architecture is None or architecture in layer.compatible_architectures
    )


def _check_revision(layer: LayerVersion, params: Mapping[str, Any]) -> None:
    if params.get("RevisionId") and params["RevisionId"] != layer.policy.revision:
        raise refuse(_OTHER_REVISION, "PreconditionFailedException", 412)


def _bare(name: str) -> str:
    return name.rpartition(":layer:")[2]

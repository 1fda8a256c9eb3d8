"""Lambda: functions with and without a qualifier, layers, event source mappings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from labkit.cloud.call import AwsError, Scope
from labkit.cloud.functions.api.names import read_name
from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_LAYER_ARN = re.compile(r"(?P<layer>arn:aws[\w-]*:lambda:[\w-]+:\d{12}:layer:[^:]+)(?::\d+)?")

# On the function alone, whatever version or alias a request speaks of.
_UNQUALIFIED = (
    "CreateFunction UpdateFunctionCode UpdateFunctionConfiguration PublishVersion ListVersionsByFunction CreateAlias GetAlias"
    " UpdateAlias DeleteAlias ListAliases PutFunctionConcurrency GetFunctionConcurrency DeleteFunctionConcurrency"
    " PutFunctionCodeSigningConfig GetFunctionCodeSigningConfig DeleteFunctionCodeSigningConfig ListFunctionEventInvokeConfigs"
    " ListProvisionedConcurrencyConfigs ListFunctionUrlConfigs PutFunctionRecursionConfig GetFunctionRecursionConfig"
    " PutFunctionScalingConfig GetFunctionScalingConfig PutRuntimeManagementConfig GetRuntimeManagementConfig"
    " ListDurableExecutionsByFunction"
)
_QUALIFIED = (
    "Invoke InvokeAsync InvokeWithResponseStream GetFunction GetFunctionConfiguration DeleteFunction AddPermission RemovePermission"
    " GetPolicy PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig GetFunctionEventInvokeConfig"
    " DeleteFunctionEventInvokeConfig PutProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig"
    " DeleteProvisionedConcurrencyConfig CreateFunctionUrlConfig GetFunctionUrlConfig UpdateFunctionUrlConfig DeleteFunctionUrlConfig"
)


def function_arn(asked: Asked, *, qualified: bool) -> str:
    """The ARN of the function that a request names by name, by partial or by whole ARN, as the service reads it."""
    text = asked.text("FunctionName")
    scope = Scope(asked.account, asked.region)
    try:
        name = read_name(text, scope, asked.text("Qualifier") or None)
    except AwsError:
        # Refused by the service, unless this is refused first.
        return (
            text if text.startswith("arn:") else f"arn:aws:lambda:{asked.region}:{asked.account}:function:{text or '*'}"
        )
    return name.qualified_arn if qualified else name.arn


def _layer(asked: Asked) -> str:
    name = asked.text("LayerName")
    found = _LAYER_ARN.fullmatch(name)
    return found["layer"] if found else f"arn:aws:lambda:{asked.region}:{asked.account}:layer:{name or '*'}"


def _layer_version(asked: Asked) -> Iterable[str]:
    return [f"{_layer(asked)}:{asked.text('VersionNumber') or '*'}"]


def _context(asked: Asked) -> Context:
    context: Context = {}
    if asked.operation == "AddPermission" and asked.text("Principal"):
        context["lambda:principal"] = (asked.text("Principal"),)
    if asked.text("FunctionUrlAuthType") or asked.text("AuthType"):
        context["lambda:functionurlauthtype"] = (asked.text("FunctionUrlAuthType") or asked.text("AuthType"),)
    layers = texts_at(asked.params, "Layers")
    if layers:
        context["lambda:layer"] = tuple(layers)
    for key, path in (
        ("lambda:subnetids", "VpcConfig.SubnetIds"),
        ("lambda:securitygroupids", "VpcConfig.SecurityGroupIds"),
    ):
        values = texts_at(asked.params, path)
        if values:
            context[key] = tuple(values)
    if asked.text("CodeSigningConfigArn"):
        context["lambda:codesigningconfigarn"] = (asked.text("CodeSigningConfigArn"),)
    if "EventSourceMapping" in asked.operation or "FunctionUrlConfig" in asked.operation:
        function = _function_of(asked)
        if function:
            context["lambda:functionarn"] = (function,)
    return context


def _function_of(asked: Asked) -> str:
    """The function of an event source mapping: the one named, or the one that the mapping has."""
    if asked.text("FunctionName"):
        return function_arn(asked, qualified=True)
    return kept.function_of_mapping(asked.text("UUID"), asked.account, asked.region) or ""


def _reads_beside(asked: Asked) -> Iterator[Access]:
    """What a function is made of is read with the caller's own permissions: layers, and code in S3."""
    for layer in texts_at(asked.params, "Layers"):
        yield access(LAMBDA, asked, "GetLayerVersion", layer)
    for place in (asked.params, asked.params.get("Code"), asked.params.get("Content")):
        if isinstance(place, Mapping) and place.get("S3Bucket") and place.get("S3Key"):
            version = place.get("S3ObjectVersion")
            arn = f"arn:aws:s3:::{place['S3Bucket']}/{place['S3Key']}"
            context: Context = {
                "s3:resourceaccount": (asked.account,),
                **({"s3:versionid": (str(version),)} if version else {}),
            }
            yield Access("s3:GetObjectVersion" if version else "s3:GetObject", arn, context)


def _tags(asked: Asked, arn: str) -> Mapping[str, str]:
    return kept_tags.tags_of_function(arn, asked.account, asked.region)


LAMBDA = Rules(
    prefix="lambda",
    arn="arn:aws:lambda:{region}:{account}:",
    resources={
        "event-source-mapping:{UUID}": "GetEventSourceMapping UpdateEventSourceMapping DeleteEventSourceMapping",
        "@{CodeSigningConfigArn}": (
            "GetCodeSigningConfig UpdateCodeSigningConfig DeleteCodeSigningConfig ListFunctionsByCodeSigningConfig"
        ),
        "capacity-provider:{CapacityProviderName}": (
            "CreateCapacityProvider GetCapacityProvider UpdateCapacityProvider DeleteCapacityProvider"
            " ListFunctionVersionsByCapacityProvider"
        ),
        "@{DurableExecutionArn}": (
            "GetDurableExecution GetDurableExecutionHistory GetDurableExecutionState StopDurableExecution CheckpointDurableExecution"
        ),
        "function:*:*/durable-execution/*/*": (
            "SendDurableExecutionCallbackSuccess SendDurableExecutionCallbackFailure SendDurableExecutionCallbackHeartbeat"
        ),
        "@{Arn}": "GetLayerVersionByArn",
        "@{Resource}": "TagResource UntagResource ListTags",
        "@{ResourceArn}": "GetResourcePolicy PutResourcePolicy DeleteResourcePolicy",
    },
    actions={
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
        "GetLayerVersionByArn": "GetLayerVersion",
        # Resource policies by ARN came after these actions and need them.
        "GetResourcePolicy": "GetPolicy",
        "PutResourcePolicy": "AddPermission",
        "DeleteResourcePolicy": "RemovePermission",
    },
    arns={
        **dict.fromkeys(_UNQUALIFIED.split(), lambda asked: [function_arn(asked, qualified=False)]),
        **dict.fromkeys(_QUALIFIED.split(), lambda asked: [function_arn(asked, qualified=True)]),
        **dict.fromkeys(("PublishLayerVersion", "ListLayerVersions"), lambda asked: [_layer(asked)]),
        **dict.fromkeys(("GetLayerVersion", "DeleteLayerVersion", "GetLayerVersionPolicy"), _layer_version),
        **dict.fromkeys(("AddLayerVersionPermission", "RemoveLayerVersionPermission"), _layer_version),
    },
    more=dict.fromkeys(
        ("CreateFunction", "UpdateFunctionConfiguration", "UpdateFunctionCode", "PublishLayerVersion"), _reads_beside
    ),
    passes={
        "CreateFunction": "Role",
        "UpdateFunctionConfiguration": "Role",
        "CreateCapacityProvider": "PermissionsConfig.CapacityProviderOperatorRoleArn",
    },
    passed_to="lambda.amazonaws.com",
    tagging={
        "TagResource": "CreateFunction CreateCapacityProvider",
        "TagResource event-source-mapping:*": "CreateEventSourceMapping",
        "TagResource code-signing-config:*": "CreateCodeSigningConfig",
    },
    context=_context,
    tags=_tags,
)

"""SSM: parameters by their path (an ARN has no second slash: `parameter/lab/db`)."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules

_PARAMETERS = (
    "PutParameter GetParameter GetParameters GetParameterHistory DeleteParameter DeleteParameters LabelParameterVersion"
    " UnlabelParameterVersion"
)
_KINDS = {
    "Parameter": "parameter", "Document": "document", "MaintenanceWindow": "maintenancewindow", "PatchBaseline": "patchbaseline",
    "ManagedInstance": "managed-instance", "OpsItem": "opsitem", "OpsMetadata": "opsmetadata", "Automation": "automation-execution",
    "Association": "association",
}  # fmt: skip
_DOCUMENTS = (
    "CreateDocument GetDocument UpdateDocument DeleteDocument DescribeDocument DescribeDocumentPermission ModifyDocumentPermission"
    " UpdateDocumentDefaultVersion UpdateDocumentMetadata ListDocumentVersions ListDocumentMetadataHistory"
)
_WINDOWS = (
    "GetMaintenanceWindow UpdateMaintenanceWindow DeleteMaintenanceWindow DescribeMaintenanceWindowTargets"
    " DescribeMaintenanceWindowTasks DescribeMaintenanceWindowExecutions RegisterTargetWithMaintenanceWindow"
    " RegisterTaskWithMaintenanceWindow DeregisterTargetFromMaintenanceWindow DeregisterTaskFromMaintenanceWindow"
    " UpdateMaintenanceWindowTarget UpdateMaintenanceWindowTask GetMaintenanceWindowTask CancelMaintenanceWindowExecution"
)
_BASELINES = (
    "GetPatchBaseline UpdatePatchBaseline DeletePatchBaseline RegisterDefaultPatchBaseline RegisterPatchBaselineForPatchGroup"
    " DeregisterPatchBaselineForPatchGroup DescribeEffectivePatchesForPatchBaseline"
)


def _arn(asked: Asked, name: str) -> str:
    """The ARN of a parameter by name, path or ARN; a version or a label after a colon is no part of it."""
    if name.startswith("arn:"):
        return ":".join(name.split(":")[:6])
    return f"arn:aws:ssm:{asked.region}:{asked.account}:parameter/{name.partition(':')[0].lstrip('/')}"


def _named(asked: Asked) -> Iterable[str]:
    return [_arn(asked, name) for path in ("Name", "Names") for name in texts_at(asked.params, path)] or [
        _arn(asked, "*")
    ]


def _by_path(asked: Asked) -> Iterable[str]:
    return [_arn(asked, asked.text("Path") or "/")]


def _tagged(asked: Asked) -> Iterable[str]:
    kind, name = asked.text("ResourceType"), asked.text("ResourceId")
    if kind == "Parameter":
        return [_arn(asked, name)]
    return [f"arn:aws:ssm:{asked.region}:{asked.account}:{_KINDS.get(kind, kind.lower() or '*')}/{name or '*'}"]


def _context(asked: Asked) -> Context:
    context: Context = {}
    if asked.operation == "PutParameter":
        context["ssm:overwrite"] = ("true" if asked.params.get("Overwrite") is True else "false",)
        if asked.text("Policies"):
            context["ssm:policies"] = (asked.text("Policies"),)
    if asked.operation == "GetParametersByPath":
        context["ssm:recursive"] = ("true" if asked.params.get("Recursive") is True else "false",)
    return context


SSM = Rules(
    prefix="ssm",
    arn="arn:aws:ssm:{region}:{account}:",
    # What knows no resources is asked of the whole account.
    anything="arn:aws:ssm:{region}:{account}:*",
    resources={
        "document/{Name|=*}": _DOCUMENTS,
        "maintenancewindow/{WindowId|=*}": _WINDOWS,
        "patchbaseline/{BaselineId|=*}": _BASELINES,
        "opsitem/{OpsItemId|=*}": "GetOpsItem UpdateOpsItem DeleteOpsItem AssociateOpsItemRelatedItem DisassociateOpsItemRelatedItem",
        "@{OpsMetadataArn}": "GetOpsMetadata UpdateOpsMetadata DeleteOpsMetadata",
        "@{ResourceArn}": "GetResourcePolicies PutResourcePolicy DeleteResourcePolicy",
        "resource-data-sync/{SyncName}": "CreateResourceDataSync UpdateResourceDataSync DeleteResourceDataSync",
        "servicesetting/{SettingId}": "GetServiceSetting UpdateServiceSetting ResetServiceSetting",
        "session/{SessionId}": "ResumeSession TerminateSession",
        "association/{AssociationId|=*}": (
            "CreateAssociation DescribeAssociation UpdateAssociation DeleteAssociation DescribeAssociationExecutions"
            " DescribeAssociationExecutionTargets ListAssociationVersions"
        ),
        "association/{AssociationIds}": "StartAssociationsOnce",
        "automation-execution/{AutomationExecutionId}": (
            "GetAutomationExecution StopAutomationExecution SendAutomationSignal DescribeAutomationStepExecutions"
        ),
        "automation-definition/{DocumentName}:{DocumentVersion|=$DEFAULT}": (
            "StartAutomationExecution StartChangeRequestExecution"
        ),
        "document/{DocumentName}": "SendCommand",
        "document/{CalendarNames|=*}": "GetCalendarState",
        "document/{DocumentName|=SSM-SessionManagerRunShell} @arn:aws:ec2:{region}:{account}:instance/{Target}": "StartSession",
        "managed-instance/{InstanceId}": (
            "DeregisterManagedInstance UpdateManagedInstanceRole DescribeEffectiveInstanceAssociations DescribeInstancePatches"
            " DescribeInstanceAssociationsStatus"
        ),
        "managed-instance/{ResourceId}": "PutComplianceItems",
        "managed-instance/{InstanceIds}": "DescribeInstancePatchStates",
        "managed-instance/{Target}": "GetConnectionStatus StartAccessRequest",
        "opsitem/{AccessRequestId}": "GetAccessToken",
        "patchbaseline/*": "GetDefaultPatchBaseline",
        "document/{Entries.Name}": "CreateAssociationBatch",
        "document/{Name} managed-instance/{InstanceId}": "UpdateAssociationStatus",
        "resource-data-sync/{SyncName|=*}": "GetOpsSummary ListNodes ListNodesSummary",
    },
    arns={
        **dict.fromkeys(_PARAMETERS.split(), _named),
        "GetParametersByPath": _by_path,
        **dict.fromkeys(("AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource"), _tagged),
    },
    tagging={
        "AddTagsToResource": "PutParameter CreateDocument CreateAssociation",
        "AddTagsToResource maintenancewindow/*": "CreateMaintenanceWindow",
        "AddTagsToResource patchbaseline/*": "CreatePatchBaseline",
    },
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_parameter(arn, asked.account, asked.region),
    tag_keys=("ssm:resourcetag/",),
)

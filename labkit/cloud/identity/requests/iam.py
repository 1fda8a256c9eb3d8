"""IAM: users, roles, groups and policies with the paths they were made with; a call without a user name is about the caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept, kept_tags
from labkit.cloud.identity.requests.asked import Asked
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Build, Rules, access

_NEW = {
    "CreateUser": ("user", "UserName"), "CreateRole": ("role", "RoleName"), "CreateGroup": ("group", "GroupName"),
    "CreatePolicy": ("policy", "PolicyName"), "CreateInstanceProfile": ("instance-profile", "InstanceProfileName"),
    "CreateVirtualMFADevice": ("mfa", "VirtualMFADeviceName"), "UploadServerCertificate": ("server-certificate", "ServerCertificateName"),
}  # fmt: skip
_USER = (
    "GetUser UpdateUser DeleteUser ListUserPolicies GetUserPolicy PutUserPolicy DeleteUserPolicy AttachUserPolicy DetachUserPolicy"
    " ListAttachedUserPolicies ListGroupsForUser CreateAccessKey UpdateAccessKey DeleteAccessKey ListAccessKeys CreateLoginProfile"
    " GetLoginProfile UpdateLoginProfile DeleteLoginProfile ChangePassword PutUserPermissionsBoundary DeleteUserPermissionsBoundary"
    " TagUser UntagUser ListUserTags EnableMFADevice DeactivateMFADevice ResyncMFADevice ListMFADevices GetMFADevice UploadSSHPublicKey"
    " GetSSHPublicKey UpdateSSHPublicKey DeleteSSHPublicKey ListSSHPublicKeys UploadSigningCertificate UpdateSigningCertificate"
    " DeleteSigningCertificate ListSigningCertificates CreateServiceSpecificCredential UpdateServiceSpecificCredential"
    " DeleteServiceSpecificCredential ResetServiceSpecificCredential ListServiceSpecificCredentials"
)
_ROLE = (
    "GetRole UpdateRole UpdateRoleDescription DeleteRole ListRolePolicies GetRolePolicy PutRolePolicy DeleteRolePolicy AttachRolePolicy"
    " DetachRolePolicy ListAttachedRolePolicies UpdateAssumeRolePolicy ListInstanceProfilesForRole PutRolePermissionsBoundary"
    " DeleteRolePermissionsBoundary TagRole UntagRole ListRoleTags DeleteServiceLinkedRole"
)
_GROUP = (
    "GetGroup UpdateGroup DeleteGroup AddUserToGroup RemoveUserFromGroup ListGroupPolicies GetGroupPolicy PutGroupPolicy"
    " DeleteGroupPolicy AttachGroupPolicy DetachGroupPolicy ListAttachedGroupPolicies"
)
_PROFILE = (
    "GetInstanceProfile DeleteInstanceProfile AddRoleToInstanceProfile RemoveRoleFromInstanceProfile TagInstanceProfile"
    " UntagInstanceProfile ListInstanceProfileTags"
)
# Listings are asked of the path that they list: policies grant them on `user/*` or on `*`.
_LISTS = {"ListUsers": "user", "ListRoles": "role", "ListGroups": "group", "ListInstanceProfiles": "instance-profile"}


def _new(kind: str, parameter: str) -> Build:
    def arns(asked: Asked) -> Iterable[str]:
        path = asked.text("Path") or "/"
        return [f"arn:aws:iam::{asked.account}:{kind}{path}{asked.text(parameter) or '*'}"]

    return arns


def _named(kind: str, parameter: str) -> Build:
    def arns(asked: Asked) -> Iterable[str]:
        name = asked.text(parameter)
        return [kept.entity_arn(kind, name, asked.account) if name else f"arn:aws:iam::{asked.account}:{kind}/*"]

    return arns


def _user(asked: Asked) -> Iterable[str]:
    """The user that a call names, or the caller."""
    if asked.text("UserName"):
        return [kept.entity_arn("user", asked.text("UserName"), asked.account)]
    return [kept.caller_arn(asked.access_key, asked.account)]


def _listed(kind: str) -> Build:
    return lambda asked: [f"arn:aws:iam::{asked.account}:{kind}{asked.text('PathPrefix') or '/'}"]


def _key_owner(asked: Asked) -> Iterable[str]:
    name = kept.user_of_key(asked.text("AccessKeyId"), asked.account)
    return [kept.entity_arn("user", name or "*", asked.account)]


def _service_linked(asked: Asked) -> Iterable[str]:
    service = asked.text("AWSServiceName")
    return [f"arn:aws:iam::{asked.account}:role/aws-service-role/{service}/*"]


def _context(asked: Asked) -> Context:
    context: Context = {}
    if asked.operation.startswith(("Attach", "Detach")) and asked.text("PolicyArn"):
        context["iam:policyarn"] = (asked.text("PolicyArn"),)
    boundary = asked.text("PermissionsBoundary") or _boundary(asked)
    if boundary:
        context["iam:permissionsboundary"] = (boundary,)
    if asked.text("AWSServiceName"):
        context["iam:awsservicename"] = (asked.text("AWSServiceName"),)
    return context


def _boundary(asked: Asked) -> str:
    """The boundary that the user or role has already, which the changes of its policies are conditioned on."""
    if asked.operation not in _BOUNDED.split():
        return ""
    kind = "user" if asked.text("UserName") else "role"
    return kept.boundary_of(kind, asked.text("UserName") or asked.text("RoleName"), asked.account) or ""


_BOUNDED = (
    "AttachRolePolicy AttachUserPolicy DetachRolePolicy DetachUserPolicy DeleteRole DeleteRolePolicy DeleteUserPolicy GetRole"
    " DeleteRolePermissionsBoundary DeleteUserPermissionsBoundary PutRolePolicy PutUserPolicy UpdateAssumeRolePolicy UpdateRole"
    " UpdateRoleDescription"
)


def _pass_role(asked: Asked) -> Iterator[Access]:
    role = kept.role_arn(asked.text("RoleName"), asked.account)
    yield access(IAM, asked, "PassRole", role, {"iam:passedtoservice": ("ec2.amazonaws.com",)})


_MAIN: dict[str, Callable[[Asked], Iterable[str]]] = {
    **{operation: _new(*names) for operation, names in _NEW.items()},
    **dict.fromkeys(_USER.split(), _user),
    **dict.fromkeys(_ROLE.split(), _named("role", "RoleName")),
    **dict.fromkeys(_GROUP.split(), _named("group", "GroupName")),
    **dict.fromkeys(_PROFILE.split(), _named("instance-profile", "InstanceProfileName")),
    **{operation: _listed(kind) for operation, kind in _LISTS.items()},
    "ListPolicies": lambda asked: [f"policy path {asked.text('PathPrefix') or '/'}"],
    "GetAccessKeyLastUsed": _key_owner,
    "CreateServiceLinkedRole": _service_linked,
}
IAM = Rules(
    prefix="iam",
    arn="arn:aws:iam::{account}:",
    resources={
        "@{PolicyArn}": (
            "GetPolicy DeletePolicy GetPolicyVersion CreatePolicyVersion DeletePolicyVersion SetDefaultPolicyVersion ListPolicyVersions"
            " ListEntitiesForPolicy TagPolicy UntagPolicy ListPolicyTags"
        ),
        "@{PolicySourceArn}": "SimulatePrincipalPolicy GetContextKeysForPrincipalPolicy",
        "@{Arn}": "GenerateServiceLastAccessedDetails ListPoliciesGrantingServiceAccess",
        "@{OpenIDConnectProviderArn}": (
            "GetOpenIDConnectProvider DeleteOpenIDConnectProvider AddClientIDToOpenIDConnectProvider TagOpenIDConnectProvider"
            " RemoveClientIDFromOpenIDConnectProvider UpdateOpenIDConnectProviderThumbprint UntagOpenIDConnectProvider"
            " ListOpenIDConnectProviderTags"
        ),
        "oidc-provider/*": "CreateOpenIDConnectProvider",
        "saml-provider/{Name}": "CreateSAMLProvider",
        "@{SAMLProviderArn}": (
            "GetSAMLProvider UpdateSAMLProvider DeleteSAMLProvider TagSAMLProvider UntagSAMLProvider ListSAMLProviderTags"
        ),
        "server-certificate/{ServerCertificateName}": (
            "GetServerCertificate UpdateServerCertificate DeleteServerCertificate TagServerCertificate UntagServerCertificate"
            " ListServerCertificateTags"
        ),
        "@{SerialNumber}": "DeleteVirtualMFADevice TagMFADevice UntagMFADevice ListMFADeviceTags",
        "role/aws-service-role/*": "GetServiceLinkedRoleDeletionStatus",
        "delegation-request/{DelegationRequestId}": (
            "GetDelegationRequest AcceptDelegationRequest RejectDelegationRequest AssociateDelegationRequest SendDelegationToken"
        ),
        "delegation-request/*": "CreateDelegationRequest",
        "@{EntityArn}": "GetHumanReadableSummary",
        "access-report/{EntityPath}": "GenerateOrganizationsAccessReport",
    },
    arns=_MAIN,
    more={"AddRoleToInstanceProfile": _pass_role},
    tagging={
        "TagUser": "CreateUser", "TagRole": "CreateRole", "TagPolicy": "CreatePolicy", "TagInstanceProfile": "CreateInstanceProfile",
        "TagMFADevice": "CreateVirtualMFADevice", "TagOpenIDConnectProvider": "CreateOpenIDConnectProvider",
        "TagSAMLProvider": "CreateSAMLProvider", "TagServerCertificate": "UploadServerCertificate",
    },
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_iam(arn, asked.account),
    tag_keys=("iam:resourcetag/",),
)  # fmt: skip

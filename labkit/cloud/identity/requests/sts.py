"""STS: assuming roles. Asking who one is needs no permission and is never denied."""

from __future__ import annotations

from collections.abc import Iterator

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.requests import kept_tags
from labkit.cloud.identity.requests.asked import Asked, texts_at
from labkit.cloud.identity.requests.context import Context
from labkit.cloud.identity.requests.rules import Rules, access

_KEYS = {
    "ExternalId": "sts:externalid",
    "RoleSessionName": "sts:rolesessionname",
    "SourceIdentity": "sts:sourceidentity",
    "DurationSeconds": "sts:durationseconds",
}


def _context(asked: Asked) -> Context:
    context: Context = {key: (asked.text(name),) for name, key in _KEYS.items() if asked.text(name)}
    transitive = texts_at(asked.params, "TransitiveTagKeys")
    policies = texts_at(asked.params, "TaskPolicyArn.arn")
    if transitive:
        context["sts:transitivetagkeys"] = tuple(transitive)
    if policies:
        context["sts:taskpolicyarn"] = (policies[0],)
    return context


def _session(asked: Asked) -> Iterator[Access]:
    """A session's tags and source identity are permissions of their own, on the same role."""
    arn = asked.text("RoleArn") or f"arn:aws:sts::{asked.account}:federated-user/{asked.text('Name') or '*'}"
    if asked.params.get("Tags"):
        yield access(STS, asked, "TagSession", arn)
    if asked.text("SourceIdentity"):
        yield access(STS, asked, "SetSourceIdentity", arn)


STS = Rules(
    prefix="sts",
    arn="arn:aws:sts::{account}:",
    resources={
        "@{RoleArn}": "AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity",
        "federated-user/{Name}": "GetFederationToken",
        "@arn:aws:iam::{TargetPrincipal}:root": "AssumeRoot",
    },
    actions={"GetCallerIdentity": "", "GetSessionToken": ""},
    more={"AssumeRole": _session, "GetFederationToken": _session},
    context=_context,
    tags=lambda asked, arn: kept_tags.tags_of_iam(arn, asked.account),
    tag_keys=("iam:resourcetag/",),
)

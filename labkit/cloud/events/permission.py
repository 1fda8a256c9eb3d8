"""Whether a resource's policy lets S3 send events of a bucket to the resource."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.cloud.identity.access import Access
from labkit.cloud.identity.document import Policy
from labkit.cloud.identity.evaluate import evaluate
from labkit.cloud.identity.grants import Grants
from labkit.cloud.identity.principal import Principal
from labkit.cloud.identity.resource_policies import find_resource_policy

_S3 = "s3.amazonaws.com"
_PRINCIPAL = Principal("service", "", _S3, _S3, _S3)


@dataclass(frozen=True)
class Source:
    """Who asks: S3, on behalf of a bucket of an account."""

    bucket: str
    account: str

    @property
    def context(self) -> dict[str, tuple[str, ...]]:
        """What conditions of the policy are told, keys in lower case."""
        return {
            "aws:sourcearn": (f"arn:aws:s3:::{self.bucket}",),
            "aws:sourceaccount": (self.account,),
            "aws:principalisawsservice": ("true",),
            "aws:principalservicename": (_S3,),
            "aws:securetransport": ("true",),
        }


def allows(action: str, resource: str, source: Source) -> bool:
    """True when the policy on the resource lets S3 do `action` for the source."""
    found = find_resource_policy(Access(action, resource), source.account)
    return lets_in(found.policy, action, resource, source)


def lets_in(policy: Policy | None, action: str, resource: str, source: Source) -> bool:
    """The same for a policy that was found already."""
    access = Access(action, resource, source.context)
    return evaluate(_PRINCIPAL, access, Grants(resource=policy, resource_must_allow=True)).allowed

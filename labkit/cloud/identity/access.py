"""One thing that a request asks for, as IAM sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Access:
    """An IAM action (`s3:GetObject`) on one resource (an ARN, or `*` where the action knows no resources).

    `context` holds what conditions look at and only this request knows: keys in lower case (`s3:prefix`), values as text, several
    for a key of several values. What every request has (`aws:username`, `aws:currenttime` …) is added by the authorizer.
    """

    action: str
    resource: str
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def service(self) -> str:
        """The prefix of the action: `s3`."""
        return self.action.partition(":")[0]

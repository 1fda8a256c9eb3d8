"""A finding of the doctor: what was looked at, how it stands, why, and what to do on this kind of computer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labkit.i18n import find_text, text

OK, WARNING, PROBLEM = "ok", "warning", "problem"
STATES = (OK, WARNING, PROBLEM)

# Names of what is looked at, in the order of the report.
TITLES = {
    "system": "doctor.title.system",
    "python": "doctor.title.python",
    "packages": "doctor.title.packages",
    "java": "doctor.title.java",
    "archive": "doctor.title.archive",
    "memory": "doctor.title.memory",
    "disk": "doctor.title.disk",
    "state": "doctor.title.state",
    "folder": "doctor.title.folder",
    "old_state": "doctor.title.old_state",
    "cloud": "doctor.title.cloud",
    "port": "doctor.title.port",
    "loopback": "doctor.title.loopback",
    "proxy": "doctor.title.proxy",
    "clock": "doctor.title.clock",
    "aws": "doctor.title.aws",
    "variables": "doctor.title.variables",
    "settings": "doctor.title.settings",
    "kernel": "doctor.title.kernel",
    "widgets": "doctor.title.widgets",
    "language": "doctor.title.language",
    "encoding": "doctor.title.encoding",
    "notebooks": "doctor.title.notebooks",
    "account_endpoints": "doctor.title.account_endpoints",
    "account_region": "doctor.title.account_region",
    "account_profile": "doctor.title.account_profile",
    "account_credentials": "doctor.title.account_credentials",
    "account_whose": "doctor.title.account_whose",
    "account_clock": "doctor.title.account_clock",
    "account_services": "doctor.title.account_services",
    "account_permissions": "doctor.title.account_permissions",
    "account_pass_role": "doctor.title.account_pass_role",
    "account_names": "doctor.title.account_names",
    "account_quotas": "doctor.title.account_quotas",
}


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `key` is a text of the catalogue when all is well, otherwise a lesson `<key>.what/.cause/.next`.

    `<key>.next_<system>` replaces `.next` on that system. `link` leads to more about it, "" when there is nothing to add.
    """

    topic: str
    state: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    link: str = ""

    @property
    def title(self) -> str:
        return text(TITLES[self.topic])

    @property
    def said(self) -> str:
        return text(self.key if self.state == OK else f"{self.key}.what", **self.facts)

    @property
    def cause(self) -> str:
        return "" if self.state == OK else text(f"{self.key}.cause", **self.facts)

    def fix(self, system: str) -> str:
        """What to do on a computer of this kind."""
        if self.state == OK:
            return ""
        return find_text(f"{self.key}.next_{system}", self.facts) or text(f"{self.key}.next", **self.facts)

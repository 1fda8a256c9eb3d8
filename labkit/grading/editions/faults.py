"""What is wrong with a source notebook, as data; the catalogue holds the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labkit.i18n import text

# Reason of regions.Unbalanced → what to say.
REGION_FAULTS = {
    "nested": "notebooks.fault.region_nested",
    "begin_alone": "notebooks.fault.region_begin_alone",
    "end_alone": "notebooks.fault.region_end_alone",
}


@dataclass(frozen=True)
class Fault:
    """One thing to mend: where it is, the catalogue's key and facts; a warning does not stop a build."""

    notebook: str
    cell: str
    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    is_warning: bool = False

    def describe(self) -> str:
        """One line in the user's language (a fault that shows a difference has more)."""
        level = text("notebooks.warning") if self.is_warning else text("notebooks.error")
        where = f"{self.notebook} · {self.cell}" if self.cell else self.notebook
        return f"{level} {where}: {text(self.key, **self.facts)}"


def errors_of(faults: list[Fault]) -> list[Fault]:
    """Those that stop a build."""
    return [fault for fault in faults if not fault.is_warning]

"""Something odd about a submission that an instructor should know, as data."""

from __future__ import annotations

from dataclasses import dataclass

from labkit.i18n import text


@dataclass(frozen=True)
class Note:
    """`key` of the catalogue; `notebook` and `cell` say where ("" when it is about the whole submission), `detail` what was seen."""

    key: str
    notebook: str = ""
    cell: str = ""
    detail: str = ""

    def text(self) -> str:
        """The note in the current language."""
        place = " · ".join(part for part in (self.notebook, self.cell) if part)
        said = text(self.key) + (f" ({self.detail})" if self.detail else "")
        return f"{place}: {said}" if place else said

"""What is said of a Glue run once it has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from labkit.aws.created_objects import Folder
from labkit.i18n import text
from labkit.ui.glue_progress import Totals, describe_totals, format_size

if TYPE_CHECKING:
    from rich.console import Console

_FOLDERS_SHOWN = 12
_MARKS = {"SUCCEEDED": ("✓", "green"), "STOPPED": ("■", "yellow")}


@dataclass(frozen=True)
class GlueResult:
    """A run that has ended.

    `seconds` from its start to its end, `billed_s` and `dpu` what AWS would bill; `totals` None when nothing is known of rows and
    bytes; `created` the folders that got objects meanwhile, None when that was not looked at; `line` the line of the script that
    failed, counted from 1.
    """

    job: str
    run: str
    state: str
    seconds: float
    billed_s: int
    dpu: float
    usd: float
    totals: Totals | None
    created: tuple[Folder, ...] | None
    script: str
    script_uri: str
    arguments: Mapping[str, str]
    error: str
    line: int | None

    @property
    def dpu_seconds(self) -> float:
        return self.billed_s * self.dpu

    def as_document(self) -> dict[str, Any]:
        """The result as JSON values."""
        return {**asdict(self), "dpu_seconds": self.dpu_seconds}


def print_result(console: Console, result: GlueResult) -> None:
    """Print state, duration, what was read and written, what AWS would bill, and where objects were created."""
    from rich.text import Text

    mark, colour = _MARKS.get(result.state, ("✗", "red"))
    head = Text(f"{mark} ", style=colour)
    head.append(result.job, style="bold").append(f"  {result.state}", style=colour)
    console.print(head.append(f"  {result.seconds:.1f} s  {result.run}", style="dim"), soft_wrap=True)
    for line in _build_lines(result):
        console.print(line, markup=False, soft_wrap=True)


def _build_lines(result: GlueResult) -> list[str]:
    lines = []
    if result.totals is not None:
        lines.append(describe_totals(result.totals))
    lines.append(
        text(
            "glue.bill",
            dpu_s=f"{result.dpu_seconds:g}",
            dpu=f"{result.dpu:g}",
            seconds=result.billed_s,
            usd=f"{result.usd:.4f}",
        )
    )
    if result.created:
        lines.append(text("glue.created"))
        lines += [f"  {_describe(folder)}" for folder in result.created[:_FOLDERS_SHOWN]]
        if len(result.created) > _FOLDERS_SHOWN:
            lines.append("  " + text("report.more", count=len(result.created) - _FOLDERS_SHOWN))
    elif result.created is not None:
        lines.append(text("glue.created_none"))
    else:
        lines.append(text("glue.created_unknown"))
    return [f"  {line}" for line in lines]


def _describe(folder: Folder) -> str:
    told = text("glue.folder", uri=folder.uri, count=folder.objects, size=format_size(folder.size_bytes))
    return told + (text("glue.partitions", count=folder.partitions) if folder.partitions else "")

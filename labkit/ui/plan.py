"""A plan as the lines that make its calls."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.i18n import text
from labkit.steps.plan import StepPlan


def render_plan(plans: Sequence[StepPlan], style: str) -> str:
    """Return the plan as lines that run as printed; `style` is "boto3" or "cli"."""
    lines: list[str] = ["import boto3, json, pathlib"] if style == "boto3" else []
    for plan in plans:
        lines.append("# " + text("plan.step", number=plan.step.number, title=text(f"step.{plan.step.key}")))
        lines += [call.as_boto3() if style == "boto3" else call.as_cli() for call in plan.calls]
    return "\n".join(lines)

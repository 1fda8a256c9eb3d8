"""A plan as a list of calls, or as the lines that make them."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.i18n import text
from labkit.steps.plan import StepPlan


def render_plan(plans: Sequence[StepPlan], style: str) -> str:
    """Return the plan as text; `style` is "list" (call, resource, price), "boto3" or "cli" (lines that run as printed)."""
    lines: list[str] = ["import boto3, json, pathlib"] if style == "boto3" else []
    for plan in plans:
        title = text("plan.step", number=plan.step.number, title=text(f"step.{plan.step.key}"))
        lines.append(title if style == "list" else f"# {title}")
        if style == "list" and not plan.calls:
            lines.append(f"  {text('run.step_nothing')}")
        for call in plan.calls:
            shown = {
                "list": f"  {call.service}.{call.operation}  {call.name}",
                "boto3": call.as_boto3(),
                "cli": call.as_cli(),
            }
            lines.append(shown[style])
    if style == "list":
        total = sum(plan.cost_usd for plan in plans)
        lines.append(text("plan.total", count=sum(len(plan.calls) for plan in plans), usd=f"{total:.4f}"))
    return "\n".join(lines)

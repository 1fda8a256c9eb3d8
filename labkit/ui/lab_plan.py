"""The whole plan for a person (or as JSON): each call with its reason and price, what stands in the way, what it all costs."""

from __future__ import annotations

from typing import Any

from labkit.aws.call import AwsCall
from labkit.i18n import text
from labkit.prices import Prices, compute_call_cost
from labkit.steps.forecast import Forecast
from labkit.steps.given_roles import GivenRole
from labkit.steps.ownership import Conflict
from labkit.steps.plan import LabPlan, StepPlan
from labkit.ui.figures import format_usd

# No free tier pays for a crawl; S3's covers 2,000 puts a month for the first year of accounts older than 2025-07-15.
_COVERED = ("s3_put",)


def render_lab_plan(plan: LabPlan, forecast: Forecast, prices: Prices) -> str:
    """The plan as lines of text: conflicts first, for they are what stops it."""
    lines = [render_conflict(one) for one in plan.conflicts]
    lines += [_render_role(role) for role in plan.given_roles]
    for step in plan.unplanned:
        lines.append(text("plan.unplanned", number=step.number, title=text(f"step.{step.key}")))
    for one in plan.steps:
        lines += _render_step(one, prices)
    lines.append(text("plan.total", count=len(plan.calls), usd=f"{plan.cost_usd:.4f}"))
    lines += ["", text("plan.once", usd=f"{forecast.total:.2f}")]
    lines += [f"  {text(line.key, **line.facts)}: {format_usd(line.usd)} USD" for line in forecast.once]
    lines += ["", *_render_forgotten(forecast), *_render_free(), _render_source(prices)]
    return "\n".join(lines)


def render_conflict(conflict: Conflict) -> str:
    """One conflict in a line, with what to do."""
    key = "plan.conflict_account" if conflict.why == "account" else "plan.conflict_lab"
    return text(key, kind=conflict.wanted.kind, name=conflict.wanted.name)


def build_document(plan: LabPlan, forecast: Forecast, prices: Prices) -> dict[str, Any]:
    """The plan as JSON values; amounts in US dollars."""
    return {
        "steps": [
            {
                "step": one.step.number,
                "title": text(f"step.{one.step.key}"),
                "calls": [_describe(call, prices) for call in one.calls],
                "usd": one.cost_usd,
            }
            for one in plan.steps
        ],
        "conflicts": [
            {"kind": one.wanted.kind, "name": one.wanted.name, "step": one.wanted.step, "why": one.why}
            for one in plan.conflicts
        ],
        "unplanned": [step.number for step in plan.unplanned],
        "given_roles": [{"arn": r.arn, "service": r.service, "verdict": r.verdict, "denied": r.denied} for r in plan.given_roles],
        "usd": plan.cost_usd,
        "once": {"lines": [{"key": line.key, **line.facts, "usd": line.usd} for line in forecast.once], "usd": forecast.total},
        "forgotten_a_day_usd": forecast.forgotten_a_day,
        "prices": {"read_on": prices.read_on, "region": prices.region, "source": prices.source, "caveat": text("meter.caveat")},
    }  # fmt: skip


def _describe(call: AwsCall, prices: Prices) -> dict[str, Any]:
    return {
        "service": call.service,
        "operation": call.operation,
        "kind": call.kind,
        "name": call.name,
        "verb": call.verb,
        "reason": text(call.reason) if call.reason else "",
        "usd": compute_call_cost(prices, call.price),
        "free_tier": "always" if not call.price else "first-year" if call.price in _COVERED else "none",
    }


def _render_step(plan: StepPlan, prices: Prices) -> list[str]:
    lines = [text("plan.step", number=plan.step.number, title=text(f"step.{plan.step.key}"))]
    if not plan.calls:
        return [*lines, f"  {text('run.step_nothing')}"]
    lines += [_render_call(call, prices) for call in plan.calls]
    return [*lines, "  " + text("plan.subtotal", usd=format_usd(plan.cost_usd))]


def _render_call(call: AwsCall, prices: Prices) -> str:
    usd = compute_call_cost(prices, call.price)
    if call.price == "crawl":
        price = text("plan.price_crawl", usd=format_usd(usd), dpu=f"{prices.items['crawl_dpu']:g}")
    else:
        price = text("plan.price_put", usd=format_usd(usd)) if call.price else text("plan.price_none")
    reason = f"{text(call.reason)}; " if call.reason else ""
    return f"  {call.service}.{call.operation}  {call.name}  ({reason}{price})"


def _render_role(role: GivenRole) -> str:
    words = {
        "trusted": text("plan.role_trusted", arn=role.arn, service=role.service),
        "untrusted": text("plan.role_untrusted", arn=role.arn, service=role.service),
        "missing": text("plan.role_missing", arn=role.arn),
        "foreign": text("plan.role_foreign", arn=role.arn),
        "unseen": text("plan.role_unseen", arn=role.arn, service=role.service),
    }
    if role.verdict in ("missing", "foreign"):
        return words[role.verdict]
    if role.denied is None:
        return f"{words[role.verdict]} " + text("plan.role_unknown")
    if role.denied:
        return f"{words[role.verdict]} " + text("plan.role_denied", actions=", ".join(role.denied))
    return f"{words[role.verdict]} " + text("plan.role_allowed")


def _render_forgotten(forecast: Forecast) -> list[str]:
    size = f"{forecast.stored_bytes / 1e6:.1f}"
    return [
        text("plan.forgotten", usd=f"{forecast.forgotten_a_day:.7f}", megabytes=size),
        text("plan.not_forgotten", schedule=f"{forecast.schedule_a_day:.2f}", session=f"{forecast.session_a_day:.2f}"),
    ]


def _render_free() -> list[str]:
    return [text("plan.free_old"), text("plan.free_new")]


def _render_source(prices: Prices) -> str:
    return text(
        "meter.prices", region=prices.region, read_on=prices.read_on, source=prices.source, caveat=text("meter.caveat")
    )

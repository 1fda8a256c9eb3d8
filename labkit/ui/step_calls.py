"""The calls of a step, each as a boto3 line and as an AWS CLI line: planned, or just made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.i18n import text
from labkit.ui.nodes import Block, Card, Chip, Code, Details, Listing, Node, line
from labkit.ui.shown import Shown

# Step 1 makes fifteen and is read in full; the bench of step 8 makes forty-five, nearly all of them uploads.
_MOST_SHOWN = 20


@dataclass(frozen=True, repr=False)
class StepCalls(Shown):
    """`title` names the step; `made` tells whether the calls were made; `cost_usd` is their price on AWS in dollars."""

    title: str
    calls: Sequence[AwsCall]
    made: bool
    cost_usd: float

    def view(self) -> Node:
        if not self.calls:
            return Card(self.title, (line(text("calls.nothing")),), Chip(text("calls.ready"), "good"))
        chip = Chip(text("calls.made"), "good") if self.made else Chip(text("calls.planned"), "idle")
        listed = self.list_calls()
        boto3 = "import boto3, json, pathlib\n" + "\n".join(call.as_boto3() for call in self.calls)
        cli = "\n".join(call.as_cli() for call in self.calls)
        price = line(tell_price(self.cost_usd))
        folded = (Details("boto3", (Block(boto3),)), Details("AWS CLI", (Block(cli),)))
        return Card(self.title, (listed, price, *folded), chip)

    def list_calls(self) -> Node:
        """Each call in a line; a long list is counted by operation and unfolds."""
        lines = Listing(
            tuple(line(Code(f"{call.service}.{call.operation}"), call.name) for call in self.calls), ordered=True
        )
        if len(self.calls) <= _MOST_SHOWN:
            return lines
        times = Counter(f"{call.service}.{call.operation}" for call in self.calls)
        counted = ", ".join(f"{name} × {count}" if count > 1 else name for name, count in times.items())
        return Details(text("calls.many", count=len(self.calls), operations=counted), (lines,))


def tell_price(usd: float) -> str:
    """What calls cost on AWS in dollars, in words."""
    if usd == 0:
        return text("calls.free")
    return text("calls.pennies") if usd < 0.0001 else text("calls.price", usd=f"{usd:.4f}")

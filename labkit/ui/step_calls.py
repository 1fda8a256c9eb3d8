"""The calls of a step, each as a boto3 line and as an AWS CLI line: planned, or just made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labkit.aws.call import AwsCall
from labkit.i18n import text
from labkit.ui.nodes import Block, Card, Chip, Code, Details, Listing, Node, line
from labkit.ui.shown import Shown


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
        listed = Listing(
            tuple(line(Code(f"{call.service}.{call.operation}"), call.name) for call in self.calls), ordered=True
        )
        boto3 = "import boto3, json, pathlib\n" + "\n".join(call.as_boto3() for call in self.calls)
        cli = "\n".join(call.as_cli() for call in self.calls)
        price = line(text("calls.price", usd=f"{self.cost_usd:.4f}"))
        folded = (Details("boto3", (Block(boto3),)), Details("AWS CLI", (Block(cli),)))
        return Card(self.title, (listed, price, *folded), chip)

"""What a bucket tells Lambda functions about: the rules of its notification configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labkit.aws.s3 import list_function_triggers

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@dataclass(frozen=True)
class Rule:
    """Objects whose keys begin with `prefix` and end with `suffix` invoke `function` when one of `events` happens."""

    function: str
    arn: str
    events: tuple[str, ...]
    prefix: str
    suffix: str

    def takes_key(self, key: str) -> bool:
        """Does the key pass the rule's filter?"""
        return key.startswith(self.prefix) and key.endswith(self.suffix)

    def takes_event(self, event: str) -> bool:
        """Is `ObjectCreated:Put` (without `s3:`) among the rule's events?"""
        return any(_matches(wanted.removeprefix("s3:"), event) for wanted in self.events)


def list_rules(s3: S3Client, bucket: str) -> list[Rule]:
    """The rules that lead to functions; none when there is no configuration, or no bucket."""
    rules = []
    for item in list_function_triggers(s3, bucket).get("LambdaFunctionConfigurations", []):
        filters = {
            str(rule["Name"]).lower(): str(rule["Value"])
            for rule in item.get("Filter", {}).get("Key", {}).get("FilterRules", [])
        }
        arn = str(item["LambdaFunctionArn"])
        name = arn.partition(":function:")[2].partition(":")[0] or arn
        rules.append(
            Rule(name, arn, tuple(item.get("Events", [])), filters.get("prefix", ""), filters.get("suffix", ""))
        )
    return rules


def _matches(wanted: str, event: str) -> bool:
    return event.startswith(wanted[:-1]) if wanted.endswith("*") else event == wanted

"""What PutBucketNotificationConfiguration must refuse."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.cloud.call import AwsError
from labkit.cloud.events.permission import Source
from labkit.cloud.events.rules import Rule, check_rules
from labkit.cloud.events.targets import why_not


def check_configuration(rules: Sequence[Rule], source: Source, region: str, *, skip_targets: bool = False) -> None:
    """Refuse rules that S3 would refuse: AwsError InvalidArgument. `region` is the bucket's.

    `skip_targets` is the request's header x-amz-skip-destination-validation.
    """
    check_rules(rules)
    for rule in rules:
        if rule.target.split(":")[3] != region:
            message = "The notification destination service region is not valid for the bucket location constraint"
            raise AwsError("InvalidArgument", message)
    if skip_targets:
        return
    fields: dict[str, str] = {}
    for rule in rules:
        reason = why_not(rule.target, rule.service, source)
        if reason is not None:
            number = len(fields) // 2 + 1
            fields[f"ArgumentName{number}"] = f"{rule.target}, null" if rule.service == "lambda" else rule.target
            fields[f"ArgumentValue{number}"] = reason
    if fields:
        message = "Unable to validate the following destination configurations"
        raise AwsError("InvalidArgument", message, fields=fields)

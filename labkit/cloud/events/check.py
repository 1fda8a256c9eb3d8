"""What PutBucketNotificationConfiguration must refuse."""

from __future__ import annotations

from labkit.cloud.call import AwsError
from labkit.cloud.events.permission import Source
from labkit.cloud.events.rules import check_rules, normalise, read_rules
from labkit.cloud.events.targets import why_not


def check_notification_configuration(
    body: bytes, bucket: str, account: str, region: str, *, skip_targets: bool = False
) -> bytes:
    """Check the XML body of a request before moto sees it, and return the body to hand to moto.

    `region` is the bucket's. AwsError InvalidArgument or MalformedXML. `skip_targets` is the request's header
    x-amz-skip-destination-validation.
    """
    rules = read_rules(body)
    check_rules(rules)
    source = Source(bucket, account)
    for rule in rules:
        if rule.target.split(":")[3] != region:
            message = "The notification destination service region is not valid for the bucket location constraint"
            raise AwsError("InvalidArgument", message)
        reason = None if skip_targets else why_not(rule.target, rule.service, source)
        if reason is not None:
            message = f"Unable to validate the following destination configurations ({rule.target}: {reason})"
            raise AwsError("InvalidArgument", message)
    return normalise(body)

"""Which objects a bucket's rules tell functions about."""

from __future__ import annotations

import pytest

from labkit.aws.notifications import Rule


@pytest.mark.parametrize(
    ("key", "taken"),
    [
        ("raw_sales/a.csv", True),
        ("raw_sales/año 1/a+b.csv", True),
        ("raw_sales/a.CSV", False),
        ("raw_sales/a.csv.gz", False),
        ("otro/a.csv", False),
        ("raw_sales/", False),
    ],
)
def test_a_key_must_pass_prefix_and_suffix_letter_by_letter(key: str, taken: bool) -> None:
    rule = Rule("f", "arn", ("s3:ObjectCreated:*",), "raw_sales/", ".csv")
    assert rule.takes_key(key) is taken


@pytest.mark.parametrize(
    ("wanted", "event", "taken"),
    [
        ("s3:ObjectCreated:*", "ObjectCreated:Put", True),
        ("s3:ObjectCreated:Put", "ObjectCreated:Put", True),
        ("s3:ObjectCreated:Put", "ObjectCreated:CompleteMultipartUpload", False),
        ("s3:ObjectRemoved:*", "ObjectCreated:Put", False),
    ],
)
def test_a_rule_for_put_alone_misses_files_that_go_up_in_parts(wanted: str, event: str, taken: bool) -> None:
    assert Rule("f", "arn", (wanted,), "", "").takes_event(event) is taken

from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.events.rules import Rule, check_rules, normalise, read_rules

ARN = "arn:aws:lambda:us-east-1:123456789012:function:fn"
SPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'


def rule(events: str, prefix: str = "", suffix: str = "", name: str = "") -> Rule:
    return Rule(name, "lambda", ARN, tuple("s3:" + event for event in events.split()), prefix, suffix)


def document(filters: str = "", event: str = "s3:ObjectCreated:*") -> bytes:
    text = (
        f"<NotificationConfiguration {SPACE}><CloudFunctionConfiguration><Id>one</Id><CloudFunction>{ARN}</CloudFunction>"
        f"<Event>{event}</Event>{filters}</CloudFunctionConfiguration></NotificationConfiguration>"
    )
    return text.encode()


FILTER = (
    "<Filter><S3Key><FilterRule><Name>Prefix</Name><Value>raw_sales/</Value></FilterRule>"
    "<FilterRule><Name>suffix</Name><Value>.csv</Value></FilterRule></S3Key></Filter>"
)


def test_a_document_is_read_whole() -> None:
    assert read_rules(document(FILTER)) == [Rule("one", "lambda", ARN, ("s3:ObjectCreated:*",), "raw_sales/", ".csv")]


def test_an_empty_document_has_no_rules() -> None:
    assert read_rules(f"<NotificationConfiguration {SPACE}/>".encode()) == []


def test_filter_names_reach_moto_in_lower_case_and_empty_filters_do_not() -> None:
    clean = normalise(document(FILTER)).decode()
    assert "<Name>prefix</Name>" in clean
    assert "Prefix</Name>" not in clean
    empty = "<Filter><S3Key><FilterRule><Name>prefix</Name><Value></Value></FilterRule></S3Key></Filter>"
    assert "Filter" not in normalise(document(empty)).decode()
    assert read_rules(normalise(document(FILTER))) == read_rules(document(FILTER))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rule("ObjectCreated:*"), rule("ObjectCreated:Put")),
        (rule("ObjectCreated:Put ObjectRemoved:*"), rule("ObjectRemoved:Delete")),
        (rule("ObjectCreated:*", "raw/"), rule("ObjectCreated:*", "raw/2024/")),
        (rule("ObjectCreated:*", "", ".csv"), rule("ObjectCreated:*", "raw/", "")),
        (rule("ObjectCreated:*", "", "s.csv"), rule("ObjectCreated:*", "", ".csv")),
    ],
)
def test_overlapping_rules_are_refused(first: Rule, second: Rule) -> None:
    with pytest.raises(AwsError, match=r"InvalidArgument: Configuration.* overlap|ambiguously defined"):
        check_rules([first, second])


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (rule("ObjectCreated:*"), rule("ObjectRemoved:*")),
        (rule("ObjectCreated:Put"), rule("ObjectCreated:Copy")),
        (rule("ObjectCreated:*", "raw/"), rule("ObjectCreated:*", "other/")),
        (rule("ObjectCreated:*", "raw/", ".csv"), rule("ObjectCreated:*", "raw/", ".json")),
    ],
)
def test_rules_that_share_no_event_of_a_key_are_accepted(first: Rule, second: Rule) -> None:
    check_rules([first, second])


def test_overlap_without_filters_has_awss_words() -> None:
    words = "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    with pytest.raises(AwsError) as caught:
        check_rules([rule("ObjectCreated:*"), rule("ObjectCreated:*")])
    assert caught.value.message == words


def test_a_rule_may_not_overlap_itself() -> None:
    with pytest.raises(AwsError, match="overlap"):
        check_rules([rule("ObjectCreated:* ObjectCreated:Put")])


@pytest.mark.parametrize("event", ["s3:ObjectMade:*", "ObjectCreated:*", "s3:ObjectCreated:Rename"])
def test_an_unknown_event_is_named(event: str) -> None:
    with pytest.raises(AwsError, match=f"The event '{event}' is not supported".replace("*", r"\*")):
        check_rules(read_rules(document(event=event)))


def test_two_rules_with_one_id_are_refused() -> None:
    with pytest.raises(AwsError, match="IDs must be unique"):
        check_rules([rule("ObjectCreated:*", name="a"), rule("ObjectRemoved:*", name="a")])


@pytest.mark.parametrize(
    "body", [b"", b"<a", b"<Other/>", b'<!DOCTYPE x [<!ENTITY e "x">]><NotificationConfiguration/>']
)
def test_what_is_not_a_configuration_is_malformed(body: bytes) -> None:
    with pytest.raises(AwsError, match="MalformedXML"):
        read_rules(body)


def test_a_rule_without_target_is_malformed() -> None:
    with pytest.raises(AwsError, match="MalformedXML"):
        read_rules(document().replace(ARN.encode(), b""))


def test_an_unknown_filter_name_is_refused() -> None:
    with pytest.raises(AwsError, match="either prefix or suffix"):
        read_rules(document(FILTER.replace("Prefix", "infix")))

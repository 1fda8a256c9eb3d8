from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.events.rules import Rule, check_rules, read_rules, wants_event_bridge

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


def test_filter_names_are_read_in_any_spelling_and_empty_filters_accept_all() -> None:
    assert read_rules(document(FILTER.replace("suffix", " SUFFIX "))) == read_rules(document(FILTER))
    empty = "<Filter><S3Key><FilterRule><Name>prefix</Name><Value></Value></FilterRule></S3Key></Filter>"
    assert read_rules(document(empty)) == [Rule("one", "lambda", ARN, ("s3:ObjectCreated:*",))]


def test_event_bridge_is_asked_for_by_an_element_of_its_own() -> None:
    body = f"<NotificationConfiguration {SPACE}><EventBridgeConfiguration/></NotificationConfiguration>".encode()
    assert wants_event_bridge(body)
    assert not wants_event_bridge(document())


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
        check_rules([rule("ObjectCreated:*"), rule("ObjectCreated:Put")])
    assert caught.value.message == words
    fields = {"ArgumentName": "Event", "ArgumentValue": "s3:ObjectCreated:*, s3:ObjectCreated:Put"}
    assert caught.value.fields == fields


def test_a_rule_may_not_overlap_itself() -> None:
    with pytest.raises(AwsError, match="overlap"):
        check_rules([rule("ObjectCreated:* ObjectCreated:Put")])


@pytest.mark.parametrize(
    "event", ["s3:ObjectMade:*", "ObjectCreated:*", "s3:ObjectCreated:Rename", "s3:TestEvent", "s3:objectcreated:*"]
)
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


def test_an_element_that_no_configuration_has_is_malformed() -> None:
    body = f"<NotificationConfiguration {SPACE}><QueConfiguration/></NotificationConfiguration>".encode()
    with pytest.raises(AwsError, match="MalformedXML"):
        read_rules(body)


def test_a_rule_without_target_is_malformed() -> None:
    with pytest.raises(AwsError, match="MalformedXML"):
        read_rules(document().replace(ARN.encode(), b""))


def test_an_unknown_filter_name_is_refused() -> None:
    with pytest.raises(AwsError, match="either prefix or suffix"):
        read_rules(document(FILTER.replace("Prefix", "infix")))


@pytest.mark.parametrize("value", ["f" * 1025, "ñ" * 513])
def test_a_filter_value_is_at_most_1024_bytes_long(value: str) -> None:
    with pytest.raises(AwsError, match="cannot exceed 1024 bytes in UTF-8"):
        check_rules([rule("ObjectCreated:*", value)])
    check_rules([rule("ObjectCreated:*", value[:512])])


@pytest.mark.parametrize(
    "target",
    [
        "invalid",
        "arn:aws:sqs:us-east-1:123456789012:queue",
        "arn:aws:lambda:us-east-1:123456789012",
        "arn:aws:lambda:us-east-1:12:function:fn",
    ],
)
def test_a_target_that_is_no_arn_of_its_service_is_told_by_its_element(target: str) -> None:
    with pytest.raises(AwsError) as caught:
        check_rules([Rule("", "lambda", target, ("s3:ObjectCreated:*",))])
    assert caught.value.message == "The ARN could not be parsed"
    assert caught.value.fields == {"ArgumentName": "CloudFunction", "ArgumentValue": target}


@pytest.mark.parametrize(("service", "words"), [("sqs", "FIFO SQS queues"), ("sns", "FIFO SNS topics")])
def test_fifo_targets_are_refused(service: str, words: str) -> None:
    target = f"arn:aws:{service}:us-east-1:123456789012:things.fifo"
    with pytest.raises(AwsError, match=f"{words} are not supported"):
        check_rules([Rule("", service, target, ("s3:ObjectCreated:*",))])


def test_a_bucket_has_at_most_100_rules() -> None:
    rules = [rule("ObjectCreated:*", f"{number:03}/") for number in range(101)]
    check_rules(rules[:100])
    with pytest.raises(AwsError, match="more than 100"):
        check_rules(rules)


def test_case_and_accents_of_filters_count() -> None:
    check_rules([rule("ObjectCreated:*", "Ventas/"), rule("ObjectCreated:*", "ventas/")])
    check_rules([rule("ObjectCreated:*", "", ".csv"), rule("ObjectCreated:*", "", ".CSV")])
    # The same letter, composed and decomposed: two different keys on S3.
    check_rules([rule("ObjectCreated:*", "a\u00f1o/"), rule("ObjectCreated:*", "an\u0303o/")])


def test_rules_with_overlapping_prefixes_and_other_suffixes_are_accepted() -> None:
    check_rules([rule("ObjectCreated:*", "raw/", ".csv"), rule("ObjectCreated:*", "raw/2024/", ".json")])

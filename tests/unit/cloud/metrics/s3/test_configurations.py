"""Metrics configurations: their XML, what they measure, that they are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.database import Database
from labkit.cloud.documents import Documents
from labkit.cloud.metrics.s3.configurations import (
    Configuration,
    Configurations,
    read_configuration,
    render_configuration,
)

ACCOUNT = "123456789012"
PREFIX = "<Filter><Prefix>raw/</Prefix></Filter>"
TAG = "<Tag><Key>a</Key><Value>b &amp; c</Value></Tag>"


def xml(inner: str, name: str = "x") -> bytes:
    return f'<MetricsConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Id>{name}</Id>{inner}</MetricsConfiguration>'.encode()


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", Configuration("x")),
        (PREFIX, Configuration("x", "raw/")),
        (f"<Filter>{TAG}</Filter>", Configuration("x", None, (("a", "b & c"),))),
        (
            f"<Filter><And><Prefix>raw/</Prefix>{TAG}</And></Filter>",
            Configuration("x", "raw/", (("a", "b & c"),), True),
        ),
    ],
)
def test_a_configuration_is_read_and_written_back(inner: str, expected: Configuration) -> None:
    found = read_configuration(xml(inner), "x")
    assert (found, render_configuration(found).encode()) == (expected, xml(inner))


@pytest.mark.parametrize(
    ("body", "name", "code"),
    [
        (b"no xml", "x", "MalformedXML"),
        (b"<Other/>", "x", "MalformedXML"),
        (b"<MetricsConfiguration/>", "x", "MalformedXML"),
        (xml("<Filter/>"), "x", "MalformedXML"),
        (xml(f"<Filter><Prefix>a</Prefix>{TAG}</Filter>"), "x", "MalformedXML"),
        (xml("<Filter><And><Prefix>a</Prefix></And></Filter>"), "x", "MalformedXML"),
        (xml("<Filter><Nonsense/></Filter>"), "x", "MalformedXML"),
        (xml(""), "y", "InvalidArgument"),
        (xml("", "a b"), "a b", "InvalidArgument"),
        (xml("", "a" * 65), "a" * 65, "InvalidArgument"),
        (xml("<Filter><AccessPointArn>arn</AccessPointArn></Filter>"), "x", "NotImplemented"),
    ],
)
def test_what_is_refused(body: bytes, name: str, code: str) -> None:
    with pytest.raises(AwsError) as caught:
        read_configuration(body, name)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("configuration", "key", "tags", "expected"),
    [
        (Configuration("x"), "", {}, True),
        (Configuration("x"), "a", {}, True),
        (Configuration("x", "raw/"), "raw/a", {}, True),
        (Configuration("x", "raw/"), "raw", {}, False),
        (Configuration("x", "raw/"), "", {}, False),
        (Configuration("x", None, (("a", "1"),)), "k", {"a": "1", "b": "2"}, True),
        (Configuration("x", None, (("a", "1"),)), "k", {"a": "2"}, False),
        (Configuration("x", "raw/", (("a", "1"),), True), "k", {"a": "1"}, False),
    ],
)
def test_what_is_measured(configuration: Configuration, key: str, tags: dict[str, str], expected: bool) -> None:
    assert configuration.measures(key, lambda: tags) is expected


def test_they_are_kept_and_go_with_their_bucket(tmp_path: Path) -> None:
    documents = Documents(Database(tmp_path / "cloud.db"))
    kept = Configurations(documents, ACCOUNT)
    for name in ("b", "a"):
        kept.put("bucket", Configuration(name, "ñ/", (("k", "v"),), True))
    again = Configurations(documents, ACCOUNT)
    assert [one.id for one in again.of("bucket")] == ["a", "b"]
    assert again.of("bucket") == kept.of("bucket")
    again.delete("bucket", "a")
    with pytest.raises(AwsError, match="NoSuchConfiguration"):
        again.delete("bucket", "a")
    again.forget("bucket")
    assert Configurations(documents, ACCOUNT).of("bucket") == ()


def test_at_most_1000_for_a_bucket(tmp_path: Path) -> None:
    kept = Configurations(Documents(Database(tmp_path / "cloud.db")), ACCOUNT)
    for number in range(1000):
        kept.put("bucket", Configuration(f"c{number}"))
    kept.put("bucket", Configuration("c1", "changed/"))
    with pytest.raises(AwsError, match="TooManyConfigurations"):
        kept.put("bucket", Configuration("one-more"))

from __future__ import annotations

import base64
import hashlib

import pytest

from labkit.cloud.digests import find_fault

BODY = b"hello"


def encoded(algorithm: str) -> str:
    return base64.b64encode(hashlib.new(algorithm, BODY).digest()).decode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-MD5": encoded("md5")},
        {"x-amz-checksum-sha256": encoded("sha256"), "x-amz-checksum-sha1": encoded("sha1")},
        {"x-amz-checksum-crc32": "NhCmhg=="},
        {"x-amz-checksum-crc32c": "not looked at"},
    ],
)
def test_what_is_as_told_passes(headers: dict[str, str]) -> None:
    assert find_fault(headers, BODY) is None


@pytest.mark.parametrize(
    ("headers", "code", "words"),
    [
        ({"Content-MD5": "!"}, "InvalidDigest", "The Content-MD5 you specified was invalid."),
        ({"Content-MD5": "AAAA"}, "InvalidDigest", "The Content-MD5 you specified was invalid."),
        (
            {"Content-MD5": "AAAAAAAAAAAAAAAAAAAAAA=="},
            "BadDigest",
            "The Content-MD5 you specified did not match what we received.",
        ),
        ({"x-amz-checksum-sha256": "AAAA"}, "InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid."),
        (
            {"x-amz-checksum-crc32": "AAAAAA=="},
            "BadDigest",
            "The CRC32 you specified did not match the calculated checksum.",
        ),
    ],
)
def test_what_is_not(headers: dict[str, str], code: str, words: str) -> None:
    assert find_fault(headers, BODY) == (code, words)

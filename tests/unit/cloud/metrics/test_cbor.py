"""CBOR as other SDKs send and read it; botocore's own parser reads what is written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.parsers import RpcV2CBORParser

from labkit.cloud.call import AwsError, Call
from labkit.cloud.metrics.cbor import CborRest, encode
from labkit.cloud.request import read_request

NOW = datetime(2026, 3, 2, 12, 0, 0, 500_000, tzinfo=timezone.utc)
PATH = "/service/GraniteServiceVersion20100801/operation/"
SIGNED = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/monitoring/aws4_request, SignedHeaders=host, Signature=0"


def decode(body: bytes) -> Any:
    parser = RpcV2CBORParser()
    return parser.parse_data_item(parser.get_peekable_stream_from_bytes(body))


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        "",
        "ñ" * 300,
        0,
        23,
        24,
        255,
        256,
        70_000,
        1 << 40,
        -1,
        -500,
        1.5,
        True,
        False,
        {"a": [{"b": 1.0}] * 30},
        "x" * 70_000,
    ],
)
def test_what_is_written_can_be_read(value: Any) -> None:
    assert decode(encode(value)) == value


def test_times_are_tagged_and_absent_members_left_out() -> None:
    assert decode(encode({"at": NOW, "none": None})) == {"at": NOW}


def ask(path: str, body: bytes, handler: Callable[[Call], dict[str, Any]]) -> tuple[str, dict[str, str], Any] | None:
    import io

    told: list[Any] = []
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_AUTHORIZATION": SIGNED,
        "CONTENT_TYPE": "application/cbor", "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body),
    }  # fmt: skip
    rest = CborRest({"ListMetrics": handler}, "123456789012")
    answer = rest(read_request(environ), environ, lambda status, headers: told.extend((status, dict(headers))))
    return None if answer is None else (told[0], told[1], decode(b"".join(answer)))


def test_a_call_in_cbor() -> None:
    seen: list[Call] = []

    def handler(call: Call) -> dict[str, Any]:
        seen.append(call)
        return {"Metrics": [{"MetricName": "ñ"}], "NextToken": None}

    answer = ask(PATH + "ListMetrics", encode({"Namespace": "Lab", "At": NOW}), handler)
    assert answer is not None
    assert (answer[0], answer[1]["smithy-protocol"], answer[2]) == (
        "200 OK",
        "rpc-v2-cbor",
        {"Metrics": [{"MetricName": "ñ"}]},
    )
    assert (seen[0].params, seen[0].scope.region, seen[0].access_key) == (
        {"Namespace": "Lab", "At": NOW},
        "eu-west-1",
        "test",
    )


def test_an_error_in_cbor() -> None:
    def handler(_: Call) -> dict[str, Any]:
        raise AwsError("InvalidParameterValue", "no")

    answer = ask(PATH + "ListMetrics", b"no cbor", handler)
    assert answer is not None
    assert answer[0] == "400 Error"
    assert answer[1]["x-amzn-query-error"] == "InvalidParameterValue;Sender"
    assert answer[2] == {"__type": "com.amazonaws.cloudwatch#InvalidParameterValueException", "message": "no"}


def test_other_calls_in_cbor_are_refused_by_name_and_other_paths_left_alone() -> None:
    answer = ask(PATH + "PutDashboard", b"\xa0", lambda _: {})
    assert answer is not None
    assert (answer[0], "cloudwatch:PutDashboard" in answer[2]["message"]) == ("501 Error", True)
    assert ask("/", b"", lambda _: {}) is None

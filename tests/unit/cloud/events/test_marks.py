from __future__ import annotations

import base64
from typing import Any

from labkit.cloud.events.marks import host_mark, request_mark, with_marks


def test_ids_look_as_s3s_do_and_stay_the_same_for_one_request() -> None:
    mark = request_mark("1f2e3d4c-0000-4111-8222-333344445555")
    assert mark == "1F2E3D4C00004111"
    assert host_mark(mark) == host_mark(mark)
    assert len(base64.b64decode(host_mark(mark))) == 48


def test_a_response_carries_both_ids_and_motos_no_longer() -> None:
    sent: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        sent.append((status, headers))

    with_marks(start_response, "1f2e3d4c-0000")("200 OK", [("ETag", '"1"'), ("x-amzn-RequestId", "moto")])
    assert sent == [
        ("200 OK", [("ETag", '"1"'), ("x-amz-request-id", "1F2E3D4C0000"), ("x-amz-id-2", host_mark("1F2E3D4C0000"))])
    ]

from __future__ import annotations

from typing import Any

import pytest

from labkit.cloud.functions.sqs_records import failed_ids

IDS = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, []),
        ({}, []),
        ({"batchItemFailures": []}, []),
        ({"batchItemFailures": None}, []),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, ["b"]),
        ({"batchItemFailures": [{"itemIdentifier": "nobody"}]}, IDS),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, IDS),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, IDS),
        ({"batchItemFailures": [{"id": "b"}]}, IDS),
        ({"batchItemFailures": "b"}, IDS),
        ({"batchItemFailures": ["b"]}, IDS),
        ([1], IDS),
    ],
)
def test_which_messages_of_a_batch_failed(answer: Any, failed: list[str]) -> None:
    assert failed_ids(answer, IDS) == set(failed)

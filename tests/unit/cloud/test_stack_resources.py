"""What a stack takes for gone when it deletes: AWS's services spell it in several ways."""

from __future__ import annotations

import pytest

from labkit.cloud.call import AwsError
from labkit.cloud.stacks.resource import gone


@pytest.mark.parametrize(
    ("code", "message", "status", "expected"),
    [
        ("InvalidRequestException", "WorkGroup bsg-lab is not found.", 400, True),
        ("InvalidRequestException", "WorkGroup bsg-lab is not empty", 400, False),
        ("EntityNotFoundException", "Job bsg not found.", 400, True),
        ("ResourceNotFoundException", "", 404, True),
        ("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, False),
    ],
)
def test_gone(code: str, message: str, status: int, expected: bool) -> None:
    assert gone(AwsError(code, message, status)) is expected

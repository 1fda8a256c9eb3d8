"""Errors as a student reads them in a notebook."""

from __future__ import annotations

from botocore.exceptions import EndpointConnectionError

from labkit.classroom.lesson_error import teach_errors


def test_a_cloud_that_is_down_is_told_in_two_lines_by_plain_boto3_too() -> None:
    teach_errors()
    error = EndpointConnectionError(endpoint_url="http://127.0.0.1:4566/")
    said = error._render_traceback_()  # type: ignore[attr-defined]
    assert said[0] == 'EndpointConnectionError: Could not connect to the endpoint URL: "http://127.0.0.1:4566/"'
    assert "labkit.open" in said[1]
    assert len(said) == 2

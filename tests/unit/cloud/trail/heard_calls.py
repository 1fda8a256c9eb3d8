"""Requests as the front hears them."""

from __future__ import annotations

import json
from typing import Any

from labkit.cloud.identity.principal import Principal
from labkit.cloud.request import AwsRequest
from labkit.cloud.trail.heard import Heard

ACCOUNT = "123456789012"
STUDENT = Principal("user", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/student", "AIDAX", "student", access_key="test")


def heard(
    service: str,
    method: str = "POST",
    path: str = "/",
    *,
    query: str = "",
    action: str = "",
    body: Any = b"",
    reply: Any = b"",
    status: int = 200,
    **headers: str,
) -> Heard:
    """A request that was answered; bodies and replies may be documents."""
    request = AwsRequest(service, "us-east-1", action, "test", method, path)
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    kinds = {"HTTP_HOST": "127.0.0.1:4566", **headers}
    found = Heard(request, "id-1", query, "127.0.0.1", "Boto3/1", kinds, data)
    found.status, found.reply, found.ended_at = status, answer, 1_764_385_200.5
    found.reply_headers = {"content-type": "text/xml" if answer.startswith(b"<") else "application/x-amz-json-1.1"}
    return found

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.request import proxy_bypass_environment

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_a_child_acts_as_its_role_here_and_asks_no_proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from labkit.cloud.roles import RoleCredentials, child_env

    monkeypatch.setenv("HTTP_PROXY", "http://proxy.escuela:3128")
    monkeypatch.setenv("AWS_PROFILE", "real")
    role = RoleCredentials("ASIA1", "secret", "token", "arn:aws:iam::123456789012:role/lab")
    found = child_env(role, "eu-west-1", "http://127.0.0.1:4600", tmp_path)
    assert not {"HTTP_PROXY", "AWS_PROFILE"} & set(found)
    assert (found["AWS_ACCESS_KEY_ID"], found["AWS_SESSION_TOKEN"]) == ("ASIA1", "token")
    assert (found["AWS_ENDPOINT_URL"], found["AWS_REGION"]) == ("http://127.0.0.1:4600", "eu-west-1")
    for name in ("NO_PROXY", "no_proxy"):
        for host in ("127.0.0.1:4600", "localhost"):
            assert proxy_bypass_environment(host, {"no": found[name]})


@pytest.mark.parametrize(
    ("statement", "trusted"),
    [
        ({"Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}, True),
        (
            {"Principal": {"Service": ["lambda.amazonaws.com", "glue.amazonaws.com"]}, "Action": ["sts:AssumeRole"]},
            True,
        ),
        ({"Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:*"}, True),
        ({"Principal": "*", "Action": "*"}, True),
        ({"Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}, False),
        ({"Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "sts:AssumeRole"}, False),
        ({"Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:TagSession"}, False),
        ({"Effect": "Deny", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}, False),
    ],
)
def test_whom_a_role_trusts(statement: dict[str, Any], trusted: bool) -> None:
    from moto.iam.models import iam_backends

    from labkit.cloud.call import Scope
    from labkit.cloud.roles import role_trusts

    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
    backend = iam_backends["123456789012"]["aws"]
    role = backend.create_role("crawler-trust", document, "/service-role/", None, "", [], "3600")
    try:
        scope = Scope("123456789012", "us-east-1")
        assert role_trusts(role.arn, "glue.amazonaws.com", scope) is trusted
        assert role_trusts("service-role/crawler-trust", "glue.amazonaws.com", scope) is trusted
    finally:
        backend.delete_role("crawler-trust")


def test_a_role_that_does_not_exist_trusts_nobody() -> None:
    from labkit.cloud.call import AwsError, Scope
    from labkit.cloud.roles import role_trusts

    with pytest.raises(AwsError, match="cannot be found"):
        role_trusts("nadie", "glue.amazonaws.com", Scope("123456789012", "us-east-1"))

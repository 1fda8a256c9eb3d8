from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.request import proxy_bypass_environment

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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

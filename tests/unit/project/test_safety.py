"""The nets under every test: no real account, and no server or Java in the unit lane."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]


def test_what_a_teachers_shell_knows_of_aws_is_gone() -> None:
    code = f"""
import json, os, sys
sys.path.insert(0, {str(TESTS)!r})
import conftest
conftest.pytest_configure()
print(json.dumps({{name: value for name, value in os.environ.items() if name.startswith(("AWS_", "LABKIT_"))}}))
"""
    mine = {
        "AWS_PROFILE": "school",
        "AWS_ENDPOINT_URL": "https://example.org",
        "AWS_ACCESS_KEY_ID": "AKIAREAL",
        "LABKIT_TARGET": "aws",
    }
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | mine, capture_output=True, text=True, check=True
    )
    left = json.loads(done.stdout)
    assert left["AWS_ACCESS_KEY_ID"] == "testing"
    assert left["AWS_EC2_METADATA_DISABLED"] == "true"
    assert not {"AWS_PROFILE", "AWS_ENDPOINT_URL", "LABKIT_TARGET"} & set(left)
    assert not Path(left["AWS_SHARED_CREDENTIALS_FILE"]).exists()
    assert not Path(left["AWS_CONFIG_FILE"]).exists()


def test_boto3_signs_with_the_fake_keys() -> None:
    import botocore.session

    credentials = botocore.session.Session().get_credentials()
    assert credentials.access_key == "testing"
    assert credentials.method == "env"


@pytest.mark.parametrize("method", ["connect", "connect_ex", "bind"])
def test_a_unit_test_cannot_reach_the_network(method: str) -> None:
    with socket.socket() as free, pytest.raises(RuntimeError, match="tests/cloud"):
        getattr(free, method)(("127.0.0.1", 0))


@pytest.mark.parametrize("command", [["java", "-version"], ["/usr/bin/java"], "java -version"])
def test_a_unit_test_cannot_start_java(command: str | list[str]) -> None:
    with pytest.raises(RuntimeError, match="tests/cloud"):
        subprocess.Popen(command)

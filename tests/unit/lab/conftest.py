"""A small lab of two files, and moto's in-process AWS (no socket) for what plans read and applies make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from labkit import i18n
from labkit.aws.session import Clients
from labkit.names import Names
from labkit.settings import LOCAL_ACCOUNT, Credentials, Target
from labkit.steps.lab import Lab, Upload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")


@pytest.fixture
def target() -> Target:
    return Target("local", "us-east-1", LOCAL_ACCOUNT, None, Credentials("test", "test"))


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    names = Names()
    sample = tmp_path / "ventas_2024_01.csv"
    sample.write_text("id_venta,fecha,cantidad\n1,2024-01-03,2\n", encoding="utf-8")
    script = tmp_path / "sales_etl.py"
    script.write_text("print('etl')\n", encoding="utf-8")
    handler = tmp_path / "start_glue_job.py"
    handler.write_text("def lambda_handler(event, context):\n    return {}\n", encoding="utf-8")
    upload = Upload(sample, names.raw_bucket, f"{names.raw_prefix}{sample.name}")
    return Lab(LOCAL_ACCOUNT, "us-east-1", names, (upload,), script, handler, {"--database": "bsg_db"})


class IamWithAwsPolicies:
    """moto's IAM, with AWS's managed policies attached by name only: loading all 1,400 of them takes moto two seconds a test."""

    def __init__(self, iam: Any) -> None:
        self._iam = iam
        self._attached: dict[str, list[str]] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._iam, name)

    def attach_role_policy(self, **params: str) -> None:
        self._iam.get_role(RoleName=params["RoleName"])
        self._attached.setdefault(params["RoleName"], []).append(params["PolicyArn"])

    def list_attached_role_policies(self, **params: str) -> dict[str, Any]:
        found = self._attached.get(params["RoleName"], [])
        return {"AttachedPolicies": [{"PolicyArn": arn, "PolicyName": arn.rsplit("/", 1)[-1]} for arn in found]}

    def get_paginator(self, operation: str) -> Any:
        return (
            OnePage(self.list_attached_role_policies) if "attached" in operation else self._iam.get_paginator(operation)
        )


class OnePage:
    def __init__(self, operation: Callable[..., dict[str, Any]]) -> None:
        self._operation = operation

    def paginate(self, **params: Any) -> list[dict[str, Any]]:
        return [self._operation(**params)]


@pytest.fixture(scope="session")
def shared_clients() -> Clients:
    """One set for all tests: making a boto3 client takes longer than most tests here. moto must be imported before."""
    import moto  # noqa: F401

    return Clients(Target("local", "us-east-1", LOCAL_ACCOUNT, None, Credentials("test", "test")))


@pytest.fixture
def clients(shared_clients: Clients, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clients]:
    from moto import mock_aws

    with mock_aws(config={"lambda": {"use_docker": False}}):
        monkeypatch.setitem(shared_clients.__dict__, "iam", IamWithAwsPolicies(shared_clients.iam))
        yield shared_clients

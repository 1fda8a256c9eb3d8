"""Nothing but apply, run and teardown changes anything: every call of botocore's is looked at while the other commands run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient

from labkit.cli import main
from tests.cloud.teardown.calls import is_reading

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cloud.teardown.conftest import Studied

    Study = Callable[..., Studied]

SLOW = pytest.mark.slow
COMMANDS = (
    ("plan",),
    ("teardown", "--dry-run"),
    pytest.param(("plan", "--as", "cli"), marks=SLOW),
    pytest.param(("teardown", "--dry-run", "--json"), marks=SLOW),
    pytest.param(("cost",), marks=SLOW),
    pytest.param(("cost", "--json"), marks=SLOW),
    pytest.param(("parity", "2"), marks=SLOW),
    pytest.param(("status",), marks=SLOW),
    pytest.param(("doctor",), marks=SLOW),
    pytest.param(("export", "cloudformation"), marks=SLOW),
)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Operations that botocore was asked for, by whatever client: patched at the one place that all of them pass."""
    names: list[str] = []
    real: Any = BaseClient._make_api_call

    def call(self: Any, operation_name: str, api_params: Any) -> Any:
        names.append(operation_name)
        return real(self, operation_name, api_params)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return names


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("target", ["local", "aws"])
def test_a_command_that_shows_changes_nothing(
    command: tuple[str, ...], target: str, cloud: Any, folder: Path, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"LABKIT_CLOUD": cloud.endpoint_url} if target == "local" else {"AWS_ENDPOINT_URL": cloud.endpoint_url}
    for name, value in {**place, "LABKIT_TARGET": target, "LABKIT_STUDENT": "reading", "LABKIT_STATE": "state"}.items():
        monkeypatch.setenv(name, value)
    code = main(command)
    assert [name for name in called if not is_reading(name)] == []
    if command[0] in ("plan", "teardown", "cost"):
        assert (code, bool(called)) == (0, True)


def test_the_hook_sees_what_changes(study: Study, called: list[str]) -> None:
    luz = study("reading luz")
    luz.apply(1)
    luz.tear_down()
    assert {"CreateBucket", "PutBucketTagging", "CreateWorkGroup", "DeleteBucket", "DeleteWorkGroup"} <= set(called)

"""The laptop dies at any call, of apply or of teardown: the next teardown leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.session import Clients
from tests.cloud.teardown.calls import is_reading

if TYPE_CHECKING:
    from tests.cloud.teardown.conftest import Studied

    Study = Callable[..., Studied]

pytestmark = pytest.mark.slow


class Killed(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


def kill_after(clients: Clients, calls: int, *, arrives: bool) -> None:
    """The call after so many changing ones is the last: its request arrives and its answer is never read, or it never leaves."""
    made = [0]

    def count(model: Any, **_rest: Any) -> None:
        if not is_reading(model.name):
            made[0] += 1
            if made[0] > calls:
                raise Killed

    for service in ("s3", "iam", "glue", "lambda", "athena", "logs"):
        event = "after-call" if arrives else "before-call"
        clients.find(service).meta.events.register(f"{event}.*", count)


@pytest.mark.parametrize("calls", [1, 6, 12, 18])
@pytest.mark.parametrize("arrives", [True, False])
def test_apply_was_killed(study: Study, calls: int, *, arrives: bool) -> None:
    uma = study(f"kill {calls} {arrives}")
    kill_after(uma.clients, calls, arrives=arrives)
    with pytest.raises(Killed):
        uma.apply(1, 2, 4, 5, 6)
    uma.clients.renew()
    report = uma.tear_down()
    assert [one.error for one in report.failures] == []
    assert report.is_proven
    assert not report.after.strangers
    assert uma.ledger.entries() == []


@pytest.mark.parametrize("arrives", [True, False])
def test_teardown_is_killed_at_every_call_in_turn(study: Study, *, arrives: bool) -> None:
    iris = study(f"killed teardown {arrives}")
    iris.apply(1, 2, 4, 5, 6)
    kills = 0
    while True:
        kill_after(iris.clients, 1, arrives=arrives)
        try:
            report = iris.tear_down()
        except Killed:
            kills += 1
            assert kills < 60
        else:
            break
        finally:
            iris.clients.renew()
    assert kills >= 4  # eight calls at once, stage after stage
    assert report.is_proven
    assert not report.after.strangers
    assert iris.ledger.entries() == []

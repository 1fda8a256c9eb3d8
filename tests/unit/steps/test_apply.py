"""Apply when things go wrong in the middle: nothing is lost, nothing of others is taken, and the next apply goes on."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from labkit.aws.call import AwsCall
from labkit.errors import AwsCallError, LabError
from labkit.prices import load_prices
from labkit.steps import apply as applying
from labkit.steps import shared_groups
from labkit.steps.apply import apply_step
from labkit.steps.step import Step

if TYPE_CHECKING:
    from labkit.settings import Target
    from labkit.steps.lab import Lab
    from labkit.steps.ledger import Ledger

NAMES = ("uno", "dos", "tres")


class World:
    """Buckets that exist, and what the next call is answered with: an exception before or after it took effect."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.calls: list[str] = []
        self.before: dict[str, BaseException] = {}
        self.after: dict[str, BaseException] = {}

    def create_bucket(self, **params: Any) -> None:
        name = params["Bucket"]
        self.calls.append(name)
        if name in self.before:
            raise self.before.pop(name)
        if name in self.made:
            raise refuse("BucketAlreadyOwnedByYou")
        self.made.append(name)
        if name in self.after:
            raise self.after.pop(name)


def refuse(code: str, status: int = 400) -> ClientError:
    reply: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(reply, "CreateBucket")


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def clients(world: World, target: Target) -> Any:
    return SimpleNamespace(target=target, find=lambda _service: world)


@pytest.fixture
def step(world: World) -> Step:
    def plan(_clients: Any, _lab: Lab) -> list[AwsCall]:
        missing = [name for name in NAMES if name not in world.made]
        return [AwsCall("s3", "create_bucket", {"Bucket": n}, "create", "s3-bucket", n) for n in missing]

    return Step(1, "buckets", plan)


def run(clients: Any, lab: Lab, step: Step, ledger: Ledger) -> None:
    apply_step(clients, lab, step, load_prices(), ledger, lambda _step, _call: None)


def states(ledger: Ledger) -> dict[str, str]:
    return {entry.name: entry.state for entry in ledger.entries()}


def test_after_a_refusal_the_same_command_goes_on(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World
) -> None:
    world.before["dos"] = refuse("AccessDenied", 403)
    with pytest.raises(AwsCallError, match="s3:CreateBucket"):
        run(clients, lab, step, ledger)
    assert states(ledger) == {"uno": "made", "dos": "refused"}
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")
    assert world.calls == ["uno", "dos", "dos", "tres"]


def test_credentials_that_end_in_the_middle_lose_nothing(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World
) -> None:
    world.before["tres"] = refuse("ExpiredToken")
    with pytest.raises(AwsCallError, match="han caducado") as caught:
        run(clients, lab, step, ledger)
    assert "misma orden" in caught.value.next_step
    assert states(ledger) == {"uno": "made", "dos": "made", "tres": "refused"}
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")


def test_a_laptop_killed_between_call_and_ledger_leaves_no_orphan(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World
) -> None:
    world.after["dos"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(clients, lab, step, ledger)
    assert world.made == ["uno", "dos"]
    assert states(ledger) == {"uno": "made", "dos": "calling"}
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")
    assert world.calls == ["uno", "dos", "tres"]


def test_a_laptop_killed_before_the_call_makes_it_the_next_time(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World
) -> None:
    world.before["dos"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        run(clients, lab, step, ledger)
    assert states(ledger)["dos"] == "calling"
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")


@pytest.mark.parametrize("lost", [ReadTimeoutError(endpoint_url="x"), refuse("InternalError", 500)])
def test_a_reply_that_was_lost_is_looked_up_and_not_called_refused(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World, lost: Exception
) -> None:
    world.after["dos"] = lost
    with pytest.raises(LabError):
        run(clients, lab, step, ledger)
    assert states(ledger)["dos"] == "calling"
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")


def test_a_call_that_had_arrived_before_is_ours_by_its_tag(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.before["dos"] = refuse("BucketAlreadyOwnedByYou", 409)
    monkeypatch.setattr(applying, "is_ours", lambda *_: True)
    run(clients, lab, step, ledger)
    assert states(ledger) == dict.fromkeys(NAMES, "made")


def test_a_crawl_that_is_under_way_is_waited_for(target: Target, lab: Lab, ledger: Ledger) -> None:
    def start_crawler(**_params: Any) -> None:
        raise refuse("CrawlerRunningException")

    waited: list[str] = []
    call = AwsCall("glue", "start_crawler", {}, "run", "glue-crawl", "c", "crawl", lambda _: waited.append("c"))
    glue: Any = SimpleNamespace(target=target, find=lambda _service: SimpleNamespace(start_crawler=start_crawler))
    run(glue, lab, Step(3, "crawl", lambda *_: [call]), ledger)
    assert waited == ["c"]


@pytest.mark.parametrize("code", ["BucketAlreadyOwnedByYou", "BucketAlreadyExists"])
def test_a_name_that_somebody_took_in_the_meantime_is_a_conflict(
    clients: Any, lab: Lab, step: Step, ledger: Ledger, world: World, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    world.before["dos"] = refuse(code, 409)
    monkeypatch.setattr(applying, "is_ours", lambda *_: False)
    with pytest.raises(AwsCallError) as caught:
        run(clients, lab, step, ledger)
    assert "LABKIT_STUDENT" in caught.value.next_step
    assert states(ledger) == {"uno": "made", "dos": "refused"}


def test_what_no_plan_shows_is_never_called_made(lab: Lab, clients: Any, step: Step, ledger: Ledger) -> None:
    ledger.announce(1, AwsCall("logs", "create_log_group", {}, "create", shared_groups.KIND, "/aws-glue/crawlers"))
    run(clients, lab, step, ledger)
    assert states(ledger)["/aws-glue/crawlers"] == "calling"

"""The ledger on bad days: every way in which its file can be wrong is a lesson, and a full disk leaves the old one whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from labkit.aws.call import AwsCall
from labkit.errors import LabError
from labkit.steps import ledger as module

if TYPE_CHECKING:
    from labkit.steps.ledger import Ledger

CALL = AwsCall("s3", "create_bucket", {"Bucket": "b"}, "create", "s3-bucket", "b")
OLD = {"account": "1", "region": "r", "target": "aws", "step": 1, "kind": "s3-bucket", "name": "b", "state": "made"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"null",
        b"[]",
        b'{"version": 1, "entr',
        b"\xff\xfe",
        b'{"version": 1}',
        json.dumps({"version": 1, "entries": [OLD]}).encode(),
        json.dumps({"version": 1, "entries": [{**OLD, "at": "yesterday"}]}).encode(),
        json.dumps({"version": 2, "entries": [{**OLD, "at": "2026-11-29T10:00:00+00:00", "new": 1}]}).encode(),
    ],
)
def test_a_file_that_is_no_ledger_is_a_lesson_and_stays_as_it_is(ledger: Ledger, content: bytes) -> None:
    ledger.path.parent.mkdir(parents=True, exist_ok=True)
    ledger.path.write_bytes(content)
    for act in (ledger.entries, lambda: ledger.announce(1, CALL)):
        with pytest.raises(LabError) as caught:
            act()
        assert caught.value.key == "error.ledger_broken"
        assert "labkit teardown" in caught.value.next_step
    assert ledger.path.read_bytes() == content


def test_a_file_that_may_not_be_read_is_a_lesson(ledger: Ledger) -> None:
    ledger.path.mkdir(parents=True)
    with pytest.raises(LabError) as caught:
        ledger.entries()
    assert caught.value.key == "error.ledger_broken"


def test_a_full_disk_keeps_the_old_ledger_and_leaves_nothing_half(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.announce(1, CALL)
    before = ledger.path.read_bytes()

    def fill(*_arguments: Any, **_options: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.json, "dump", fill)
    with pytest.raises(LabError) as caught:
        ledger.settle(CALL, made=True)
    assert caught.value.key == "error.ledger_unwritable"
    assert ledger.path.read_bytes() == before
    assert not list(ledger.path.parent.glob(".ledger-*"))

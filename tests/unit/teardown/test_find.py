"""Looking, where a service does not answer or may not be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from labkit.settings import read_settings, with_account
from labkit.steps.ledger import Ledger
from labkit.teardown import find
from labkit.teardown.find import find_belongings
from labkit.teardown.thing import Shelf, Thing
from tests.unit.teardown.fakes import Pages, refusal


class Clients:
    """Only what every look needs: the shared log groups, of which there are none."""

    class logs:  # noqa: N801  # as boto3 spells it
        @staticmethod
        def get_paginator(_name: str) -> Pages:
            return Pages({"logGroups": []})

    def find(self, _service: str) -> None:
        """Nothing to make."""


def build_shelf(kind: str, listed: Any, *, is_optional: bool = False) -> Shelf:
    def list_things(_clients: Any) -> list[Thing]:
        if isinstance(listed, Exception):
            raise listed
        return [Thing(kind, name) for name in listed]

    def read_tags(_clients: Any, thing: Thing) -> dict[str, str]:
        return {"labkit:lab": "bsg-us-east-1"} if thing.name.startswith("ours") else {}

    return Shelf(kind, list_things, read_tags, lambda *_: None, lambda *_: False, "", is_optional=is_optional)


def look(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **listed: Any) -> Any:
    """Every kind lists nothing but the ones given."""
    shelves = tuple(
        build_shelf(shelf.kind, listed.get(shelf.kind.replace("-", "_"), []), is_optional=shelf.is_optional)
        for shelf in find.SHELVES
    )
    monkeypatch.setattr(find, "SHELVES", shelves)  # the services are what is faked here
    settings = with_account(read_settings({"LABKIT_TARGET": "aws"}, tmp_path), "123456789012")
    clients: Any = Clients()
    return find_belongings(clients, settings, Ledger(tmp_path, settings.target))


def test_a_region_without_a_service_keeps_nobody_from_the_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = EndpointConnectionError(endpoint_url="https://athena.eu-south-9.amazonaws.com/")
    found = look(monkeypatch, tmp_path, athena_workgroup=nowhere, iam_role=["ours", "theirs"])
    assert [one.thing.name for one in found.ours] == ["ours"]
    assert [(one.kind, "athena.eu-south-9" in one.reason) for one in found.blind] == [("athena-workgroup", True)]


def test_without_any_network_nothing_is_said_to_be_gone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    nowhere = EndpointConnectionError(endpoint_url="https://s3.amazonaws.com/")
    kinds = {shelf.kind.replace("-", "_"): nowhere for shelf in find.SHELVES}
    with pytest.raises(EndpointConnectionError):
        look(monkeypatch, tmp_path, **kinds)


def test_a_kind_that_nobody_made_need_not_be_seen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    denied = refusal("AccessDeniedException", "DescribeBudgets")
    assert look(monkeypatch, tmp_path, budget=denied).blind == ()
    assert [one.kind for one in look(monkeypatch, tmp_path, iam_role=denied).blind] == ["iam-role"]


def test_of_a_big_account_only_what_could_be_ours_by_name_is_asked_for_tags(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    names = [*(f"other-{number}" for number in range(find.MOST_UNNAMED + 1)), "ours-but-renamed"]
    found = look(monkeypatch, tmp_path, iam_role=names)
    assert (found.ours, found.unread) == ((), {"iam-role": len(names)})
    found = look(monkeypatch, tmp_path, iam_role=names[2:])
    assert [one.thing.name for one in found.ours] == ["ours-but-renamed"]

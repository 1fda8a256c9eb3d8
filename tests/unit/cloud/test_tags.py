"""Tags of what engines own: every change is told, because moto's state is written to disk only when it is."""

from __future__ import annotations

import pytest

from labkit.cloud import tags
from labkit.cloud.call import Scope

SCOPE = Scope("123456789012", "eu-west-3")


def test_a_change_is_told_and_what_is_deleted_has_no_tags(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str, str]] = []
    monkeypatch.setattr(tags, "_changed", None)
    tags.use_marker(lambda *where: told.append(where))
    tags.set_tags(SCOPE, "crawler", "ventas", {})
    tags.clear_tags(SCOPE, "crawler", "ventas")
    assert told == []
    tags.set_tags(SCOPE, "crawler", "ventas", {"curso": "bsg"})
    assert tags.get_tags(SCOPE, "crawler", "ventas") == {"curso": "bsg"}
    assert told == [("glue", "123456789012", "eu-west-3")]
    tags.clear_tags(SCOPE, "crawler", "ventas")
    assert tags.get_tags(SCOPE, "crawler", "ventas") == {}
    assert len(told) == 2

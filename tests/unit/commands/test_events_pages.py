"""`labkit events` asks the local cloud page by page, and ends with one that knows no pages."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from labkit.aws import trail
from labkit.aws.trail import Happening, Page
from labkit.commands import events

OPTIONS = argparse.Namespace(all=False, errors=False, data=False, json=False, follow=False, since=600.0, limit=10)


def test_a_cloud_that_gives_the_same_page_again_is_asked_no_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[dict[str, Any]] = []

    def answer(_endpoint: str, **question: Any) -> Page:
        asked.append(question)
        return Page([Happening(0.0, "crawl", "us-east-1", resource="c", outcome="FAILED")] * 3, 7, 5)

    monkeypatch.setattr(events, "_PAGE_ROWS", 3)
    monkeypatch.setattr(trail, "read_happenings", answer)

    screen = events._Screen(OPTIONS, frozenset())
    assert events._show_local("http://127.0.0.1:1", Path("none"), OPTIONS, screen) == 0
    assert [one.get("before") for one in asked] == [None, 5]
    assert len(capsys.readouterr().out.splitlines()) == 3

"""What is left of the lab, as a student reads it on AWS and on this computer."""

from __future__ import annotations

from datetime import datetime, timezone

from labkit.ui.markup import render_html
from labkit.ui.remains import Remaining, RemainsView, TeardownView

BUCKET = Remaining("s3-bucket", "bsg-data-raw", datetime(2026, 11, 1, tzinfo=timezone.utc))


def test_on_aws_it_tells_since_when_what_it_cost_and_how_to_take_it_down() -> None:
    said = str(RemainsView("123456789012 · us-east-1", [BUCKET], 0.0147, 0.0001, charges=True))
    for words in ("bsg-data-raw", "2026-11-01", "ha costado 0.0147 USD", "0.0001 USD", "lab.teardown()"):
        assert words in said
    assert "Aquí no cuesta nada" not in said


def test_on_this_computer_nothing_costs() -> None:
    said = str(RemainsView("la nube local", [BUCKET], 0.0147, 0.0001, charges=False))
    assert "habría costado" in said
    assert "Aquí no cuesta nada" in said


def test_what_nobody_could_see_is_not_called_gone() -> None:
    view = RemainsView("x", [], 0.0, 0.0, charges=True, unseen=["iam-role"], unknown=["El libro nombra glue-trigger a"])
    assert "iam-role" in str(view)
    assert "glue-trigger a" in str(view)
    assert "✓" not in str(view)


def test_a_teardown_is_shown_before_it_is_done_and_proven_after() -> None:
    line = ("s3-bucket", "<b>", "etiqueta", "–")
    before = TeardownView("x", [line], done=False)
    assert "lab.teardown(delete=True)" in str(before)
    assert "<b>" not in render_html(before.view()).partition("</style>")[2].replace("<br>", "")
    failed = TeardownView("x", [line], done=True, problems=["AccessDenied"])
    assert "queda algo" in str(failed)
    assert "AccessDenied" in str(failed)
    assert "no queda nada" in str(TeardownView("x", [line], done=True, is_proven=True))

"""rubric.html as a document; tests/browser fills it in."""

from __future__ import annotations

import base64
import hashlib
import re

from labkit.grading.rubric.form import build_form
from labkit.grading.rubric.sheet import COLUMNS
from tests.unit.grading import made_up
from tests.unit.grading.pages.html_reader import Page, assert_sound

GIVEN = made_up.give(
    "ana-nunez", {"context": 0.5}, comment="<b>\nBien", private='"</textarea><script>alert(3)</script>'
)


def read() -> Page:
    return Page(build_form(made_up.build_rows(GIVEN), GIVEN, "labkit grade x --out y --rubric z"))


def test_the_form_is_sound_whatever_is_in_it() -> None:
    page = read()
    assert_sound(page, scripts=1)
    assert "<script>alert(1)</script>" in page.text


def test_only_the_forms_own_script_may_run() -> None:
    html = read().html
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)
    assert script is not None
    digest = base64.b64encode(hashlib.sha256(script[1].encode()).digest()).decode()
    assert f"script-src &#x27;sha256-{digest}&#x27;" in html


def test_each_item_of_each_text_has_its_fields_with_what_was_given() -> None:
    page = read()
    items = page.find("fieldset")
    assert len(items) == 18
    assert items[0]["data-item"] == "8.5 context"
    assert items[0]["data-key"] == "ana-nunez"
    assert [one["value"] for one in page.find("input")][:2] == ["50", ""]
    assert "Bien" in page.text
    assert "</textarea><script>alert(3)" in page.text
    assert all(one["aria-label"] for one in page.find("input") + page.find("textarea"))
    assert page.find("button")[0]["data-columns"] == ",".join(COLUMNS)


def test_the_mark_scheme_and_what_was_computed_stand_beside_the_text() -> None:
    page = read()
    assert "50 % si solo da el tamaño" in page.text
    assert "8.4 · " in page.text
    assert "Pistas" not in page.text


def test_who_wrote_nothing_is_named_and_has_no_form() -> None:
    page = read()
    assert "Sin texto, cuentan 0: 1. Diego" in page.text
    nobody = made_up.build_rows(found=[made_up.grade("Ana", "ana", text="")])
    assert_sound(Page(build_form(nobody, {}, "x")), scripts=1)

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

import labkit
from labkit import i18n
from labkit.errors import DataError

PACKAGE = Path(labkit.__file__).parent
KEYS_BUILT_AT_RUN_TIME = ("cli.", "step.", "hop.", "cost.")


def fields_of(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def sources() -> str:
    files = [path for path in PACKAGE.rglob("*.py") if "__pycache__" not in path.parts]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_every_text_exists_in_both_languages_with_the_same_fields() -> None:
    for key, texts in i18n.load_catalogue().items():
        assert set(texts) == {"es", "en"}, key
        assert all(words.strip() for words in texts.values()), key
        assert fields_of(texts["es"]) == fields_of(texts["en"]), key


def test_every_key_in_the_code_is_in_the_catalogue() -> None:
    code, catalogue = sources(), i18n.load_catalogue()
    for key in re.findall(r'(?<![.\w])text\(\s*"([\w.]+)"', code):
        assert key in catalogue
    lessons = re.findall(r'build_lesson\(\s*\w+,\s*"([\w.]+)"', code)
    assert len(lessons) > 20
    for key in lessons:
        assert f"{key}.what" in catalogue
        assert f"{key}.next" in catalogue


def test_no_text_of_the_catalogue_is_forgotten() -> None:
    code = sources()
    for key in i18n.load_catalogue():
        if key.startswith(KEYS_BUILT_AT_RUN_TIME):
            continue
        stem = key.rsplit(".", 1)[0] if key.startswith("error.") else key
        assert f'"{stem}"' in code, key


def test_the_clouds_own_lessons_say_the_same_in_english_and_are_told_in_spanish() -> None:
    catalogue = i18n.load_catalogue()
    raised = list(cloud_lessons())
    assert len(raised) > 10
    for key, parts, facts in raised:
        assert {f"{key}.{part}" for part in ("what", "cause", "next")} <= set(catalogue), key
        for part, written in zip(("what", "cause", "next"), parts, strict=True):
            told = catalogue[f"{key}.{part}"]["en"]
            assert fields_of(told) <= facts, (key, part)
            if written is not None:
                assert told == written, (key, part)


def cloud_lessons() -> Iterator[tuple[str, list[str | None], set[str]]]:
    """(key, the three English parts, names of the facts) of each error raised in labkit/cloud; None for a text with holes."""
    for path in (PACKAGE / "cloud").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = {word.arg: word.value for word in node.keywords} if isinstance(node, ast.Call) else {}
            if not isinstance(node, ast.Call) or "next_step" not in named or "what" in named:
                continue
            assert "key" in named, f"{path}:{node.lineno} speaks English only"
            parts = [
                value.value if isinstance(value, ast.Constant) else None
                for value in (node.args[0], named["cause"], named["next_step"])
            ]
            facts = named.get("facts", ast.Dict([], []))
            assert isinstance(facts, ast.Dict)
            names = {name.value for name in facts.keys if isinstance(name, ast.Constant)}
            keys = [item.value for item in ast.walk(named["key"]) if isinstance(item, ast.Constant)]
            for key in keys:
                yield key, parts, names


def test_a_lesson_has_every_fact_that_its_text_asks_for() -> None:
    catalogue = i18n.load_catalogue()
    for match in re.finditer(
        r'build_lesson\(\s*\w+,\s*"([\w.]+)"((?:[^()]|\([^()]*(?:\([^()]*\)[^()]*)*\))*)\)', sources()
    ):
        given = set(re.findall(r"\b(\w+)=", match[2]))
        for part in ("what", "cause", "next"):
            asked = fields_of(catalogue.get(f"{match[1]}.{part}", {"es": ""})["es"])
            assert asked <= given, (match[1], part)


@pytest.mark.parametrize(
    ("environ", "setting", "language"),
    [
        ({}, None, "es"),
        ({"LANG": "C.UTF-8"}, None, "es"),
        ({"LANG": "en_GB.UTF-8"}, None, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_ALL": "es_PE.UTF-8"}, None, "es"),
        ({"LANG": "es_ES.UTF-8"}, "en", "en"),
        ({"LABKIT_LANG": "en", "LANG": "es_ES.UTF-8"}, "es", "en"),
        ({"LABKIT_LANG": "fr"}, None, "es"),
    ],
)
def test_language_comes_from_the_variable_then_the_setting_then_the_locale(
    environ: dict[str, str], setting: str | None, language: str
) -> None:
    assert i18n.find_language(environ, setting) == language


def test_a_lesson_speaks_the_chosen_language() -> None:
    i18n.use_language("en")
    error = i18n.build_lesson(DataError, "error.data_empty", file="a.csv")
    assert error.what == "a.csv is empty"
    i18n.use_language("es")
    assert i18n.build_lesson(DataError, "error.data_empty", file="a.csv").what == "a.csv está vacío"


def test_a_language_that_the_lab_does_not_speak_is_refused() -> None:
    with pytest.raises(ValueError, match="fr"):
        i18n.use_language("fr")

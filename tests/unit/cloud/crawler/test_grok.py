from __future__ import annotations

import pytest

from labkit.cloud.crawler.grok import compile_grok, read_custom_patterns
from labkit.cloud.crawler.grok_patterns import PATTERNS


@pytest.mark.parametrize("name", PATTERNS)
def test_every_documented_pattern_compiles(name: str) -> None:
    compile_grok(f"%{{{name}:x}}")


@pytest.mark.parametrize(
    ("pattern", "custom", "reason"),
    [
        ("", "", "not empty"),
        ("%{NADA:x}", "", r"%\{NADA\} is not defined"),
        ("%{NUMBER:x:entero}", "", 'has the type "entero"'),
        ("%{WORD:x} (", "", "is not a regular expression"),
        ("a\n%{WORD:x}", "", "one line"),
        ("%{A:x}", "A %{B}\nB %{A}", "without end"),
        ("%{A:x}", "A", "NAME definition"),
    ],
)
def test_what_is_wrong_is_named(pattern: str, custom: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        compile_grok(pattern, custom)


def test_custom_patterns_come_before_the_built_in_ones() -> None:
    grok = compile_grok("^%{WORD:x}$", "# mías\nWORD [0-9]+\n\n")
    assert grok.matches("12")
    assert not grok.matches("doce")
    assert read_custom_patterns("A b c\n") == {"A": "b c"}


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("^(?i)error$", "ERROR", "warn"),
        ("^((?i)a)b$", "Ab", "AB"),
        (r"^[(]?%{INT:x}$", "(5", "((5"),
        (r"^(?>a+)b$", "aab", "aac"),
        (r"^\(?i\)$", "(i)", "I"),
        ("^[[(]x$", "[x", "x"),
    ],
)
def test_java_syntax(pattern: str, yes: str, no: str) -> None:
    grok = compile_grok(pattern)
    assert grok.matches(yes)
    assert not grok.matches(no)


def test_a_field_named_twice_is_one_column() -> None:
    assert compile_grok("(%{INT:x:int}|%{WORD:x})").columns == (("x", "int"),)

"""Which words after SCRIPT are labkit's, and how the script's become arguments of StartJobRun."""

from __future__ import annotations

import argparse

import pytest

from labkit.cli import build_parser
from labkit.commands.glue_script import find_argument_names
from labkit.commands.glue_words import FLAGS, OPTIONS_WITH_VALUE, build_arguments, split_words
from labkit.errors import UsageError

NOTHING: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("words", "arguments"),
    [
        ("--in s3://a/b --year=2024", {"--in": "s3://a/b", "--year": "2024"}),
        ("--dry-run --n -5", {"--dry-run": "", "--n": "-5"}),
        ("--expr=a=b=c --empty=", {"--expr": "a=b=c", "--empty": ""}),
        ("--value=--x", {"--value": "--x"}),
        ("", {}),
    ],
)
def test_arguments_are_passed_on_as_given(words: str, arguments: dict[str, str]) -> None:
    assert build_arguments(words.split()) == arguments


def test_a_value_may_hold_spaces_and_accents() -> None:
    assert build_arguments(["--ruta", "s3://b/año 1/", "--x", ""]) == {"--ruta": "s3://b/año 1/", "--x": ""}


@pytest.mark.parametrize("words", [["foo"], ["--a", "1", "2"], ["-a", "1"]])
def test_a_word_without_a_name_is_refused(words: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        build_arguments(words)
    assert caught.value.key == "error.glue_nameless"


def test_a_name_given_twice_is_refused_because_glues_arguments_are_a_map() -> None:
    with pytest.raises(UsageError) as caught:
        build_arguments(["--a", "1", "--a=2"])
    assert caught.value.facts == {"name": "--a"}


def test_own_options_are_understood_after_the_script_too() -> None:
    own, theirs = split_words(["--in", "a", "--quiet", "--job-name", "x", "--json=r.json", "--out", "b"], NOTHING)
    assert own == ["--quiet", "--job-name", "x", "--json=r.json"]
    assert theirs == ["--in", "a", "--out", "b"]


def test_a_name_that_the_script_asks_for_is_the_scripts() -> None:
    own, theirs = split_words(["--state", "CA", "--timeout", "3"], frozenset({"state"}))
    assert own == ["--timeout", "3"]
    assert theirs == ["--state", "CA"]


def test_after_a_lone_double_dash_everything_is_the_scripts() -> None:
    assert split_words(["--quiet", "--", "--quiet", "--json", "x"], NOTHING) == (
        ["--quiet"],
        ["--quiet", "--json", "x"],
    )


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("args = getResolvedOptions(sys.argv, ['JOB_NAME', 'state'])", {"JOB_NAME", "state"}),
        ("a = utils.getResolvedOptions(sys.argv, ['x'] + ['y'])", {"x", "y"}),
        ("WANTED = ['timeout']\na = getResolvedOptions(sys.argv, WANTED)", {"timeout"}),
        ("p.add_argument('--json')", {"json"}),
        ("if '--quiet' in sys.argv: pass", {"quiet"}),
        ('"""Usage: labkit glue run x.py --job-name foo"""\ndf.select("state")', set()),
        ("def broken(:", set()),
    ],
)
def test_the_arguments_that_a_script_asks_for_are_read_from_it(source: str, names: set[str]) -> None:
    assert find_argument_names(source) == names


def test_every_option_of_the_parser_is_known_after_the_script() -> None:
    (commands,) = (item for item in build_parser()._actions if isinstance(item, argparse._SubParsersAction))
    (parts,) = (item for item in commands.choices["glue"]._actions if isinstance(item, argparse._SubParsersAction))
    told = {option for action in parts.choices["run"]._actions for option in action.option_strings}
    assert told == {*OPTIONS_WITH_VALUE, *FLAGS}

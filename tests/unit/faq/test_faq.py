from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from labkit import i18n
from labkit.faq.entries import SYSTEMS, Entry, load_entries, load_topics
from labkit.faq.last_error import describe_exception, read_last_error, write_last_error
from labkit.faq.page import PAGES, render_page
from labkit.faq.search import find_matches
from labkit.ui.help_me import HelpView

ROOT = Path(__file__).parents[3]
CASES = [
    json.loads(line) for line in (Path(__file__).parent / "provoked.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.fixture(autouse=True)
def spanish() -> None:
    i18n.use_language("es")


def test_there_are_enough_entries_and_no_id_twice() -> None:
    ids = [entry.id for entry in load_entries()]
    assert len(ids) >= 100
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize("entry", load_entries(), ids=lambda entry: entry.id)
def test_every_entry_is_whole_and_found_by_its_own_texts(entry: Entry) -> None:
    assert entry.examples
    for words in (entry.cause, entry.fix, *entry.fixes.values()):
        assert set(words) == {"es", "en"}
        assert all(said.strip() == said and said.endswith((".", "`", ")", "»", "…")) for said in words.values())
        assert words["es"].count("`") % 2 == 0
        assert len(re.findall(r"`[^`]*`", words["es"])) == len(re.findall(r"`[^`]*`", words["en"]))
    assert set(entry.fixes) <= set(SYSTEMS)
    for example in entry.examples:
        assert find_matches(example)[0].entry.id == entry.id
        assert find_matches(example)[0].is_exact
    for link in entry.links:
        assert link.startswith("https://") or (ROOT / link).is_file()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['entry']}-{case['error'][:30]}")
def test_errors_that_were_provoked_find_their_entry(case: dict[str, str]) -> None:
    assert find_matches(case["error"])[0].entry.id == case["entry"]


@pytest.mark.parametrize(
    "error",
    ["", "  \n", "hola, no me funciona nada", "Everything is fine", "FooError: bar", "\x1b[31m\x1b[0m", "ñ" * 1000],
)
def test_what_it_does_not_know_it_says(error: str) -> None:
    matches = find_matches(error)
    assert matches == []
    shown = repr(HelpView(error, matches, "linux"))
    assert ("No sé nada de este error" in shown) or ("No hay ningún error" in shown)


def test_the_special_goes_before_the_general_and_the_last_before_the_first() -> None:
    denied = "User: x is not authorized to perform: iam:PassRole on resource: y because no identity-based policy"
    assert [match.entry.id for match in find_matches(denied)][:2] == ["pass-role", "access-denied"]
    trace = (
        "Py4JJavaError: An error occurred while calling o1.count.\n"
        ": org.apache.spark.SparkException: Job aborted due to stage failure: Task 0 in stage 4.0 failed\n"
        "\tat org.apache.spark.scheduler.DAGScheduler.failJobAndIndependentStages(DAGScheduler.scala:2856)\n"
        "Caused by: java.io.IOException: No space left on device\n"
        "\tat java.base/sun.nio.ch.FileDispatcherImpl.write0(Native Method)\n\t... 23 more"
    )
    assert find_matches(trace)[0].entry.id == "disk-full"


def test_colours_frames_and_typographic_quotes_do_not_hide_an_error() -> None:
    words = '\x1b[0;31mModuleNotFoundError\x1b[0m: No module named ‘labkit’\r\n  File "/lab/NoSuchBucket.py", line 1'
    assert find_matches(words)[0].entry.id == "no-labkit"


def test_a_huge_text_is_read_from_its_end() -> None:
    assert find_matches("x" * 3_000_000 + "\nOSError: [Errno 28] No space left on device")[0].entry.id == "disk-full"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_answer_has_cause_mending_and_this_computers_way(language: str) -> None:
    i18n.use_language(language)
    error = "OSError: [Errno 98] Address already in use"
    shown = repr(HelpView(error, find_matches(error), "wsl"))
    for part in ("Address already in use", "netstat -ano", "Windows (WSL)", {"es": "Causa:", "en": "Cause:"}[language]):
        assert part in shown
    assert "lsof" not in shown
    assert 'lang="' + language in HelpView(error, find_matches(error), "wsl")._repr_html_()


def test_a_chain_of_exceptions_is_told_with_the_one_that_was_seen_last() -> None:
    with pytest.raises(RuntimeError) as raised:
        fail_twice()
    words = describe_exception(raised.value)
    assert words.split("\n")[0] == "KeyError: 'GLUE_JOB_NAME'"
    assert words.endswith("RuntimeError: no job")


def fail_twice() -> None:
    try:
        {}["GLUE_JOB_NAME"]
    except KeyError as error:
        raise RuntimeError("no job") from error


def test_the_last_error_is_kept_only_where_the_lab_has_a_state(tmp_path: Path) -> None:
    write_last_error(tmp_path / "no", "x")
    assert not (tmp_path / "no").exists()
    write_last_error(tmp_path, "año\ud800")
    assert read_last_error(tmp_path).startswith("año")
    assert read_last_error(tmp_path / "no") == ""


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_the_pages_are_those_of_the_data(language: str) -> None:
    page = (ROOT / "docs" / PAGES[language]).read_text(encoding="utf-8")
    assert page == render_page(language), "run `make notebooks`: it writes docs/preguntas.md and docs/faq.md"


def test_links_inside_the_docs_lead_to_the_readers_language() -> None:
    for language, page in PAGES.items():
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([\w.]+\.md)\)", text):
            assert (ROOT / "docs" / target).is_file()
        assert ("(events.md)" in text) == (language == "en")


def test_topics_are_in_order_and_titled() -> None:
    assert [topic.name for topic in load_topics()][:2] == ["java", "spark"]
    assert all(set(topic.title) == {"es", "en"} for topic in load_topics())

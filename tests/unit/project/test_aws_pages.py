"""docs/aws.md and its Spanish twin: the same parts, commands that exist, and messages as the program writes them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from labkit import i18n
from labkit.cli_parser import build_parser

ROOT = Path(__file__).parents[3]
PAGES = {"en": ROOT / "docs/aws.md", "es": ROOT / "docs/cuenta-aws.md"}


def read(language: str) -> str:
    return PAGES[language].read_text(encoding="utf-8")


def list_commands(text: str) -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = [line.partition("  #")[0].partition(" > ")[0] for block in blocks for line in block.splitlines()]
    return [part.strip() for line in lines for part in line.split("&&") if part.strip().startswith("labkit ")]


@pytest.mark.parametrize("language", PAGES)
def test_every_command_of_the_page_is_understood(language: str) -> None:
    commands = list_commands(read(language))
    assert len(commands) >= 12
    for command in commands:
        build_parser().parse_args(shlex.split(command)[1:])


def test_both_pages_have_the_same_parts_commands_and_tables() -> None:
    pages = [read(language) for language in PAGES]
    parts = [[line.split()[0] for line in page.splitlines() if line.startswith("#")] for page in pages]
    assert parts[0] == parts[1]
    rows = [sum(line.startswith("|") for line in page.splitlines()) for page in pages]
    assert rows[0] == rows[1]
    commands = [[word for word in list_commands(page) if "budget" not in word] for page in pages]
    assert commands[0] == commands[1]


@pytest.mark.parametrize("language", PAGES)
def test_the_messages_of_the_table_are_those_of_the_program(language: str) -> None:
    texts = [words[language] for words in i18n.load_catalogue().values()]
    own = re.findall(r"^\| `([A-ZÁÉÍÓÚa-záéíóúñ ]+ (?:[a-záéíóúñ ,…]+))`", read(language), re.MULTILINE)
    said = [message.split("…")[0].strip() for message in own if len(message.split()) > 3]
    assert len(said) >= 3
    for message in said:
        assert any(re.sub(r"\{\w+\}", "…", text).startswith(message) for text in texts), message


@pytest.mark.parametrize("language", PAGES)
def test_links_lead_somewhere(language: str) -> None:
    for target in re.findall(r"\]\(([\w./-]+\.md)\)", read(language)):
        assert (ROOT / "docs" / target).is_file(), target

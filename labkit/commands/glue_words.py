"""The words after SCRIPT: which are labkit's own options, and which the script gets as its arguments."""

from __future__ import annotations

from collections.abc import Sequence

from labkit.errors import UsageError
from labkit.i18n import build_lesson

OPTIONS_WITH_VALUE = (
    "--job-name",
    "--glue-version",
    "--role",
    "--py-files",
    "--files",
    "--modules",
    "--conf",
    "--bookmark",
    "--timeout",
    "--json",
    "--state",
)
FLAGS = ("--catalog", "--no-catalog", "--quiet", "--ephemeral", "--yes", "--debug", "--help", "-h")


def split_words(words: Sequence[str], claimed: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return (labkit's own options, the script's words), each in order.

    `claimed` are names that the script asks for itself: it gets those, whatever labkit calls its own. Everything after a lone
    `--` is the script's.
    """
    own: list[str] = []
    theirs: list[str] = []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name = word.partition("=")[0]
        if word == "--":
            return own, theirs + rest
        if name.lstrip("-") in claimed or name not in (*OPTIONS_WITH_VALUE, *FLAGS):
            theirs.append(word)
            # A value is taken along, so that one that looks like an option of labkit's is not mistaken for it.
            if name.startswith("--") and "=" not in word and rest and not rest[0].startswith("-"):
                theirs.append(rest.pop(0))
            continue
        own.append(word)
        if name in OPTIONS_WITH_VALUE and "=" not in word and rest:
            own.append(rest.pop(0))
    return own, theirs


def build_arguments(words: Sequence[str]) -> dict[str, str]:
    """`--name value`, `--name=value` and `--name` (no value: "") as StartJobRun takes them.

    Errors: UsageError for a word without a name, and for a name given twice (Glue's arguments are a map).
    """
    arguments: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if not name.startswith("--") or name == "--":
            raise build_lesson(UsageError, "error.glue_nameless", word=word)
        if not equals and rest and not rest[0].startswith("--"):
            value = rest.pop(0)
        if name in arguments:
            raise build_lesson(UsageError, "error.glue_twice", name=name)
        arguments[name] = value
    return arguments

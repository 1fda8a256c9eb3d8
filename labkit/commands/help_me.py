"""`labkit help-me`: what an error means, from its text, from the input, or from what the lab wrote down last."""

from __future__ import annotations

import argparse
import os
import platform
import sys

from labkit.commands.cloud import find_state_dir
from labkit.doctor.system import find_system
from labkit.faq.entries import load_topics
from labkit.faq.last_error import read_last_error
from labkit.faq.search import find_matches
from labkit.i18n import current_language, text
from labkit.settings import Settings
from labkit.ui.help_me import HelpView


def help_me(options: argparse.Namespace, settings: Settings) -> int:
    """Print the entry that fits best; exit 1 when the FAQ knows nothing of the error, or there is none."""
    if options.list:
        for topic in load_topics():
            print(topic.title[current_language()])
            for entry in topic.entries:
                print(f"  {entry.title}")
        return 0
    error = _read_error(options, settings)
    system = find_system(os.environ, sys.platform, platform.release())
    view = HelpView(error, find_matches(error), system, shows_all=options.all)
    print(view)
    return 0 if view.knows else 1


def _read_error(options: argparse.Namespace, settings: Settings) -> str:
    if options.words == ["-"]:  # asked for by name: an input that stays open would be waited for
        return sys.stdin.read()
    if options.words:
        return " ".join(options.words)
    last = read_last_error(find_state_dir(options, settings))
    if last:
        print(text("help_me.last", error=last.strip().split("\n")[-1][:200]))
    return last

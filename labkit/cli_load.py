"""Which function does a command's work; nothing but that command is imported."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from importlib import import_module
from typing import cast

from labkit.settings import Settings

Command = Callable[[argparse.Namespace, Settings], int]

# command → module of labkit.commands and the function in it. Names, not imports: `labkit --help` must not wait for boto3.
_FUNCTIONS = {
    "up": ("cloud", "up"),
    "down": ("cloud", "down"),
    "status": ("cloud", "status"),
    "env": ("cloud", "env"),
    "reset": ("cloud", "reset"),
    "logs": ("logs", "logs"),
    "events": ("events", "events"),
    "run": ("lab", "run"),
    "plan": ("plan", "plan"),
    "apply": ("apply", "apply"),
    "cost": ("cost", "cost"),
    "teardown": ("teardown", "teardown"),
    "export": ("export", "export"),
    "data": ("data", "generate"),
    "lab": ("jupyter.launch", "lab"),
    "doctor": ("doctor", "doctor"),
    "grade": ("grade", "grade"),
    "similarity": ("similarity", "similarity"),
    "release": ("release", "release"),
    "submit": ("submit", "submit"),
    "new-task": ("new_task", "new_task"),
    "glue run": ("glue", "run"),
    "glue shell": ("glue_shell", "shell"),
    "crawl": ("crawl", "crawl"),
    "sql": ("sql", "sql"),
    "chaos disturb": ("chaos", "disturb"),
    "chaos replay": ("chaos", "replay"),
    "chaos status": ("chaos", "status"),
    "chaos off": ("chaos", "off"),
    "notebooks build": ("notebooks", "build"),
    "notebooks status": ("notebooks", "status"),
    "notebooks stamp": ("notebooks", "stamp"),
    "help-me": ("help_me", "help_me"),
    "parity": ("parity", "parity"),
}


def is_command(name: str | None) -> bool:
    """False for nothing at all and for the name of a group, such as `glue`."""
    return name in _FUNCTIONS


def load_command(command: str) -> Command:
    """Import only the command that was asked for."""
    module, function = _FUNCTIONS[command]
    return cast("Command", getattr(import_module(f"labkit.commands.{module}"), function))

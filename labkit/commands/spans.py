"""Lengths of time as people type them: `30s`, `10m`, `2h`, `1d`."""

from __future__ import annotations

import argparse
import re

from labkit.i18n import text

_UNITS_S = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


def seconds_of(value: str) -> float:
    """Seconds of a length of time; ArgumentTypeError for anything else."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhdw])", value.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(text("cli.bad_span", value=value))
    return float(match[1]) * _UNITS_S[match[2]]

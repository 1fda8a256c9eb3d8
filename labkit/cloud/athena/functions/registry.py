"""Every function of Athena that runs here, by name."""

from __future__ import annotations

import functools

from labkit.cloud.athena.functions.signature import Entry, Overload, read_signature


@functools.lru_cache(maxsize=1)
def scalars() -> dict[str, list[Overload]]:
    """Functions of one row."""
    from labkit.cloud.athena.functions import arrays, conditionals, dates, json, maps, numbers, texts

    return _by_name(
        [
            *conditionals.ENTRIES,
            *texts.ENTRIES,
            *numbers.ENTRIES,
            *dates.ENTRIES,
            *arrays.ENTRIES,
            *maps.ENTRIES,
            *json.ENTRIES,
        ]
    )


@functools.lru_cache(maxsize=1)
def aggregates() -> dict[str, list[Overload]]:
    """Functions of many rows."""
    from labkit.cloud.athena.functions import aggregates

    return _by_name(aggregates.ENTRIES)


@functools.lru_cache(maxsize=1)
def windows() -> dict[str, list[Overload]]:
    """Functions that need OVER."""
    from labkit.cloud.athena.functions import windows

    return _by_name(windows.ENTRIES)


def _by_name(entries: list[Entry]) -> dict[str, list[Overload]]:
    found: dict[str, list[Overload]] = {}
    for entry in entries:
        overload = read_signature(entry)
        found.setdefault(overload.name, []).append(overload)
    return found

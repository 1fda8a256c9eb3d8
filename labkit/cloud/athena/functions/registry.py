"""Every function of Athena that runs here, by name."""

from __future__ import annotations

import functools
from typing import Any

from labkit.cloud.athena.functions.signature import Entry, Overload, read_signature


@functools.lru_cache(maxsize=1)
def scalars() -> dict[str, list[Overload]]:
    """Functions of one row."""
    from labkit.cloud.athena.functions import (
        arrays,
        conditionals,
        dates,
        json,
        lambdas,
        maps,
        sequences,
        sketches,
    )

    return _by_name(
        [
            *conditionals.ENTRIES,
            *sketches.SCALARS,
            *_texts_and_numbers(),
            *dates.ENTRIES,
            *arrays.ENTRIES,
            *lambdas.ENTRIES,
            *sequences.ENTRIES,
            *maps.ENTRIES,
            *json.ENTRIES,
        ]
    )


def _texts_and_numbers() -> list[Entry]:
    from labkit.cloud.athena.functions import (
        binary,
        bitwise,
        colors,
        distributions,
        encodings,
        formats,
        hashes,
        likeness,
        numbers,
        regexps,
        rounding,
        splitting,
        stemming,
        teradata,
        texts,
        urls,
    )

    modules: tuple[Any, ...] = (
        texts, splitting, likeness, stemming, regexps, encodings, binary, hashes, urls, formats, colors, teradata,
        numbers, rounding, bitwise, distributions,
    )  # fmt: skip
    return [entry for module in modules for entry in module.ENTRIES]


@functools.lru_cache(maxsize=1)
def aggregates() -> dict[str, list[Overload]]:
    """Functions of many rows."""
    from labkit.cloud.athena.functions import aggregates, checksums, map_aggregates, sketches

    return _by_name([*aggregates.ENTRIES, *map_aggregates.ENTRIES, *sketches.ENTRIES, *checksums.ENTRIES])


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

"""Texts are read in Spanish unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from labkit.i18n import use_language


@pytest.fixture(autouse=True)
def in_spanish() -> Iterator[None]:
    use_language("es")
    yield
    use_language("es")

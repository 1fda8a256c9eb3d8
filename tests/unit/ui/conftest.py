"""Texts in Spanish, and the few facts that views are built from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from labkit import i18n

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def spanish() -> Iterator[None]:
    i18n.use_language("es")
    yield
    i18n.use_language("es")

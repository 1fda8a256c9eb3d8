"""Marks on the platform's scale, written as the platform writes numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_NUMBER = re.compile(r"\d+(?:([.,])(\d+))?")


@dataclass(frozen=True)
class Scale:
    """`maximum` of the platform; `separator` before its decimals, of which there are `decimals` at most."""

    maximum: Decimal
    separator: str = "."
    decimals: int = 2

    def rescale(self, earned: float, possible: float) -> Decimal:
        """The mark on this scale, half a unit rounded up."""
        share = Decimal(str(earned)) / Decimal(str(possible)) if possible > 0 else Decimal(0)
        return (share * self.maximum).quantize(Decimal(1).scaleb(-self.decimals), ROUND_HALF_UP)

    def write(self, value: Decimal) -> str:
        """A number as the template writes its own."""
        return f"{value:f}".replace(".", self.separator)


def read_scale(words: str, decimals: int = 2) -> Scale | None:
    """The scale of a maximum ("100,00", "10.0", "100"); None when it is no positive number."""
    found = _NUMBER.fullmatch(words.strip())
    if found is None:
        return None
    try:
        maximum = Decimal(words.strip().replace(",", "."))
    except InvalidOperation:
        return None
    # Moodle and Canvas keep two decimals whatever the maximum shows.
    return Scale(maximum, found[1] or ".", decimals) if maximum > 0 else None

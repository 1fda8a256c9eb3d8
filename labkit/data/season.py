"""When things are sold: the shop's year, so that its charts look like a shop's."""

from __future__ import annotations

import calendar
import random
from datetime import date
from itertools import pairwise

# Sales and the Three Kings in January, a quiet February, holidays in August, Black Friday, Christmas.
MONTHS = (1.10, 0.78, 0.86, 0.90, 0.98, 1.02, 1.12, 0.74, 0.92, 0.98, 1.24, 1.56)
# Monday to Sunday; most shops close on Sunday, the web does not.
_WEEKDAYS = (0.85, 0.85, 0.9, 0.95, 1.2, 1.5, 0.4)
# How much more (or less) of a category is sold in a month than in the average one.
_CATEGORIES = {
    "Juguetes": {1: 2.4, 11: 1.6, 12: 3.5},
    "Dulces": {11: 1.8, 12: 4.0, 1: 1.3},
    "Jardín": {3: 1.8, 4: 2.4, 5: 2.6, 6: 1.9, 12: 0.3, 1: 0.3},
    "Verano": {5: 1.8, 6: 3.2, 7: 3.6, 8: 2.2, 11: 0.2, 12: 0.2, 1: 0.3, 2: 0.3},
    "Abrigo": {10: 1.7, 11: 2.3, 12: 2.2, 1: 2.0, 6: 0.3, 7: 0.3, 8: 0.3},
    "Bebidas": {6: 1.6, 7: 2.0, 8: 1.9},
    "Papelería": {8: 1.4, 9: 3.0},
    "Sonido": {11: 2.6, 12: 1.8},
}
# The sales ("rebajas") of January and July.
_DISCOUNTS = {1: 0.8, 7: 0.85}


def split_rows(rows: int) -> list[int]:
    """How many of `rows` fall into each of the twelve months; they add up."""
    edges = [round(rows * sum(MONTHS[:month]) / sum(MONTHS)) for month in range(13)]
    return [after - before for before, after in pairwise(edges)]


def pick_day(rng: random.Random, year: int, month: int) -> date:
    """Pick a day of the month, busy weekdays more often."""
    days = [date(year, month, day) for day in range(1, calendar.monthrange(year, month)[1] + 1)]
    return rng.choices(days, [_WEEKDAYS[day.weekday()] for day in days])[0]


def find_weight(category: str, month: int) -> float:
    """How much more of a category is sold in a month than in the average one."""
    return _CATEGORIES.get(category, {}).get(month, 1.0)


def find_discount(month: int) -> float:
    """Find the factor of a month's prices."""
    return _DISCOUNTS.get(month, 1.0)

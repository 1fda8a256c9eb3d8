"""`--columns fecha=transaction_timestamp,cantidad=quantity`: the lab's columns by the names that a file gives them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from labkit.errors import UsageError
from labkit.i18n import build_lesson

REQUIRED = ("fecha", "cantidad")
KNOWN = (*REQUIRED, "precio_unitario")


@dataclass(frozen=True)
class Columns:
    """The names in the file (lower case, as the catalog spells them) of the date, the quantity and, if it has one, the price."""

    date: str
    quantity: str
    price: str | None


def parse_columns(value: str) -> dict[str, str]:
    """Return lab column → column of the file. UsageError if a pair has no "=", a column is unknown, or is given twice."""
    mapping: dict[str, str] = {}
    for pair in filter(None, (item.strip() for item in value.split(","))):
        ours, equals, theirs = (part.strip() for part in pair.partition("="))
        if not equals or not ours or not theirs:
            raise build_lesson(UsageError, "error.columns_pair", pair=pair)
        if ours not in KNOWN:
            raise build_lesson(UsageError, "error.columns_unknown", column=ours, known=", ".join(KNOWN))
        if ours in mapping:
            raise build_lesson(UsageError, "error.columns_twice", column=ours)
        mapping[ours] = theirs
    return mapping


def build_columns(matched: Mapping[str, str]) -> Columns:
    """From the pairs that `match_columns` confirmed to be in the file."""
    price = matched.get("precio_unitario")
    return Columns(matched["fecha"].lower(), matched["cantidad"].lower(), price.lower() if price else None)


def build_job_arguments(columns: Columns) -> dict[str, str]:
    """How the ETL script is told: `--columns` for the two it needs, `--types` for a price that must be a number."""
    arguments = {"--columns": f"fecha={columns.date},cantidad={columns.quantity}"}
    return {**arguments, "--types": f"{columns.price}=double"} if columns.price else arguments

"""How CSV files are written: from `format_options`, or from what a catalog table says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ._catalog import CatalogTable
from ._options import flag, lower_keys

_NAMED_LETTERS = {"\\t": "\t", "\\001": "\x01", "\\u0001": "\x01", "\\u0009": "\t"}


@dataclass(frozen=True)
class CsvFormat:
    """`quote` None: no quoting. `escaper`: the letter after it is meant literally; None: none.

    `skipped_lines`: lines left out after the header line, when there is one.
    """

    separator: str = ","
    quote: str | None = '"'
    escaper: str | None = None
    with_header: bool = False
    skipped_lines: int = 0
    multi_line: bool = False

    @property
    def lines_before_data(self) -> int:
        return int(self.with_header) + self.skipped_lines


def _letter(value: Any, option: str) -> str:
    text = _NAMED_LETTERS.get(str(value), str(value))
    if len(text) != 1 or text in "\r\n":
        raise ValueError(f'"{option}" is one character, such as "," or "\\t"; got {value!r}.')
    return text


def quote_of(value: Any) -> str | None:
    """The quote letter; None for -1, which turns quoting off."""
    return None if str(value).strip() == "-1" else _letter(value, "quoteChar")


def from_options(options: Mapping[str, Any]) -> CsvFormat:
    """The format that `format_options` describe; names in any case, as Glue Studio writes some of them."""
    given = lower_keys(options)
    escaper = given.get("escaper")
    # optimizePerformance chooses a faster reader on AWS, which gives way to the usual one where it cannot serve.
    flag(options, "optimizePerformance")
    return CsvFormat(
        separator=_letter(given.get("separator", ","), "separator"),
        quote=quote_of(given.get("quotechar", '"')),
        escaper=_letter(escaper, "escaper") if escaper not in (None, "", -1, "-1") else None,
        with_header=flag(options, "withHeader"),
        skipped_lines=int(flag(options, "skipFirst")),
        multi_line=flag(options, "multiLine"),
    )


def _skipped(table: CatalogTable, value: Any) -> int:
    try:
        return max(0, int(str(value or 0).strip()))
    except ValueError:
        name = f"{table.database}.{table.name}"
        raise ValueError(f"skip.header.line.count of table {name} is a number of lines; it is {value!r}.") from None


def from_table(table: CatalogTable) -> CsvFormat:
    """The format that a catalog table describes: its parameters, then its SerDe's."""
    settings = {**table.parameters, **table.serde}
    separator = settings.get("delimiter") or settings.get("separatorChar") or settings.get("field.delim") or ","
    escaper = settings.get("escapeChar") or settings.get("escape.delim") or None
    return CsvFormat(
        separator=_letter(separator, f"delimiter of table {table.database}.{table.name}"),
        quote=quote_of(settings.get("quoteChar") or '"'),
        # OpenCSVSerde tables often name the quote letter here too: that is the doubled quote, which is always understood.
        escaper=_letter(escaper, "escapeChar") if escaper and escaper != (settings.get("quoteChar") or '"') else None,
        skipped_lines=_skipped(table, settings.get("skip.header.line.count")),
        multi_line=flag(settings, "multiLine"),
    )

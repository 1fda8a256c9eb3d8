"""Which parts of a text are names: the account, the region, a bucket, so that code refers to them in place of repeating them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labkit.names import Names, is_role_arn

ACCOUNT, REGION, PARTITION = "account", "region", "partition"
# The names that other resources repeat, by field of Names. A table's or a folder's name is too short to be found in a text.
_FIELDS = (
    "raw_bucket", "processed_bucket", "assets_bucket", "results_bucket", "database", "raw_crawler", "processed_crawler",
    "glue_role", "lambda_role", "job", "function", "workgroup",
)  # fmt: skip
_ARN = re.compile(r"(?<=arn:)aws(?=:)")
# The workgroup that every account has is nobody's name to choose.
_SHARED = ("primary",)


@dataclass(frozen=True)
class Symbol:
    """A name in place of its value: `account`, `region`, `partition`, or a field of Names."""

    name: str


Parts = tuple[str | Symbol, ...]


@dataclass(frozen=True)
class Symbols:
    """The values that are replaced, by name."""

    names: Mapping[str, str]
    place: Mapping[str, str]

    def split(self, text: str) -> Parts:
        """The text in pieces: names of resources, then account and region in what is left, and the partition of ARNs."""
        return _each(_each(_each((text,), self._find(self.names)), self._find(self.place)), _partition)

    def split_name(self, field: str) -> Parts:
        """A resource's own name: only account and region are replaced in it."""
        return _each((self.names[field],), self._find(self.place))

    def is_fixed(self, field: str) -> bool:
        """Whether a name holds neither account nor region, so that it can be the default of a parameter."""
        return all(isinstance(part, str) for part in self.split_name(field))

    def _find(self, values: Mapping[str, str]) -> Callable[[str], Parts]:
        by_value = {value: name for name, value in values.items() if value}
        if not by_value:
            return lambda text: (text,)
        longest = sorted(by_value, key=len, reverse=True)
        pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest))})(?![\w-])")
        inside = re.compile(f"({'|'.join(map(re.escape, longest))})")

        def find(text: str) -> Parts:
            # Account and region stand inside of names too: bsg-data-raw-<account>-<region>.
            pieces = (inside if values is self.place else pattern).split(text)
            return tuple(Symbol(by_value[piece]) if piece in by_value else piece for piece in pieces if piece)

        return find


def build_symbols(names: Names, account: str, region: str) -> Symbols:
    """The symbols of a lab."""
    found = {field: str(getattr(names, field)) for field in _FIELDS}
    kept = {field: value for field, value in found.items() if value not in _SHARED and not is_role_arn(value)}
    return Symbols(kept, {ACCOUNT: account, REGION: region})


def _each(parts: Parts, find: Callable[[str], Parts]) -> Parts:
    found: list[str | Symbol] = []
    for part in parts:
        found += [part] if isinstance(part, Symbol) else find(part)
    return tuple(found)


def _partition(text: str) -> Parts:
    pieces = _ARN.split(text)
    found: list[str | Symbol] = [pieces[0]]
    for piece in pieces[1:]:
        found += [Symbol(PARTITION), piece]
    return tuple(part for part in found if part)

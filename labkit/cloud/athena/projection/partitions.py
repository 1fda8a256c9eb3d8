"""A projected table's partitions: values that its properties name and the query's conditions leave, with their locations."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from labkit.cloud.athena.ddl.partition_values import escape_value
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.keys import KeyFilter
from labkit.cloud.athena.projection.columns import invalid, values
from labkit.cloud.athena.types import Type

# The product of all columns: more than this is refused.
_MOST_PARTITIONS = 1_000_000
_LITERAL = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class Projected:
    """One partition: its values in the order of the keys, and where it lies."""

    values: tuple[str, ...]
    location: str


def is_projected(table: Mapping[str, Any]) -> bool:
    """Has the table projection.enabled?"""
    return _parameters(table).get("projection.enabled", "").strip().lower() == "true"


def _parameters(table: Mapping[str, Any]) -> dict[str, str]:
    return {key: str(value) for key, value in (table.get("Parameters") or {}).items()}


def project(
    table: Mapping[str, Any], keys: list[tuple[str, Type]], wanted: KeyFilter, now: datetime
) -> list[Projected]:
    """The partitions that a query reads."""
    parameters = _parameters(table)
    columns = {name: _properties(parameters, name) for name, _ in keys}
    missing = [name for name, found in columns.items() if "type" not in found]
    if missing:
        label = f"{table.get('DatabaseName')}.{table['Name']}"
        text = (
            f"Table {label} is configured for partition projection, but the following partition columns are missing "
            f"projection configuration: [{', '.join(missing)}]"
        )
        raise QueryFailure("INVALID_TABLE_PROPERTY", text)
    template = _template(table, parameters, [name for name, _ in keys])
    lists, size = [], 1
    for index, (name, kind) in enumerate(keys):
        found = _column(name, kind, index, columns[name], wanted, now)
        lists.append(found)
        size *= len(found)
    if size > _MOST_PARTITIONS:
        raise QueryFailure(
            "INVALID_TABLE_PROPERTY", f"The table projects {size} partitions; filter by its partition columns"
        )
    products = list(itertools.product(*lists))
    kept = wanted.select([tuple(value for value, _ in one) for one in products])
    names = [name for name, _ in keys]
    escaped = "storage.location.template" not in parameters
    return [
        Projected(tuple(v for v, _ in products[i]), _filled(template, names, [s for _, s in products[i]], escaped))
        for i in kept
    ]


def _properties(parameters: Mapping[str, str], column: str) -> dict[str, str]:
    start = f"projection.{column}."
    return {key[len(start) :]: value for key, value in parameters.items() if key.lower().startswith(start)}


def _column(
    name: str, kind: Type, index: int, properties: Mapping[str, str], wanted: KeyFilter, now: datetime
) -> list[tuple[str, str]]:
    """The column's values that the conditions on it alone leave."""
    if properties["type"].strip().lower() == "injected":
        return [(one, one) for one in _injected(name, kind, index, wanted)]
    found = values(name, kind, properties, now)
    kept = wanted.select_key(index, [value for value, _ in found])
    return [found[position] for position in kept]


def _injected(name: str, kind: Type, index: int, wanted: KeyFilter) -> list[str]:
    """The values that the query's equality conditions name."""
    if kind.name not in ("varchar", "char"):
        raise invalid(name, "An injected column must be a string")
    texts = [one.replace("''", "'") for part in wanted.conditions(index) for one in _LITERAL.findall(part)]
    candidates = list(dict.fromkeys(texts))
    # A condition that also lets values through that it does not name is no equality.
    others = ["", "\U0010ffff", *(one + "!" for one in candidates), *(one[:-1] for one in candidates)]
    open_ = wanted.select_key(index, [one for one in others if one not in candidates])
    if not candidates or open_:
        text = (
            f"For the injected projected partition column {name}, the WHERE clause must contain only static equality "
            "conditions, and at least one such condition must be present."
        )
        raise QueryFailure("CONSTRAINT_VIOLATION", text)
    return [candidates[position] for position in wanted.select_key(index, candidates)]


def _template(table: Mapping[str, Any], parameters: Mapping[str, str], keys: list[str]) -> str:
    given = parameters.get("storage.location.template")
    if given is None:
        base = str((table.get("StorageDescriptor") or {}).get("Location") or "").rstrip("/")
        return base + "".join(f"/{key}=${{{key}}}" for key in keys) + "/"
    absent = next((key for key in keys if f"${{{key}}}" not in given), None)
    if absent is not None:
        text = f"Partition projection location template: {given} is missing partition column: '{absent}' placeholder"
        raise QueryFailure("INVALID_TABLE_PROPERTY", text)
    return given


def _filled(template: str, names: list[str], shown: list[str], escaped: bool) -> str:
    """The template with its placeholders filled in; only in Hive's own layout is a value escaped as Hive does."""
    for name, value in zip(names, shown, strict=True):
        template = template.replace(f"${{{name}}}", escape_value(value) if escaped else value)
    return template

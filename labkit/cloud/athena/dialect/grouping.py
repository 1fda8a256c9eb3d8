"""GROUP BY and aggregates: a query below computes keys and aggregates, what stands above sees nothing else."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from labkit.cloud.athena.dialect.canonical import canonical
from labkit.cloud.athena.dialect.comparisons import has_map, settled
from labkit.cloud.athena.dialect.expressions import translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Source, Typed, find, use
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions import registry
from labkit.cloud.athena.types import INTEGER

_QUERIES = ("Select", "Subquery", "Exists", "Union", "Intersect", "Except", "Values")
# Trino's default of max_grouping_sets.
_MAX_SETS = 2048


def aggregate_call(node: Any) -> Any:
    """The call inside ``node`` when it is an aggregate (with its FILTER), or None."""
    call = node.this if type(node).__name__ == "Filter" else node
    kind = type(call).__name__
    if kind == "GroupConcat" or (kind == "Anonymous" and call.name.lower() in registry.aggregates()):
        return call
    return None


def find_aggregates(node: Any, windows: bool = False) -> Iterator[Any]:
    """Aggregates in an expression, none of a query inside it; with ``windows`` its window functions too."""
    kind = type(node).__name__
    if kind in _QUERIES:
        return
    if kind == "Window":
        if windows:
            yield node
        inner = node.this
        while type(inner).__name__ in ("Filter", "IgnoreNulls", "RespectNulls"):
            if type(inner).__name__ == "Filter":
                yield from find_aggregates(inner.expression, windows)
            inner = inner.this
        parts = [part for name, part in node.args.items() if name not in ("this", "alias")]
        for part in [*inner.args.values(), *parts]:
            yield from _in_part(part, windows)
        return
    if aggregate_call(node) is not None:
        yield node
        return
    for part in node.args.values():
        yield from _in_part(part, windows)


def _in_part(part: Any, windows: bool) -> Iterator[Any]:
    for one in part if isinstance(part, list) else [part]:
        if hasattr(one, "args"):
            yield from find_aggregates(one, windows)


def check_scalar(ctx: Context, node: Any, clause: str) -> None:
    """EXPRESSION_NOT_SCALAR for an aggregate or window function where rows are still single."""
    found = [written(one) for one in find_aggregates(node, windows=True)]
    if found:
        text = f"{clause} cannot contain aggregations, window functions or grouping operations: [{', '.join(found)}]"
        raise QueryFailure("EXPRESSION_NOT_SCALAR", text, place(ctx.sql, node))


def written(node: Any) -> str:
    """An expression as an error shows it."""
    return str(node.sql(dialect="trino", normalize_functions=False))


@dataclass
class Grouped:
    """The query below: its keys, and the aggregates that what stands above has asked for."""

    alias: str
    source: Scope
    keys: dict[Any, Typed] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    sources: dict[int, Source] = field(default_factory=dict)
    maps: dict[int, Typed] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    sets: list[tuple[int, ...]] = field(default_factory=list)
    made: dict[Any, Typed] = field(default_factory=dict)

    def key(self, ctx: Context, scope: Scope, node: Any) -> int:
        """The number of a grouping key; the same expression has one."""
        same = canonical(scope, node)
        if same not in self.keys:
            value = translate(ctx, scope, node)
            number = len(self.keys)
            self.columns.append(f"{value.sql} AS k{number}")
            if has_map(value.type):
                self.maps[number] = value
            self.keys[same] = Typed(f"{self.alias}.k{number}", value.type)
            self.kinds.add(same[0])
            if same[0] == "column" and not same[2]:
                self._note_source(scope, node, number)
        return list(self.keys).index(same)

    def _note_source(self, scope: Scope, node: Any, number: int) -> None:
        inner = node
        while type(inner).__name__ == "Paren":
            inner = inner.this
        found, _, _ = find(scope, tuple(part.name.lower() for part in inner.parts), None)
        if found.source is not None:
            self.sources[number] = found.source

    def replaced(self, ctx: Context, scope: Scope, node: Any) -> Typed | None:
        """What stands for a key or an aggregate; None for anything made of them."""
        kind = type(node).__name__
        call = aggregate_call(node)
        if call is not None:
            return self._grouping(ctx, call) if call.name.lower() == "grouping" else self._aggregate(ctx, node, call)
        return self.keys.get(canonical(scope, node)) if kind in self.kinds else None

    def column(self, ctx: Context, node: Any, found: Field, rest: tuple[str, ...]) -> tuple[Typed, tuple[str, ...]]:
        """A column of the source above the grouping: a key (or part of one), or EXPRESSION_NOT_AGGREGATE."""
        for size in range(len(rest) + 1):
            known = self.keys.get(("column", id(found), rest[:size]))
            if known is not None:
                return known, rest[size:]
        text = f"'{written(node)}' must be an aggregate expression or appear in GROUP BY clause"
        raise QueryFailure("EXPRESSION_NOT_AGGREGATE", text, place(ctx.sql, node))

    def star(self, ctx: Context, node: Any, found: Field, index: int) -> tuple[Typed, Source | None]:
        """A column that ``*`` stands for."""
        same = ("column", id(found), ())
        if same not in self.keys:
            name = ".".join([*found.qualifier[-1:], found.name]) if found.named else ""
            text = f"Column {chr(39) + name + chr(39) if name else index + 1} not in GROUP BY clause"
            raise QueryFailure("EXPRESSION_NOT_AGGREGATE", text, place(ctx.sql, node))
        return self.keys[same], self.source_of(same)

    def source_of(self, same: Any) -> Source | None:
        """Where a key that is a plain column comes from; a filter above may move there when every set has it."""
        number = list(self.keys).index(same)
        found = self.sources.get(number)
        return found if found is not None and all(number in one for one in self.sets) else None

    def _aggregate(self, ctx: Context, node: Any, call: Any) -> Typed:
        same = canonical(self.source, node)
        if same not in self.made:
            _check_nested(ctx, node, call)
            value = translate(ctx, self.source.inner(aggregating=call), node)
            self.columns.append(f"{value.sql} AS a{len(self.made)}")
            self.made[same] = Typed(f"{self.alias}.a{len(self.made)}", value.type)
        return self.made[same]

    def _grouping(self, ctx: Context, call: Any) -> Typed:
        numbers = []
        for column in call.expressions:
            same = canonical(self.source, column)
            if same not in self.keys:
                text = (
                    "The arguments to GROUPING() must be expressions referenced by the GROUP BY at "
                    f"{_at(ctx, call)}. Mismatch due to {written(column)}."
                )
                raise QueryFailure("INVALID_ARGUMENTS", text, place(ctx.sql, column))
            numbers.append(list(self.keys).index(same))
        known = ("grouping", tuple(numbers))
        if known not in self.made:
            names = ", ".join(f"k{number}" for number in numbers)
            value = f"CAST(grouping({names}) AS INTEGER)" if numbers else "CAST(0 AS INTEGER)"
            self.columns.append(f"{value} AS a{len(self.made)}")
            self.made[known] = Typed(f"{self.alias}.a{len(self.made)}", INTEGER)
        return self.made[known]

    def sql(self, source: str, where: str) -> str:
        """The query below as DuckDB text."""
        keys = self._map_keys()
        columns = ", ".join(self.columns) or "count(*) AS n"
        parts = [f"SELECT {columns}", *([f"FROM {source}"] if source else []), *([f"WHERE {where}"] if where else [])]
        sets = ["(" + ", ".join(keys.get(number, f"k{number}") for number in one) + ")" for one in self.sets]
        if len(sets) == 1 and sets[0] != "()":
            parts.append(f"GROUP BY {sets[0][1:-1]}")
        elif len(sets) > 1:
            parts.append(f"GROUP BY GROUPING SETS ({', '.join(sets)})")
        return f"({' '.join(parts)}) AS {self.alias}"

    def _map_keys(self) -> dict[int, str]:
        """Keys with maps are grouped whatever the order of their entries; a group shows its first map where it has one."""
        keys = {number: settled(value.sql, value.type) for number, value in self.maps.items()}
        for number, value in self.maps.items():
            place_ = self.columns.index(f"{value.sql} AS k{number}")
            shown = f"first({value.sql})" if len(self.sets) == 1 else keys[number]
            self.columns[place_] = f"{shown} AS k{number}"
        return keys if len(self.sets) == 1 else {}


def _at(ctx: Context, node: Any) -> str:
    line, column = place(ctx.sql, node) or (1, 1)
    return f"{line}:{column}"


def _check_nested(ctx: Context, node: Any, call: Any) -> None:
    name = call.name.lower() if type(call).__name__ == "Anonymous" else "listagg"
    parts = [*call.args.values(), *([node.expression] if node is not call else [])]
    found = [one for part in parts for one in _in_part(part, True)]
    windows = [written(one) for one in found if type(one).__name__ == "Window"]
    inner = [written(one) for one in found if type(one).__name__ != "Window"]
    if inner:
        text = f"Cannot nest aggregations inside aggregation '{name}': [{', '.join(inner)}]"
        raise QueryFailure("NESTED_AGGREGATION", text, place(ctx.sql, node))
    if windows:
        text = (
            f"Cannot nest window functions or row pattern measures inside aggregation '{name}': [{', '.join(windows)}]"
        )
        raise QueryFailure("NESTED_WINDOW", text, place(ctx.sql, node))


def make_grouped(ctx: Context, scope: Scope, node: Any) -> Grouped:
    """The keys and grouping sets of a SELECT; one empty set when it has no GROUP BY."""
    made = Grouped(ctx.alias(), scope)
    group = node.args.get("group")
    if group is None:
        made.sets = [()]
        return made
    elements = [_element(ctx, scope, made, node, item) for item in group.expressions]
    count = 1
    for one in elements:
        count *= len(one)
    if count > _MAX_SETS:
        text = f"GROUP BY has {count} grouping sets but can contain at most {_MAX_SETS}"
        raise QueryFailure("TOO_MANY_GROUPING_SETS", text, place(ctx.sql, node))
    sets = [tuple(dict.fromkeys(itertools.chain(*chosen))) for chosen in itertools.product(*elements)]
    if group.meta.get("distinct"):
        sets = list({frozenset(one): one for one in reversed(sets)}.values())[::-1]
    made.sets = sets
    return made


def _element(ctx: Context, scope: Scope, made: Grouped, node: Any, item: Any) -> list[tuple[int, ...]]:
    """The grouping sets that one entry of GROUP BY stands for."""
    kind = type(item).__name__
    if kind == "GroupingSets":
        return [_set(ctx, scope, made, node, part) for part in item.expressions]
    if kind in ("Rollup", "Cube"):
        parts = [_set(ctx, scope, made, node, part) for part in item.expressions]
        if kind == "Rollup":
            chosen: list[Any] = [parts[:size] for size in range(len(parts), -1, -1)]
        else:
            if len(parts) > 30:
                raise QueryFailure(
                    "TOO_MANY_GROUPING_SETS",
                    f"GROUP BY has more than {2**30} grouping sets but can contain at most {_MAX_SETS}",
                    place(ctx.sql, node),
                )
            sizes = range(len(parts), -1, -1)
            chosen = [list(one) for size in sizes for one in itertools.combinations(parts, size)]
        return [tuple(itertools.chain(*one)) for one in chosen]
    return [_set(ctx, scope, made, node, item)]


def _set(ctx: Context, scope: Scope, made: Grouped, node: Any, item: Any) -> tuple[int, ...]:
    if type(item).__name__ == "Tuple":
        return tuple(_key(ctx, scope, made, node, part) for part in item.expressions)
    return (_key(ctx, scope, made, node, item),)


def _key(ctx: Context, scope: Scope, made: Grouped, node: Any, item: Any) -> int:
    while type(item).__name__ == "Paren":
        item = item.this
    if type(item).__name__ == "Literal" and not item.args.get("is_string") and str(item.this).isdigit():
        number, width = int(item.this), len(node.expressions)
        chosen = node.expressions[number - 1] if 1 <= number <= width else None
        if chosen is None or any(type(one).__name__ in ("Star", "Aliases") for one in node.expressions):
            chosen = ordinal(ctx, scope, node, number, item)
        item = chosen.this if type(chosen).__name__ == "Alias" else chosen
    check_scalar(ctx, item, "GROUP BY clause")
    return made.key(ctx, scope, item)


def ordinal(ctx: Context, scope: Scope, node: Any, number: int, item: Any) -> Any:
    """The expression at a position of a SELECT list in which ``*`` stands for several."""
    listed: list[Any] = []
    for one in node.expressions:
        kind = type(one).__name__
        if kind == "Star":
            listed += [_named(one, found) for found in scope.fields if not found.hidden]
        elif kind == "Column" and type(one.this).__name__ == "Star":
            qualifier = tuple(part.name.lower() for part in one.parts[:-1])
            listed += [
                _named(one, f) for f in scope.fields if f.qualifier[-len(qualifier) :] == qualifier and not f.hidden
            ]
        else:
            listed.append(one)
    if not 1 <= number <= len(listed):
        text = f"GROUP BY position {number} is not in select list"
        raise QueryFailure("INVALID_COLUMN_REFERENCE", text, place(ctx.sql, item))
    return listed[number - 1]


def _named(node: Any, found: Field) -> Any:
    from sqlglot import exp

    parts = [exp.Identifier(this=part, quoted=True) for part in (*found.qualifier[-1:], found.name)]
    made = exp.Column(this=parts[-1], **({"table": parts[0]} if len(parts) > 1 else {}))
    made.meta.update(node.meta)
    return made


__all__ = ["Grouped", "check_scalar", "find_aggregates", "make_grouped", "use", "written"]

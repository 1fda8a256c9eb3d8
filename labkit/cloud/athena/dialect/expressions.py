"""One expression of the tree to DuckDB text with its Trino type."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect import literals, moment_literals, operators
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Field, Scope, Typed, find, use
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.jsondata.canonical import parsed_json
from labkit.cloud.athena.types import (
    BOOLEAN,
    DATE,
    JSON,
    MOMENTS,
    UNKNOWN,
    VARBINARY,
    Type,
    array,
    escape_name,
    field_name,
    parse_type,
    row,
)

if TYPE_CHECKING:
    from sqlglot import exp

Translator = Callable[[Context, Scope, Any], Typed]


def translate(ctx: Context, scope: Scope, node: exp.Expression) -> Typed:
    """The expression as DuckDB text; QueryFailure names what cannot be resolved, typed or done."""
    if scope.grouped is not None:
        known: Typed | None = scope.grouped.replaced(ctx, scope, node)
        if known is not None:
            return known
    found = _translators().get(type(node).__name__)
    if found is None:
        raise not_supported(f"the expression {node.sql(dialect='trino')[:80]}", place(ctx.sql, node))
    return found(ctx, scope, node)


@functools.lru_cache(maxsize=1)
def _translators() -> dict[str, Translator]:
    from labkit.cloud.athena.dialect import calls, conditions, subqueries

    simple: dict[str, Translator] = {
        "Paren": lambda ctx, scope, node: translate(ctx, scope, node.this),
        "Literal": lambda ctx, scope, node: (
            literals.string(node.this) if node.is_string else literals.number(node.this, place(ctx.sql, node))
        ),
        "Null": lambda ctx, scope, node: Typed("NULL", UNKNOWN),
        "Boolean": lambda ctx, scope, node: Typed("true" if node.this else "false", BOOLEAN),
        "Interval": lambda ctx, scope, node: moment_literals.interval(node, place(ctx.sql, node)),
        "HexString": lambda ctx, scope, node: Typed(f"unhex('{node.name}')", VARBINARY),
        "Concat": lambda ctx, scope, node: _adjacent(ctx, node),
        "Column": _column,
        "Identifier": _variable,
        "Dot": _dot,
        "Bracket": _subscript,
        "Array": _array,
        "Tuple": _tuple,
        "Cast": _cast,
        "TryCast": functools.partial(_cast, lenient=True),
        "ParseJSON": lambda ctx, scope, node: Typed(f"CAST({literals.text(parsed_json(node.name))} AS JSON)", JSON),
        "DPipe": _concatenate,
        "Neg": _negate,
        "CurrentDate": lambda ctx, scope, node: Typed(f"DATE '{ctx.now:%Y-%m-%d}'", DATE),
        "CurrentTimestamp": functools.partial(_now, word="current_timestamp"),
        "Localtimestamp": functools.partial(_now, word="localtimestamp"),
        "CurrentTime": functools.partial(_now, word="current_time"),
        "Localtime": functools.partial(_now, word="localtime"),
        "CurrentUser": lambda ctx, scope, node: literals.string("labkit"),
        "CurrentCatalog": lambda ctx, scope, node: literals.string("awsdatacatalog"),
        "CurrentSchema": lambda ctx, scope, node: literals.string(ctx.database),
        "AtTimeZone": _at_time_zone,
        "Placeholder": _placeholder,
    }
    arithmetic = {"Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Mod": "%"}
    simple |= {name: functools.partial(_arithmetic, operator=sign) for name, sign in arithmetic.items()}
    return {**simple, **conditions.TRANSLATORS, **subqueries.TRANSLATORS, **calls.TRANSLATORS}


def _now(ctx: Context, scope: Scope, node: Any, word: str) -> Typed:
    """CURRENT_TIMESTAMP(6) and its kin: the same instant for the whole query."""
    digits = int(node.this.name) if node.this is not None else None
    return moment_literals.now(ctx, word, digits, place(ctx.sql, node))


def _placeholder(ctx: Context, scope: Scope, node: exp.Expression) -> Typed:
    raise QueryFailure(
        "INVALID_PARAMETER_USAGE",
        "Incorrect number of parameters: expected at least 1 but found 0",
        place(ctx.sql, node),
    )


def _adjacent(ctx: Context, node: exp.Expression) -> Typed:
    raise QueryFailure("SYNTAX_ERROR", "mismatched input: two strings side by side", place(ctx.sql, node))


def _arithmetic(ctx: Context, scope: Scope, node: Any, operator: str) -> Typed:
    left, right = translate(ctx, scope, node.this), translate(ctx, scope, node.expression)
    return operators.arithmetic(operator, left, right, place(ctx.sql, node), ctx)


def _negate(ctx: Context, scope: Scope, node: Any) -> Typed:
    if type(node.this).__name__ == "Literal" and not node.this.is_string:
        return literals.number(f"-{node.this.this}", place(ctx.sql, node))  # -2147483648 is an INTEGER
    return operators.negate(translate(ctx, scope, node.this), place(ctx.sql, node))


def _concatenate(ctx: Context, scope: Scope, node: Any) -> Typed:
    left, right = translate(ctx, scope, node.this), translate(ctx, scope, node.expression)
    return operators.concatenate(left, right, place(ctx.sql, node))


def _column(ctx: Context, scope: Scope, node: Any) -> Typed:
    parts = tuple(part.name.lower() for part in node.parts)
    where = place(ctx.sql, node)
    if parts[-1] == "*" or not all(parts):
        raise QueryFailure("SYNTAX_ERROR", "'*' is not allowed here", where)
    if parts[0] in scope.variables:
        return _fields(ctx, scope.variables[parts[0]], parts[1:], node)
    found, rest, level = find(scope, parts, where)
    if level.grouped is not None and any(one is found for one in level.grouped.source.fields):
        value, rest = level.grouped.column(ctx, node, found, rest)
        return _fields(ctx, value, rest, node)
    return _fields(ctx, read(scope, found), rest, node)


def read(scope: Scope, found: Field) -> Typed:
    """A resolved column: noted as read, and named at its scan when a pruning predicate is being made."""
    source = found.source
    if source is not None and scope.swapped:
        source = scope.swapped.get(source.key, source)
    if scope.touched is not None:
        scope.touched.append(source)
    if not scope.quiet:
        use(source)
    if scope.at_scan and source is not None:
        place_ = source.places[scope.side] if source.others else source
        return Typed(place_.sql if place_ is not None else found.typed.sql, found.typed.type)
    return found.typed


def _fields(ctx: Context, value: Typed, names: tuple[str, ...], node: Any) -> Typed:
    for index, name in enumerate(names):
        written = ".".join(part.name.lower() for part in node.parts[: len(node.parts) - len(names) + index])
        value = field_of(value, name, place(ctx.sql, node), written)
    return value


def field_of(value: Typed, name: str, where: tuple[int, int] | None, base: str) -> Typed:
    """A field of a ROW; ``base`` is what an error calls the row."""
    if value.type.name != "row":
        raise QueryFailure("TYPE_MISMATCH", f"Expression {base} is not of type ROW", where)
    lowered = [(field or "").lower() for field in value.type.fields]
    if name.lower() not in lowered:
        raise QueryFailure(
            "COLUMN_NOT_FOUND",
            f"Column '{base}.{name}' cannot be resolved or requester is not authorized to access requested resources",
            where,
            error_type=1006,
        )  # Athena's own sentence
    index = lowered.index(name.lower())
    return Typed(f'({value.sql})."{escape_name(field_name(value.type, index))}"', value.type.items[index])


def _variable(ctx: Context, scope: Scope, node: Any) -> Typed:
    name = node.name.lower()
    if name in scope.variables:
        return scope.variables[name]
    found, _, _ = find(scope, (name,), place(ctx.sql, node))
    return read(scope, found)


def _dot(ctx: Context, scope: Scope, node: Any) -> Typed:
    base = node.this.sql(dialect="trino", normalize_functions=False)
    return field_of(translate(ctx, scope, node.this), node.expression.name, place(ctx.sql, node), base)


def _subscript(ctx: Context, scope: Scope, node: Any) -> Typed:
    from labkit.cloud.athena.dialect.subscripts import literal_index, subscript

    value, index = translate(ctx, scope, node.this), translate(ctx, scope, node.expressions[0])
    return subscript(ctx, value, index, literal_index(node.expressions[0]), place(ctx.sql, node))


def _array(ctx: Context, scope: Scope, node: Any) -> Typed:
    if not node.expressions:
        return Typed("[]", array(UNKNOWN))
    items = [translate(ctx, scope, item) for item in node.expressions]
    items = operators.unify_all(items, "All ARRAY elements", place(ctx.sql, node))
    return Typed(f"[{', '.join(item.sql for item in items)}]", array(items[0].type))


def _tuple(ctx: Context, scope: Scope, node: Any) -> Typed:
    return make_row([translate(ctx, scope, item) for item in node.expressions])


def make_row(items: list[Typed]) -> Typed:
    """ROW(a, b): a struct whose fields have no name in Trino."""
    kind = row(tuple(item.type for item in items))
    parts = ", ".join(f"'{field_name(kind, index)}': {item.sql}" for index, item in enumerate(items))
    return Typed(f"{{{parts}}}", kind)


# Types of Trino that this engine does not have.
_OTHER_TYPES = (
    "hyperloglog", "p4hyperloglog", "qdigest", "tdigest", "setdigest", "geometry", "sphericalgeography", "bingtile", "color",
    "function", "json2016", "classifier", "regressor", "objectid", "kdbtree", "codepoints", "joniregexp", "jsonpath", "likepattern",
)  # fmt: skip


def _cast(ctx: Context, scope: Scope, node: Any, lenient: bool = False) -> Typed:
    where = place(ctx.sql, node)
    value = translate(ctx, scope, node.this)
    written = node.args["to"].sql(dialect="trino")
    if written.strip().lower() in ("string", "float", "struct", "binary", "long", "short", "byte", "bool", "text"):
        raise QueryFailure("TYPE_NOT_FOUND", f"Unknown type: {written.strip().lower()}", where)
    if written.upper() == "CHAR" and node.meta.get("literal"):
        written = f"CHAR({max(1, len(node.this.name))})"  # CHAR 'abc', not CAST('abc' AS CHAR)
    try:
        target: Type = parse_type(written)
    except ValueError as failure:
        if "precision must be" in str(failure):
            raise QueryFailure("NUMERIC_VALUE_OUT_OF_RANGE", str(failure), where) from None
        if written.lower().split("(")[0].strip() in _OTHER_TYPES:
            raise not_supported(f"the type {written.lower()}", where) from None
        word = "Unknown resolved type" if node.meta.get("literal") else "Unknown type"
        raise QueryFailure("TYPE_NOT_FOUND", f"{word}: {written}", where) from None
    if node.meta.get("literal") and target.name in MOMENTS:
        return moment_literals.literal(target.name.split()[0], str(node.this.name), where)
    return cast(value, target, where, lenient, ctx)


def _at_time_zone(ctx: Context, scope: Scope, node: Any) -> Typed:
    from labkit.cloud.athena.functions.zones import at_time_zone

    value, zone = translate(ctx, scope, node.this), translate(ctx, scope, node.args["zone"])
    return at_time_zone(ctx, value, zone, place(ctx.sql, node.this), text_of(node.args["zone"]))


def text_of(node: exp.Expression) -> str | None:
    """The value of a string literal, or None for anything else."""
    while type(node).__name__ == "Paren":
        node = node.this
    return str(node.this) if type(node).__name__ == "Literal" and node.is_string else None

"""Function calls: found by name, matched by type, translated; FILTER, OVER, lambdas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from labkit.cloud.athena.coercion import common_type
from labkit.cloud.athena.dialect import literals, operators, windows
from labkit.cloud.athena.dialect.casts import cast
from labkit.cloud.athena.dialect.comparisons import settled
from labkit.cloud.athena.dialect.expressions import Translator, make_row, text_of, translate
from labkit.cloud.athena.dialect.parse import place
from labkit.cloud.athena.dialect.scope import Context, Scope, Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.functions.absent import KNOWN_ABSENT
from labkit.cloud.athena.functions.listagg import joined
from labkit.cloud.athena.functions.signature import Binding, Overload, expanded, match, refusal
from labkit.cloud.athena.types import UNKNOWN, VARCHAR, Type, duckdb, show


@dataclass(frozen=True)
class Applied:
    """A lambda translated for given parameter types."""

    names: list[str]
    body: Typed


@dataclass
class Call:
    """One call being translated; what the tables' code may ask for."""

    ctx: Context
    scope: Scope
    name: str
    nodes: list[Any]
    values: list[Typed]
    place: tuple[int, int] | None
    overloads: list[Overload]
    tail: str = ""
    distinct: str = ""
    order: str = ""
    nulls: str = ""
    given: tuple[Typed, ...] = ()  # the arguments before they were converted to the overload's types

    def text(self, index: int) -> str | None:
        """The literal text of an argument, or None."""
        return text_of(self.nodes[index])

    def as_text(self, value: Typed) -> str:
        """Any value as Trino's CAST to VARCHAR writes it."""
        return value.sql if value.type.name == "varchar" else cast(value, VARCHAR, self.place, ctx=self.ctx).sql

    def coerced(self, value: Typed, kind: Type) -> Typed:
        """The value in a wider type."""
        return (
            operators.as_type(value, kind)
            if common_type(value.type, kind) == kind
            else cast(value, kind, self.place, ctx=self.ctx)
        )

    def lambda_on(self, index: int, arguments: list[Typed]) -> Typed:
        """The lambda's body with its parameters replaced by expressions."""
        node = self.nodes[index]
        names = [parameter.name.lower() for parameter in node.expressions]
        if len(names) != len(arguments):
            text = f"Expected a lambda that takes {len(arguments)} argument(s) but got {len(names)}"
            raise QueryFailure("INVALID_PARAMETER_USAGE", text, place(self.ctx.sql, node))
        check_lambda(self.ctx, node.this)
        variables = {**self.scope.variables, **dict(zip(names, arguments, strict=False))}
        return translate(self.ctx, self.scope.inner(variables=variables), node.this)

    def apply(self, index: int, kinds: list[Type]) -> Applied:
        """The lambda's body under fresh parameter names."""
        names = [self.ctx.alias() for _ in kinds]
        return Applied(
            names, self.lambda_on(index, [Typed(name, kind) for name, kind in zip(names, kinds, strict=False)])
        )

    def unexpected(self) -> QueryFailure:
        """TYPE_MISMATCH with the signatures that exist."""
        kinds = [None if _is_lambda(node) else value.type for node, value in zip(self.nodes, self.values, strict=False)]
        return QueryFailure("TYPE_MISMATCH", refusal(self.name, kinds, self.overloads), self.place)


def check_lambda(ctx: Context, body: Any) -> None:
    """A lambda's body sees one element at a time: no subquery, aggregate or window function stands in it."""
    from sqlglot import exp

    from labkit.cloud.athena.dialect.grouping import check_scalar

    inner = body.find(exp.Query)
    if inner is not None:
        raise QueryFailure("NOT_SUPPORTED", "Lambda expression cannot contain subqueries", place(ctx.sql, inner))
    check_scalar(ctx, body, "Lambda expression")


def _lambda(ctx: Context, scope: Scope, node: Any) -> Typed:
    text = "Lambda expression should always be used inside a function"
    raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node))


def _is_lambda(node: Any) -> bool:
    return type(node).__name__ in ("Lambda", "Kwarg")


def _name(node: Any) -> str:
    return (node.this if isinstance(node.this, str) else node.this.name).lower()


def call_function(ctx: Context, scope: Scope, node: Any, tail: str = "", nulls: str = "", over: bool = False) -> Typed:
    """A call by its name; ``tail`` is what follows it: FILTER and OVER."""
    from labkit.cloud.athena.dialect import sqljson
    from labkit.cloud.athena.functions import registry

    name, where = _name(node), place(ctx.sql, node)
    special = _SPECIAL.get(name) or sqljson.SPECIAL.get(name)
    if special is not None and not tail:
        return special(ctx, scope, node)
    aggregate, window = registry.aggregates().get(name), registry.windows().get(name)
    overloads = aggregate or window or registry.scalars().get(name)
    if overloads is None and name in KNOWN_ABSENT:
        raise not_supported(f"the function {name}()", where)
    if overloads is None:
        raise QueryFailure("FUNCTION_NOT_FOUND", f"Function '{name}' not registered", where, error_type=1006)
    if window and not over:
        raise QueryFailure("MISSING_OVER", f"Window function {name} requires an OVER clause", where)
    if (tail or nulls) and not (aggregate or window):
        raise QueryFailure("FUNCTION_NOT_AGGREGATE", f"'{name}' is not an aggregate or window function", where)
    if aggregate and not over:
        if scope.aggregating is not node:
            raise QueryFailure("EXPRESSION_NOT_SCALAR", f"'{name}' is an aggregation, which cannot stand here", where)
        scope = scope.inner(aggregating=None)
    call = _arguments(ctx, scope, node, name, overloads)
    if (call.distinct or call.order) and not aggregate:
        raise QueryFailure("FUNCTION_NOT_AGGREGATE", f"DISTINCT or ORDER BY is not allowed in {name}", where)
    call.tail, call.nulls = tail, nulls
    return _apply(call)


# What compares the elements of its arrays.
_COMPARING = (
    "contains", "contains_sequence", "array_distinct", "array_except", "array_histogram", "array_intersect", "array_position",
    "array_remove", "array_union", "arrays_overlap",
)  # fmt: skip


def _arguments(ctx: Context, scope: Scope, node: Any, name: str, overloads: list[Overload]) -> Call:
    nodes, distinct, order = list(node.expressions), "", ""
    if len(nodes) >= 1 and type(nodes[-1]).__name__ == "Order":
        order = _order(ctx, scope, nodes[-1])
        nodes[-1] = nodes[-1].this
    if len(nodes) == 1 and type(nodes[0]).__name__ == "Distinct":
        distinct, nodes = "DISTINCT ", list(nodes[0].expressions)
        if len(nodes) != 1:
            raise not_supported(f"{name}(DISTINCT a, b)", place(ctx.sql, node))
    if name == "count" and len(nodes) == 1 and type(nodes[0]).__name__ == "Star":
        nodes = []
    values = [Typed("", UNKNOWN) if _is_lambda(item) else translate(ctx, scope, item) for item in nodes]
    if distinct or name in _COMPARING:
        values = [replace(one, sql=settled(one.sql, one.type)) for one in values]
    return Call(ctx, scope, name, nodes, values, place(ctx.sql, node), overloads, distinct=distinct, order=order)


def _order(ctx: Context, scope: Scope, order: Any) -> str:
    parts = []
    for item in order.expressions:
        direction = "DESC" if item.args.get("desc") else "ASC"
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        parts.append(f"{translate(ctx, scope, item.this).sql} {direction} NULLS {nulls}")
    return " ORDER BY " + ", ".join(parts)


def _apply(call: Call) -> Typed:
    kinds = [None if _is_lambda(node) else value.type for node, value in zip(call.nodes, call.values, strict=False)]
    found = match(call.overloads, kinds)
    if found is None:
        raise QueryFailure("TYPE_MISMATCH", refusal(call.name, kinds, call.overloads), call.place)
    overload, binding = found
    call.given, call.values = tuple(call.values), _coerced(call, overload, binding)
    made = overload.body(call) if callable(overload.body) else _filled(overload.body, call)
    if isinstance(made, Typed):
        return made
    kind = binding.resolve(overload.result)
    return Typed(made, kind)


def _coerced(call: Call, overload: Overload, binding: Binding) -> list[Typed]:
    params = expanded(overload, len(call.values))
    return [
        value if _is_lambda(node) else operators.as_type(value, binding.resolve(pattern, value.type))
        for node, value, pattern in zip(call.nodes, call.values, params, strict=False)
    ]


def _filled(template: str, call: Call) -> str:
    values = [value.sql for value in call.values]
    kinds = {f"T{index}": duckdb(value.type) for index, value in enumerate(call.values)}
    marks = {"D": call.distinct, "O": call.order, "W": call.tail, "N": call.nulls, "all": ", ".join(values)}
    return template.format(*values, **kinds, **marks)


def listagg(ctx: Context, scope: Scope, node: Any, tail: str = "") -> Typed:
    """LISTAGG, in its group or over a window."""
    scope = scope.inner(aggregating=None) if scope.aggregating is node else scope
    inner, order = node.this, ""
    if type(inner).__name__ == "Order":
        order, inner = _order(ctx, scope, inner), inner.this
    distinct = ""
    if type(inner).__name__ == "Distinct":
        distinct, inner = "DISTINCT ", inner.expressions[0]
    value = translate(ctx, scope, inner)
    if value.type.name not in ("varchar", "char"):
        raise QueryFailure(
            "TYPE_MISMATCH",
            f"Expected expression of varchar, but '{inner.sql()}' has {show(value.type)} type",
            place(ctx.sql, node),
        )
    separator = translate(ctx, scope, node.args["separator"]).sql if node.args.get("separator") is not None else "''"
    made = joined(ctx, f"{distinct}{value.sql}", separator, order, tail, node.args.get("on_overflow"))
    return Typed(made, VARCHAR)


def _extract(ctx: Context, scope: Scope, node: Any) -> Typed:
    from labkit.cloud.athena.functions.dates import extract

    value, field = translate(ctx, scope, node.expression), node.this.name.upper()
    found = extract(field.lower(), value)
    if found is None:
        text = f"Cannot extract {field} from {show(value.type)}"
        raise QueryFailure("TYPE_MISMATCH", text, place(ctx.sql, node.expression))
    return found


def _named(ctx: Context, scope: Scope, node: Any, name: str, nodes: list[Any]) -> Typed:
    """What the grammar writes in words, as a call of the function it stands for."""
    from sqlglot import exp

    made = exp.Anonymous(this=name, expressions=nodes)
    made.meta.update(node.meta)
    return call_function(ctx, scope, made)


def _position(ctx: Context, scope: Scope, node: Any) -> Typed:
    return _named(ctx, scope, node, "strpos", [node.this, node.args["substr"]])


def _substring(ctx: Context, scope: Scope, node: Any) -> Typed:
    more = [node.args["length"]] if node.args.get("length") is not None else []
    return _named(ctx, scope, node, "substring", [node.this, node.args["start"], *more])


def _trim(ctx: Context, scope: Scope, node: Any) -> Typed:
    word = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(str(node.args.get("position") or "").upper(), "trim")
    letters = [node.args["expression"]] if node.args.get("expression") is not None else []
    return _named(ctx, scope, node, word, [node.this, *letters])


def _normalize(ctx: Context, scope: Scope, node: Any) -> Typed:
    """NORMALIZE(x, NFD): the form is a keyword, not a column."""
    from sqlglot import exp

    form = node.args.get("form")
    if form is not None and form.name.upper() not in ("NFD", "NFC", "NFKD", "NFKC"):
        raise QueryFailure("SYNTAX_ERROR", f"mismatched input '{form.name}'. Expecting: 'NFC', 'NFD', 'NFKC', 'NFKD'")
    forms = [exp.Literal.string(form.name.upper())] if form is not None else []
    return _named(ctx, scope, node, "normalize", [node.this, *forms])


def _try(ctx: Context, scope: Scope, node: Any) -> Typed:
    before, ctx.in_try = ctx.in_try, True
    try:
        value = translate(ctx, scope, node.expressions[0])
    finally:
        ctx.in_try = before
    return Typed(f"TRY({value.sql})", value.type)


def _typeof(ctx: Context, scope: Scope, node: Any) -> Typed:
    value = translate(ctx, scope, node.expressions[0])
    return literals.string(show(value.type))


def _row(ctx: Context, scope: Scope, node: Any) -> Typed:
    return make_row([translate(ctx, scope, item) for item in node.expressions])


_SPECIAL: dict[str, Translator] = {
    "try": _try,
    "typeof": _typeof,
    "row": _row,
}

TRANSLATORS: dict[str, Translator] = {
    **windows.TRANSLATORS,
    "Anonymous": call_function,
    "Lambda": _lambda,
    "GroupConcat": listagg,
    "Extract": _extract,
    "StrPosition": _position,
    "Substring": _substring,
    "Trim": _trim,
    "Normalize": _normalize,
}

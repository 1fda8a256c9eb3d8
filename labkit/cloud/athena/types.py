"""Trino's types: how they are written, what DuckDB calls them, what fits into what."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_VARCHAR = 2147483647
MAX_CHAR = 65536


@dataclass(frozen=True)
class Type:
    """One Trino type: ``decimal`` with params (10, 2), ``array`` with items (bigint,), ``row`` with items and fields."""

    name: str
    params: tuple[int, ...] = ()
    items: tuple[Type, ...] = ()
    fields: tuple[str | None, ...] = ()

    def __str__(self) -> str:
        return show(self)


UNKNOWN, BOOLEAN = Type("unknown"), Type("boolean")
TINYINT, SMALLINT, INTEGER, BIGINT = Type("tinyint"), Type("smallint"), Type("integer"), Type("bigint")
REAL, DOUBLE = Type("real"), Type("double")
VARCHAR, VARBINARY, JSON = Type("varchar"), Type("varbinary"), Type("json")
UUID, IPADDRESS = Type("uuid"), Type("ipaddress")
DATE, TIME, TIMESTAMP, TIMESTAMP_TZ = Type("date"), Type("time"), Type("timestamp"), Type("timestamp with time zone")
TIME_TZ = Type("time with time zone")
DAY_INTERVAL, MONTH_INTERVAL = Type("interval day to second"), Type("interval year to month")
# These carry a precision, 0 to 12 digits of a second; without params it is 3.
CLOCKS = ("time", "time with time zone", "timestamp", "timestamp with time zone")
MOMENTS = ("date", *CLOCKS)

INTEGERS = ("tinyint", "smallint", "integer", "bigint")
INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
NUMBERS = (*INTEGERS, "decimal", "real", "double")

# Names that Hive (catalog, DDL) or Trino (CAST) write for the same type.
_ALIASES = {
    "int": "integer", "long": "bigint", "short": "smallint", "byte": "tinyint", "string": "varchar", "float": "real",
    "binary": "varbinary", "bool": "boolean", "double precision": "double", "struct": "row", "dec": "decimal",
    "numeric": "decimal", "timestamptz": "timestamp with time zone",
}  # fmt: skip
_SCALARS = {
    "unknown", "boolean", *NUMBERS, "varchar", "char", "varbinary", "json", "date", "time", "timestamp",
    "timestamp with time zone", "time with time zone", "interval day to second", "interval year to month", "uuid", "ipaddress",
    "color", "hyperloglog", "tdigest",
}  # fmt: skip
_DUCKDB = {
    "unknown": "INTEGER", "varbinary": "BLOB", "real": "FLOAT", "char": "VARCHAR", "ipaddress": "BLOB", "color": "BIGINT",
    "hyperloglog": "UBIGINT[]", "tdigest": "STRUCT(v DOUBLE, w DOUBLE)[]",
    # An interval keeps an instant and its zone (temporal/zoned.py); TIME is picoseconds, intervals are milliseconds and months.
    "timestamp with time zone": "INTERVAL", "time with time zone": "INTERVAL", "time": "BIGINT",
    "interval day to second": "BIGINT", "interval year to month": "INTEGER",
}  # fmt: skip


def decimal(precision: int, scale: int) -> Type:
    """DECIMAL with its two parameters."""
    return Type("decimal", (precision, scale))


def varchar(length: int) -> Type:
    """VARCHAR of a bounded length."""
    return Type("varchar", (length,))


def clock(name: str, digits: int) -> Type:
    """A TIME or TIMESTAMP, with or without zone, of a precision."""
    return Type(name) if digits == 3 else Type(name, (digits,))


def precision(kind: Type) -> int:
    """Digits of the second that a TIME or TIMESTAMP keeps."""
    return kind.params[0] if kind.params else 3


def array(item: Type) -> Type:
    """ARRAY of one item type."""
    return Type("array", items=(item,))


def map_of(key: Type, value: Type) -> Type:
    """MAP of key to value."""
    return Type("map", items=(key, value))


def row(items: tuple[Type, ...], fields: tuple[str | None, ...] = ()) -> Type:
    """ROW; fields without a name are None."""
    return Type("row", items=items, fields=fields or (None,) * len(items))


def show(kind: Type) -> str:
    """The type as Trino writes it: ``row(x bigint, y varchar(3))``."""
    if kind.name == "row":
        parts = (
            f"{name} {show(item)}" if name else show(item) for name, item in zip(kind.fields, kind.items, strict=False)
        )
        return f"row({', '.join(parts)})"
    if kind.name == "hyperloglog":
        return "HyperLogLog"
    inner = [show(item) for item in kind.items] or [str(param) for param in kind.params]
    if kind.name in CLOCKS:
        name, zone, rest = kind.name.partition(" with ")
        return f"{name}({precision(kind)}){zone}{rest}"
    return f"{kind.name}({', '.join(inner) if kind.items else ','.join(inner)})" if inner else kind.name


def hive(kind: Type) -> str:
    """The type as the Glue catalog writes it: ``struct<x:bigint,y:string>``."""
    names = {
        "integer": "int",
        "real": "float",
        "varbinary": "binary",
        "unknown": "string",
        "json": "string",
        "time": "string",
    }
    if kind.name == "row":
        return (
            "struct<"
            + ",".join(
                f"{n or f'field{i}'}:{hive(t)}" for i, (n, t) in enumerate(zip(kind.fields, kind.items, strict=False))
            )
            + ">"
        )
    if kind.items:
        return f"{kind.name}<{','.join(hive(item) for item in kind.items)}>"
    if kind.name == "varchar":
        return f"varchar({kind.params[0]})" if kind.params and kind.params[0] < 65536 else "string"
    if kind.params and kind.name not in CLOCKS:
        return f"{kind.name}({','.join(map(str, kind.params))})"
    return names.get(kind.name, kind.name.split(" with ")[0])


def field_name(kind: Type, index: int) -> str:
    """What DuckDB's struct calls a ROW's field (unnamed ones get a number)."""
    return kind.fields[index] or f"field{index}"


def duckdb(kind: Type) -> str:
    """The type as DuckDB writes it."""
    if kind.name == "array":
        return f"{duckdb(kind.items[0])}[]"
    if kind.name == "qdigest":
        return f"STRUCT(v {duckdb(kind.items[0])}, w DOUBLE)[]"
    if kind.name == "map":
        return f"MAP({duckdb(kind.items[0])}, {duckdb(kind.items[1])})"
    if kind.name == "row":
        parts = (f'"{escape_name(field_name(kind, i))}" {duckdb(item)}' for i, item in enumerate(kind.items))
        return f"STRUCT({', '.join(parts)})"
    if kind.name == "decimal":
        return f"DECIMAL({kind.params[0]}, {kind.params[1]})"
    if kind.name == "timestamp" and precision(kind) > 6:
        return "HUGEINT"  # picoseconds
    return _DUCKDB.get(kind.name, kind.name.upper())


def escape_name(name: str) -> str:
    """A name made safe between double quotes."""
    return name.replace('"', '""')


_TOKEN = re.compile(r'\s*("(?:[^"]|"")*"|`[^`]*`|[^\W\d]\w*|[^\s\w]|\d+)', re.UNICODE)


def parse_type(text: str) -> Type:
    """A Hive (``array<int>``) or Trino (``array(integer)``) type; ValueError names what is not one."""
    # A name between double quotes keeps its case, as in Trino.
    tokens = [token if token.startswith('"') else token.lower() for token in _TOKEN.findall(text.strip())]
    kind, rest = _parse(tokens, text)
    if rest:
        raise ValueError(f"unknown type: {text}")
    return kind


def hive_type(text: str) -> Type:
    """A type of the catalog: there DECIMAL alone has ten digits."""
    return parse_type(re.sub(r"\bdecimal\b(?!\s*\()", "decimal(10,0)", text.lower()))


def _parse(tokens: list[str], text: str) -> tuple[Type, list[str]]:
    if not tokens:
        raise ValueError(f"unknown type: {text}")
    name, rest = tokens[0], tokens[1:]
    if name == "double" and rest[:1] == ["precision"]:
        rest = rest[1:]
    name = _ALIASES.get(name, name)
    if name == "interval":
        joined = " ".join(["interval", *rest[:3]])
        return Type(joined), rest[3:]
    if rest[:1] in (["<"], ["("]) and name in ("array", "map", "row"):
        return _parse_nested(name, rest[1:], text)
    params: tuple[int, ...] = ()
    if rest[:1] == ["("]:
        close = rest.index(")") if ")" in rest else 0
        params = tuple(int(token) for token in rest[1:close] if token.isdigit())
        rest = rest[close + 1 :]
    if rest[:3] == ["with", "time", "zone"]:
        name, rest = f"{name} with time zone", rest[3:]
    elif rest[:3] == ["without", "time", "zone"]:
        rest = rest[3:]
    return _scalar(name, params, text), rest


def _scalar(name: str, params: tuple[int, ...], text: str) -> Type:
    if name not in _SCALARS:
        raise ValueError(f"unknown type: {text}")
    if name == "decimal":
        precision, scale = (*params, 38, 0)[:2] if not params else (params[0], params[1] if len(params) > 1 else 0)
        if not 1 <= precision <= 38 or scale > precision:
            raise ValueError(f"invalid decimal: {text}")
        return decimal(precision, scale)
    if name in ("varchar", "char"):
        return Type(name, params or ((1,) if name == "char" else ()))
    if name in CLOCKS and params:
        if params[0] > 12:
            raise ValueError(f"{name.upper()} precision must be in range [0, 12]: {params[0]}")
        return clock(name, params[0])
    return Type(name)


def _parse_nested(name: str, tokens: list[str], text: str) -> tuple[Type, list[str]]:
    items: list[Type] = []
    fields: list[str | None] = []
    while True:
        field = None
        if name == "row" and len(tokens) > 1 and (tokens[1] == ":" or _names_field(tokens)):
            field = tokens[0][1:-1].replace('""', '"') if tokens[0][0] in '"`' else tokens[0]
            tokens = tokens[2:] if tokens[1] == ":" else tokens[1:]
        item, tokens = _parse(tokens, text)
        items.append(item)
        fields.append(field)
        if not tokens:
            raise ValueError(f"unknown type: {text}")
        if tokens[0] in (">", ")"):
            return Type(name, items=tuple(items), fields=tuple(fields) if name == "row" else ()), tokens[1:]
        tokens = tokens[1:]


def _names_field(tokens: list[str]) -> bool:
    """In ``row(x bigint, bigint)``: is the first token a field name, not a type?"""
    follows = _ALIASES.get(tokens[1], tokens[1])
    return tokens[0] != "interval" and (follows in _SCALARS or follows in ("array", "map", "row", "interval"))

"""Unbox: text in a field parsed in place, as JSON, CSV or Avro."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from . import gluetypes as glue
from ._coerce import coerce
from ._contents import Contents
from ._errors import Site, record_of_exception
from ._json_parse import path_steps, select_values
from ._options import flag, lower_keys
from ._paths import split_path
from ._records import Records
from ._refusal import refuse
from ._steps import contents_of_flow, each_batch, hint_of

FORMATS = ("json", "csv", "avro")
Parse = Callable[[Any], Any]


def _schema_of(options: Mapping[str, Any]) -> glue.DataType | None:
    given = lower_keys(options).get("withschema")
    if given is None or isinstance(given, glue.DataType):
        return given
    try:
        return glue._deserialize_json_string(given)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"withSchema: the JSON of an awsglue.gluetypes type, json.dumps(schema.jsonValue()); got {given!r}."
        ) from error


def _text(value: Any) -> str:
    return bytes(value).decode() if isinstance(value, (bytes, bytearray)) else value


def _one_or_many(found: list[Any]) -> Any:
    return found[0] if len(found) == 1 else found or None


def _json_parser(options: Mapping[str, Any]) -> Parse:
    path = lower_keys(options).get("jsonpath")
    steps = path_steps(str(path)) if path else None
    if steps is None:
        return lambda value: json.loads(_text(value))
    return lambda value: _one_or_many(list(select_values(json.loads(_text(value)), steps)))


def _letter(name: str, value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1:
        raise ValueError(f"{name}: one character; got {value!r}.")
    return value


def _csv_parser(options: Mapping[str, Any], names: list[str]) -> Parse:
    """One line gives a struct, several give an array of them. Names: the schema's, the header's, or col0, col1 …"""
    given = lower_keys(options)
    dialect: dict[str, Any] = {"delimiter": _letter("separator", given.get("separator", ","))}
    quote = str(given.get("quotechar", '"'))
    dialect.update({"quoting": csv.QUOTE_NONE} if quote == "-1" else {"quotechar": _letter("quoteChar", quote)})
    if given.get("escaper"):
        dialect.update(escapechar=_letter("escaper", given["escaper"]), doublequote=False)
    header, skip = flag(options, "withHeader"), flag(options, "skipFirst")

    def parse(value: Any) -> Any:
        rows = [row for row in csv.reader(io.StringIO(_text(value)), strict=True, **dialect) if row]
        columns = names or (rows[0] if header and rows else [])
        rows = rows[int(header) + int(skip) :]
        return _one_or_many([dict(zip(columns or _numbered(row), row, strict=False)) for row in rows])

    return parse


def _numbered(row: list[str]) -> list[str]:
    return [f"col{place}" for place in range(len(row))]


def _avro_parser() -> Parse:
    try:
        import fastavro  # noqa: F401 - asked for here, so that the refusal comes before the job runs
    except ImportError:
        raise refuse('DynamicFrame.unbox(format="avro")', "Install fastavro, or unbox json or csv.") from None

    def parse(value: Any) -> Any:
        import fastavro

        if not isinstance(value, (bytes, bytearray)):
            raise TypeError("an Avro value is binary: a whole container, with its schema")
        return _one_or_many(list(fastavro.reader(io.BytesIO(bytes(value)))))

    return parse


def parser_of(kind: str, options: Mapping[str, Any]) -> Parse:
    """How a value is parsed; raises NotAvailableLocally for a format that is not parsed here."""
    name = str(kind or "").lower()
    schema = _schema_of(options)
    if name == "json":
        parse = _json_parser(options)
    elif name == "csv":
        parse = _csv_parser(options, [field.name for field in schema] if isinstance(schema, glue.StructType) else [])
    elif name == "avro":
        parse = _avro_parser()
    else:
        raise refuse(f"DynamicFrame.unbox(format={kind!r})", f"Formats that can be unboxed: {', '.join(FORMATS)}.")
    return parse if schema is None else lambda value: coerce(parse(value), schema)


def _replaced(value: Any, names: list[str], parse: Parse) -> Any:
    """The value with the text at the path parsed; what has no such field stays as it is."""
    if isinstance(value, list):
        return [_replaced(item, names, parse) for item in value]
    if not names:
        if value is None:
            return None
        if not isinstance(value, (str, bytes, bytearray)):
            raise TypeError(f"Unbox parses text; the field holds a {type(value).__name__}: {value!r}")
        return parse(value)
    if not isinstance(value, dict) or names[0] not in value:
        return value
    return {**value, names[0]: _replaced(value[names[0]], names[1:], parse)}


def _hinted(kind: glue.DataType | None, names: list[str], found: glue.DataType | None) -> glue.DataType | None:
    """The type of the records with the unboxed type at the path; what is unknown has no hint."""
    if not names:
        return found
    fields = list(kind) if isinstance(kind, glue.StructType) else []
    inside = next((field.dataType for field in fields if field.name == names[0]), None)
    new = _hinted(inside, names[1:], found)
    kept = [field for field in fields if field.name != names[0]]
    return glue.StructType([*kept, *([glue.Field(names[0], new)] if new else [])])


def unbox(contents: Contents, path: str, kind: str, options: Mapping[str, Any], site: Site) -> Contents:
    """The frame with the text at `path` parsed. A record whose text does not parse becomes an error record."""
    parse, names = parser_of(kind, options), split_path(path)

    def step(records: Records) -> tuple[Records, Records]:
        good: Records = []
        bad: Records = []
        for record in records:
            try:
                good.append(_replaced(record, [path] if path in record else names, parse))
            except Exception as error:  # noqa: BLE001 - whatever a parser says of a text is that record's error
                bad.append(record_of_exception(error, record, site))
        return good, bad

    def hint() -> glue.StructType | None:
        before = hint_of(contents)
        whole = [path] if before is not None and before.hasField(path) else names
        found = _hinted(before, whole, _schema_of(options))
        return found if isinstance(found, glue.StructType) else None

    return contents_of_flow(contents, each_batch(step), sparse=contents.sparse, hint=hint)

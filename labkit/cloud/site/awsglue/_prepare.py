"""A frame's rows as the DataFrame that Spark's writer of a format takes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._cast import cast
from ._compression import codec_for
from ._contents import Columns
from ._csv_format import quote_of
from ._fields import column_of, select
from ._options import flag, lower_keys
from ._records import by_position
from ._types import has_choice
from ._values import decode_batch

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

# A decimal is written as the number it is; the mark lets it through the JSON encoder as text first.
_NUMBER_MARK = "\x00#"
_MARKED_NUMBER = re.compile(r'"\\u0000#([^"]*)"')
_UNUSED_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Target:
    """Where and how a sink writes. `partition_keys` become `k=v` folders, in order."""

    path: str
    format: str
    partition_keys: tuple[str, ...] = ()
    compression: str | None = None
    format_options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prepared:
    """A DataFrame, the name of Spark's writer for it, and the writer's options."""

    df: DataFrame
    writer: str
    options: dict[str, str]


@dataclass(frozen=True)
class CsvStyle:
    """How CSV is written; `quote` None: values are never quoted."""

    separator: str
    quote: str | None
    header: bool


def csv_style(format_options: Mapping[str, Any]) -> CsvStyle:
    """The style that a sink's `format_options` ask for."""
    given = lower_keys(format_options)
    separator = {"\\t": "\t"}.get(str(given.get("separator", ",")), str(given.get("separator", ",")))
    if len(separator) != 1:
        raise ValueError(f'"separator" is one character, such as "," or "\\t"; got {separator!r}.')
    flag(format_options, "strictCheckForQuoting")  # quotes are written only where they are needed, always
    return CsvStyle(separator, quote_of(given.get("quotechar", '"')), flag(format_options, "writeHeader", True))


def _as_json_value(value: Any) -> Any:
    """What `json` cannot write by itself: decimals are numbers, bytes are Base64, the rest is its text."""
    if isinstance(value, Decimal):
        return f"{_NUMBER_MARK}{value:f}"
    return base64.b64encode(value).decode() if isinstance(value, (bytes, bytearray)) else str(value)


def json_text(record: Mapping[str, Any]) -> str:
    """A record as one line of JSON."""
    text = json.dumps(record, ensure_ascii=False, default=_as_json_value)
    return _MARKED_NUMBER.sub(r"\1", text) if "\\u0000#" in text else text


def _json_lines(columns: Columns, keys: Sequence[str]) -> DataFrame:
    """Each record as its JSON text; a choice is the value itself."""
    from pyspark.sql.types import StringType, StructField, StructType

    schema = columns.schema
    kept = [columns.df.schema[key] for key in keys]
    places = [columns.df.columns.index(key) for key in keys]

    def over_columns(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            records = decode_batch(batch, schema, True)
            lines = [json_text({name: value for name, value in one.items() if name not in keys}) for one in records]
            arrays = [pa.array(lines, pa.string()), *(batch.column(place) for place in places)]
            yield pa.RecordBatch.from_arrays(arrays, names=["value", *keys])

    return by_position(columns.df).mapInArrow(over_columns, StructType([StructField("value", StringType()), *kept]))


def _times_as_text(column: Column, kind: glue.DataType) -> Column:
    """The column with each timestamp as its text, `2024-01-31 10:00:00.5`, which Athena and Spark both read back."""
    from pyspark.sql import functions as f

    if isinstance(kind, (glue.TimestampType, glue.TimestampNTZType)):
        return column.cast("string")
    if isinstance(kind, glue.StructType):
        parts = [_times_as_text(column.getField(one.name), one.dataType).alias(one.name) for one in kind]
        return f.when(column.isNotNull(), f.struct(*parts)) if parts else column
    if isinstance(kind, glue.ArrayType):
        inner = kind.elementType
        return f.transform(column, lambda item: _times_as_text(item, inner))
    if isinstance(kind, glue.MapType):
        value = kind.valueType
        return f.transform_values(column, lambda _, item: _times_as_text(item, value))
    return column


def _has_time(kind: glue.DataType) -> bool:
    if isinstance(kind, glue.StructType):
        return any(_has_time(one.dataType) for one in kind)
    if isinstance(kind, glue.ArrayType):
        return _has_time(kind.elementType)
    if isinstance(kind, glue.MapType):
        return _has_time(kind.valueType)
    return isinstance(kind, (glue.TimestampType, glue.TimestampNTZType))


def _json(columns: Columns, target: Target) -> Prepared:
    if has_choice(columns.schema):
        return Prepared(_json_lines(columns, target.partition_keys), "text", {})
    fields = [
        (_times_as_text(column_of(one.name), one.dataType).alias(one.name)
         if _has_time(one.dataType) and one.name not in target.partition_keys else column_of(one.name), one)
        for one in columns.schema
    ]  # fmt: skip
    return Prepared(select(columns, fields).df, "json", {})


def _csv_cell(one: glue.Field) -> Column:
    """A field as CSV takes it: nested values as JSON, bytes as Base64, everything else as its text."""
    from pyspark.sql import functions as f

    column, kind = column_of(one.name), one.dataType
    if isinstance(kind, glue.ChoiceType):
        return cast(column, kind, glue.StringType())
    if isinstance(kind, (glue.StructType, glue.ArrayType, glue.MapType)):
        return f.to_json(_times_as_text(column, kind))
    if isinstance(kind, glue.BinaryType):
        return f.base64(column)
    if _has_time(kind) or isinstance(kind, (glue.NullType, glue.UnknownType)):
        return column.cast("string")
    return column


def _csv(columns: Columns, target: Target) -> Prepared:
    style, keys = csv_style(target.format_options), target.partition_keys
    cells = [(column_of(one.name) if one.name in keys else _csv_cell(one).alias(one.name)) for one in columns.schema]
    df = columns.df.select(*cells)
    options = {
        "header": str(style.header).lower(), "sep": style.separator,
        "ignoreLeadingWhiteSpace": "false", "ignoreTrailingWhiteSpace": "false",
    }  # fmt: skip
    if style.quote is None:
        return _unquoted_csv(df, style, keys, options)
    return Prepared(df, "csv", {**options, "quote": style.quote, "escape": style.quote, "emptyValue": style.quote * 2})


def _unquoted_csv(df: DataFrame, style: CsvStyle, keys: Sequence[str], options: dict[str, str]) -> Prepared:
    """Cells joined by the separator as they are: Spark's own writer cannot leave quotes out, so it gets one column."""
    from pyspark.sql import functions as f

    from ._paths import quote

    names = [name for name in df.columns if name not in keys]
    cells = [f.coalesce(f.col(quote(name)).cast("string"), f.lit("")) for name in names]
    line = f.concat_ws(style.separator, *cells)
    broken = f.raise_error(f.lit("quoteChar -1 cannot write a value that holds a line break. Use quoteChar '\"'."))
    checked = f.when(line.rlike("[\r\n]"), broken.cast("string")).otherwise(line)
    joined = df.select(checked.alias(style.separator.join(names)), *(f.col(quote(key)) for key in keys))
    plain = {**options, "sep": _UNUSED_SEPARATOR, "quote": "", "emptyValue": "", "escapeQuotes": "false"}
    return Prepared(joined, "csv", plain)


def prepare(columns: Columns, target: Target) -> Prepared:
    """The DataFrame to write, Spark's writer for it and its options."""
    if target.format in ("csv", "json"):
        made = _csv(columns, target) if target.format == "csv" else _json(columns, target)
    else:
        made = Prepared(columns.df, {"glueparquet": "parquet"}.get(target.format, target.format), {})
    options = {"mapreduce.fileoutputcommitter.marksuccessfuljobs": "false", **made.options}
    codec = codec_for(target.format, target.compression)
    return Prepared(made.df, made.writer, {**options, "compression": codec} if codec else options)


def check_keys(columns: Columns, target: Target) -> None:
    """ValueError for a partition key that is not a field of the frame, or is nested or a choice."""
    names = [one.name for one in columns.schema]
    missing = [key for key in target.partition_keys if key not in names]
    if missing:
        raise ValueError(f"partitionKeys {missing} are not fields of the frame; its fields are: {', '.join(names)}.")
    for one in columns.schema:
        if one.name in target.partition_keys and not isinstance(one.dataType, glue.AtomicType):
            hint = (
                "resolve the choice first (resolveChoice)"
                if isinstance(one.dataType, glue.ChoiceType)
                else "choose another"
            )
            raise ValueError(f"partitionKeys: field {one.name!r} is of type {one.dataType.typeName()}; {hint}.")
    if names and set(names) == set(target.partition_keys):
        raise ValueError(
            f"partitionKeys {list(target.partition_keys)} are all the fields of the frame: nothing is left to write."
        )

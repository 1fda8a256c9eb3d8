"""CSV: Glue's options for Spark's reader, and catalog types against the values that are really there.

A catalog column of type long may hold `n/a`. Glue keeps such a value as a string, and the column becomes a choice of
long and string. So every value of a typed column is looked at once: first by Arrow over the raw file, which only ever
answers "all of them convert" or "not proven"; when not proven, by one Spark aggregate, with the very expression that
later reads the column. Tables of strings need neither.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._catalog import CatalogTable
from ._contents import Columns
from ._files import InputFile, read_start
from ._keys import NO_KEYS, Keys
from ._paths import literal, quote
from ._refusal import refuse
from ._types import spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession

_HEADER_BYTES = 1 << 16


@dataclass(frozen=True)
class CsvFormat:
    """How the files are written. `quote` None: no quoting. `escaper` None: a quote inside quotes is doubled."""

    separator: str = ","
    quote: str | None = '"'
    escaper: str | None = None
    with_header: bool = False
    skip_first: bool = False
    multi_line: bool = False

    @property
    def skips_line(self) -> bool:
        return self.with_header or self.skip_first


def is_true(value: Any) -> bool:
    """Options arrive as booleans or as their text."""
    return value is True or str(value).strip().lower() == "true"


def _quote_of(value: Any) -> str | None:
    return None if str(value) == "-1" else str(value)


def from_options(options: Mapping[str, Any]) -> CsvFormat:
    """The format that `format_options` describe; keys in any case, as Glue Studio writes some of them."""
    given = {key.lower(): value for key, value in options.items()}
    chosen = CsvFormat(
        separator=str(given.get("separator", ",")),
        quote=_quote_of(given.get("quotechar", '"')),
        escaper=given.get("escaper") or None,
        with_header=is_true(given.get("withheader", False)),
        skip_first=is_true(given.get("skipfirst", False)),
        multi_line=is_true(given.get("multiline", False)),
    )
    if chosen.with_header and chosen.skip_first:
        raise refuse("CSV format_options withHeader together with skipFirst", "Drop the first record after reading.")
    return chosen


def from_table(table: CatalogTable) -> CsvFormat:
    """The format that a catalog table describes."""
    settings = {**table.parameters, **table.serde}
    skip = int(settings.get("skip.header.line.count", "0") or 0)
    if skip > 1:
        raise refuse(f"skip.header.line.count={skip} of table {table.database}.{table.name}")
    separator = settings.get("delimiter") or settings.get("separatorChar") or settings.get("field.delim") or ","
    return CsvFormat(
        separator=separator,
        quote=_quote_of(settings.get("quoteChar", '"')),
        escaper=None if settings.get("escapeChar", "\\") == "\\" else settings["escapeChar"],
        skip_first=skip == 1,
        multi_line=is_true(settings.get("multiLine", False)),
    )


def first_line(file: InputFile, form: CsvFormat) -> list[str]:
    """The cells of a file's first line; empty for an empty file."""
    start = read_start(file, _HEADER_BYTES)
    if file.path.endswith((".gz", ".bz2")):
        start = _unpack_start(start, file.path)
    text = start.decode("utf-8-sig", errors="replace")
    rows = csv.reader(io.StringIO(text), **_csv_dialect(form))
    return next((row for row in rows if row), [])


def _csv_dialect(form: CsvFormat) -> dict[str, Any]:
    quoting = csv.QUOTE_NONE if form.quote is None else csv.QUOTE_MINIMAL
    return {"delimiter": form.separator, "quotechar": form.quote or '"', "quoting": quoting, "escapechar": form.escaper}


def _unpack_start(start: bytes, path: str) -> bytes:
    import bz2
    import zlib

    opened = zlib.decompressobj(31) if path.endswith(".gz") else bz2.BZ2Decompressor()
    return opened.decompress(start)


def read_strings(
    spark: SparkSession, paths: Sequence[str], names: Sequence[str], form: CsvFormat, keys: Keys = NO_KEYS
) -> DataFrame:
    """All columns as strings, by position, then the partition keys."""
    from pyspark.sql.types import StringType, StructField, StructType

    fields = [StructField(name, StringType()) for name in names]
    reader = (
        spark.read.schema(StructType([*fields, *(keys.spark_fields if keys.base_path else ())]))
        .options(**keys.read_options)
        .option("sep", form.separator)
        .option("quote", form.quote or "")
        .option("escape", form.escaper or form.quote or "\\")
        .option("header", form.skips_line)
        .option("multiLine", form.multi_line)
    )
    return keys.add_to(reader.csv([literal(path) for path in paths]))


def read_untyped(spark: SparkSession, files: Sequence[InputFile], form: CsvFormat) -> Columns | None:
    """CSV without a catalog table: string columns named by each file's own header, or col0, col1 …

    Files with different headers are matched by name. None when there is no line at all.
    """
    by_names: dict[tuple[str, ...], list[str]] = {}
    for file in files:
        cells = first_line(file, form)
        names = cells if form.with_header else [f"col{place}" for place in range(len(cells))]
        if names:
            by_names.setdefault(tuple(names), []).append(file.path)
    df: DataFrame | None = None
    for header, paths in by_names.items():
        part = read_strings(spark, paths, header, form)
        df = part if df is None else df.unionByName(part, allowMissingColumns=True)
    if df is None:
        return None
    return Columns(df, glue.StructType([glue.Field(name, glue.StringType()) for name in df.columns]))


def _converted(name: str, kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.expr(f"try_cast({quote(name)} as {spark_from_glue(kind).simpleString()})")


def _is_bad(name: str, kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.col(quote(name)).isNotNull() & _converted(name, kind).isNull()


def find_choices(df: DataFrame, schema: glue.StructType) -> set[str]:
    """The columns in which some value does not convert to its type; one Spark job."""
    from pyspark.sql import functions as f

    typed = [field for field in schema if not isinstance(field.dataType, glue.StringType)]
    if not typed:
        return set()
    checks = [
        f.max(f.when(_is_bad(field.name, field.dataType), 1)).alias(f"c{place}") for place, field in enumerate(typed)
    ]
    row = df.agg(*checks).collect()[0]
    return {field.name for field, found in zip(typed, row, strict=True) if found}


def convert(df: DataFrame, schema: glue.StructType, choices: set[str], keys: Keys) -> Columns:
    """The string columns as their types, then the keys; a column in `choices` keeps what does not convert as a string."""
    from pyspark.sql import functions as f

    selected, fields = [], []
    for field in schema:
        name, kind = field.name, field.dataType
        text = f.col(quote(name))
        if isinstance(kind, glue.StringType):
            selected.append(text)
        elif name in choices:
            parts = f.struct(
                _converted(name, kind).alias(kind.typeName()), f.when(_is_bad(name, kind), text).alias("string")
            )
            selected.append(f.when(text.isNotNull(), parts).alias(name))
            kind = glue.ChoiceType([kind, glue.StringType()])
        else:
            selected.append(_converted(name, kind).alias(name))
        fields.append(glue.Field(name, kind))
    kept = [f.col(quote(field.name)) for field in keys.spark_fields]
    return Columns(df.select(*selected, *kept), glue.StructType([*fields, *keys.glue_fields]))

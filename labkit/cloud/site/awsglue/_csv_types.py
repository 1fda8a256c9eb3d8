"""Catalog types against the values that are really in CSV files.

A catalog column of type long may hold `n/a`. Glue keeps such a value as a string, and the column becomes a choice of
long and string. So every value of a typed column is looked at once: first by Arrow over the raw file, which only ever
answers "all of them convert" or "not proven"; when not proven, by one Spark aggregate, with the very expression that
later reads the column. Tables of strings need neither.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import gluetypes as glue
from ._contents import Columns
from ._keys import Keys
from ._paths import quote
from ._types import spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame


def _converted(name: str, kind: glue.DataType) -> Column:
    from pyspark.sql import functions as f

    return f.expr(f"try_cast({quote(name)} as {spark_from_glue(kind).simpleString()})")


def _is_bad(name: str, kind: glue.DataType) -> Column:
    """True for text that does not convert; an empty cell is a missing value, quoted or not."""
    from pyspark.sql import functions as f

    return (f.col(quote(name)) != "") & _converted(name, kind).isNull()


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
            selected.append(f.when(text != "", parts).alias(name))
            kind = glue.ChoiceType([kind, glue.StringType()])
        else:
            selected.append(_converted(name, kind).alias(name))
        fields.append(glue.Field(name, kind))
    kept = [f.col(quote(field.name)) for field in keys.spark_fields]
    return Columns(df.select(*selected, *kept), glue.StructType([*fields, *keys.glue_fields]))

"""Partition keys of the files being read: from the folders' names, or as literals for a partition kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._predicates import HIVE_NULL
from ._types import parse_type, spark_from_glue

if TYPE_CHECKING:
    from pyspark.sql import DataFrame


@dataclass(frozen=True)
class Keys:
    """`fields` are (name, Hive type). With `base_path`, values are read from `k=v` folders below it; else `values`."""

    fields: tuple[tuple[str, str], ...] = ()
    base_path: str = ""
    values: tuple[str, ...] = ()

    @property
    def glue_fields(self) -> list[glue.Field]:
        return [glue.Field(name, parse_type(kind)) for name, kind in self.fields]

    @property
    def spark_fields(self) -> list[Any]:
        fields: list[Any] = spark_from_glue(glue.StructType(self.glue_fields)).fields
        return fields

    @property
    def read_options(self) -> dict[str, str]:
        return {"basePath": self.base_path} if self.base_path else {}

    def add_to(self, df: DataFrame) -> DataFrame:
        """The frame with literal key columns, when values are given."""
        from pyspark.sql import functions as f

        for field, value in zip(self.spark_fields, self.values, strict=False):
            literal = f.lit(None if value == HIVE_NULL else value).cast(field.dataType)
            df = df.withColumn(field.name, literal)
        return df


NO_KEYS = Keys()

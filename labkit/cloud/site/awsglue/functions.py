"""Column functions of AWS's package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._refusal import refuse

if TYPE_CHECKING:
    from pyspark.sql import Column


def namedStruct(*cols: Any) -> Column:
    """A struct of alternating names and columns."""
    from pyspark.sql import functions as f

    return f.struct(*(value.alias(name) for name, value in zip(cols[::2], cols[1::2], strict=True)))


def replaceArrayElement(srcCol: Any, replaceCol: Any, idx: int) -> Column:
    """The array with the element at `idx` (from 0) replaced."""
    from pyspark.sql import functions as f

    return f.transform(srcCol, lambda item, place: f.when(place == idx, replaceCol).otherwise(item))


def explodeWithIndex(col: Any) -> Column:
    """Refused: Spark has its own."""
    raise refuse("awsglue.functions.explodeWithIndex", "Use pyspark.sql.functions.posexplode.")

"""Column functions of AWS's package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pyspark.sql import Column


def _column(given: Any) -> Column:
    """A column, or the column of that name."""
    from pyspark.sql import functions as f

    return f.col(given) if isinstance(given, str) else given


def namedStruct(*cols: Any) -> Column:
    """A struct of columns under their own names, or of names and columns that alternate; one list of them will do."""
    from pyspark.sql import functions as f

    given = list(cols[0]) if len(cols) == 1 and isinstance(cols[0], (list, set, tuple)) else list(cols)
    names, values = given[::2], given[1::2]
    if len(names) == len(values) and names and all(isinstance(name, str) for name in names):
        return f.struct(*(_column(value).alias(name) for name, value in zip(names, values, strict=True)))
    return f.struct(*(_column(one) for one in given))


def replaceArrayElement(srcCol: Any, replaceCol: Any, idx: int) -> Column:
    """The array with the element at `idx` (from 0) replaced."""
    from pyspark.sql import functions as f

    new = _column(replaceCol)
    return f.transform(_column(srcCol), lambda item, place: f.when(place == idx, new).otherwise(item))


def explodeWithIndex(col: Any) -> Column:
    """A row for each element of the array, in two columns: `index`, from 0, and `val`."""
    from pyspark.sql import functions as f

    return f.posexplode(_column(col)).alias("index", "val")

"""Writing to a catalog table: its place, its format, and how its files are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import _csv_format
from ._catalog import CatalogTable
from ._formats import writable
from ._options import flag, is_true


def _csv_options(table: CatalogTable) -> dict[str, Any]:
    form = _csv_format.from_table(table)
    return {"separator": form.separator, "quoteChar": form.quote or -1, "writeHeader": form.lines_before_data == 1}


def options_of(table: CatalogTable, additional: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The sink's options and its format's; ValueError for a table that cannot be written so.

    A Parquet table is kept up to date only with the property useGlueParquetWriter, as documented.
    """
    name = f"{table.database}.{table.name}"
    if not table.location:
        raise ValueError(f"Table {name} has no location (a view?), so nothing can be written to it.")
    kind = writable(table.format)
    glue_parquet = kind == "parquet" and is_true(table.parameters.get("useGlueParquetWriter", False))
    glue_parquet = glue_parquet or table.parameters.get("classification", "").lower() == "glueparquet"
    if kind == "parquet" and flag(additional, "enableUpdateCatalog") and not glue_parquet:
        raise ValueError(
            f"enableUpdateCatalog: Parquet table {name} needs the table property useGlueParquetWriter = true. Set it with "
            f"ALTER TABLE {name} SET TBLPROPERTIES ('useGlueParquetWriter' = 'true')."
        )
    form = _csv_options(table) if kind == "csv" else {"useGlueParquetWriter": True} if glue_parquet else {}
    return {**additional, "path": table.location}, form

"""Files that DuckDB cannot read, copied to Parquet in the query's own folder; only the columns that are needed."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from labkit.cloud.athena.readers.files import FileSet, Source, missing, path_list, to_millis
from labkit.cloud.athena.types import duckdb, escape_name


class Copy:
    """One Parquet file for each object, in their order."""

    def __init__(self, files: FileSet) -> None:
        self._files = files
        self._names = [name for name, _ in files.columns if name in files.needed]
        self._paths: list[Path] = []

    def add(self, batches: Iterable[Any]) -> None:
        """Write one object's batches; a batch of no columns is its number of rows."""
        import pyarrow as pa
        from pyarrow import parquet

        from labkit.cloud.athena.readers.arrow_types import arrow_type

        path = self._files.scratch_path("copy")
        kinds = dict(self._files.columns)
        schema = pa.schema(
            [pa.field(name, arrow_type(kinds[name])) for name in self._names] + [pa.field("present", pa.bool_())]
        )
        with parquet.ParquetWriter(path, schema, compression="snappy") as writer:
            for batch in batches:
                rows = batch if isinstance(batch, int) else batch.num_rows
                columns = [] if isinstance(batch, int) else [batch.column(name) for name in self._names]
                present = pa.array([True]).take(pa.array([0] * rows, pa.int32()))
                writer.write_batch(pa.RecordBatch.from_arrays([*columns, present], schema=schema))
        self._paths.append(path)

    def source(self, scanned_bytes: int) -> Source:
        """The copies as a FROM; a column that was not asked for must not be read."""
        columns = [self._column(name) for name, _ in self._files.columns]
        return Source(
            f"read_parquet({path_list(self._paths)}, hive_partitioning=false)", columns, self._paths, scanned_bytes
        )

    def _column(self, name: str) -> str:
        kind = dict(self._files.columns)[name]
        if name in self._names and kind.name == "timestamp":
            return to_millis(f'"{escape_name(name)}"')
        if name in self._names:
            return f'CAST("{escape_name(name)}" AS {duckdb(kind)})'
        # Read anyway, this stops the query: NULL would be a wrong answer.
        return (
            f"(CASE WHEN present THEN error('GENERIC_INTERNAL_ERROR|a column was not copied') ELSE {missing(kind)} END)"
        )

"""ORC: read with pyarrow (DuckDB has no reader), columns by position as Athena does."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.readers.files import FileSet, Source, missing, path_list
from labkit.cloud.athena.types import duckdb, escape_name


def read_orc(files: FileSet) -> Source:
    """Each file copied to Parquet in the scratch folder; bytes counted are those of the whole files."""
    try:
        from pyarrow import ArrowInvalid, orc
        from pyarrow import parquet as writer
    except ImportError:
        raise not_supported("ORC without pyarrow") from None
    paths, names = [], []
    for number, one in enumerate(files.objects):
        try:
            table: Any = orc.read_table(str(one.path))
        except (ArrowInvalid, OSError) as failure:
            text = f"Error opening Hive split s3://{one.bucket}/{one.key}: {failure}"
            raise QueryFailure("HIVE_CANNOT_OPEN_SPLIT", text) from None
        names = [f"p{index}" for index in range(table.num_columns)]
        paths.append(files.scratch / f"orc-{id(files)}-{number}")
        writer.write_table(table.rename_columns(names), paths[-1])
    columns = [
        f'CAST("{escape_name(names[index])}" AS {duckdb(kind)})' if index < len(names) else missing(kind)
        for index, (_, kind) in enumerate(files.columns)
    ]
    return Source(
        f"read_parquet({path_list(paths)}, union_by_name=true)",
        columns,
        paths,
        sum(one.size_bytes for one in files.objects),
    )

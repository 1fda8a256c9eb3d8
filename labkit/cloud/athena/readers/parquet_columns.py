"""Which column of a Parquet file stands for which of the table's."""

from __future__ import annotations

from collections.abc import Iterable

from labkit.cloud.athena.readers.files import FileSet


def spelled(files: FileSet, names: Iterable[str]) -> dict[str, str]:
    """The file's column for each of the table's that it has: by name whatever the case, by place if parquet.column.index.access is true.

    https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html#index-access
    """
    listed = list(names)
    if files.parameters.get("parquet.column.index.access", "").strip().lower() == "true":
        return {name: actual for (name, _), actual in zip(files.columns, listed, strict=False)}
    found: dict[str, str] = {}
    for actual in listed:
        found.setdefault(actual.lower(), actual)
    return {name: found[name] for name, _ in files.columns if name in found}

"""ORC: read with pyarrow (DuckDB has no reader), a stripe at a time; columns by position as Athena does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.readers.arrow_types import arrow_type
from labkit.cloud.athena.readers.copies import Copy
from labkit.cloud.athena.readers.files import FileSet, Source
from labkit.cloud.athena.readers.orc_tail import OrcTail, orc_tail
from labkit.cloud.athena.types import INTEGERS, Type, show

# What each of the table's types may be read from.
_FITS = {
    "boolean": ("boolean",), "tinyint": ("byte",), **dict.fromkeys(INTEGERS[1:], ("byte", "short", "int", "long")),
    "real": ("float",), "double": ("float", "double"), "decimal": ("decimal",), "varchar": ("string", "varchar", "char"),
    "char": ("string", "varchar", "char"), "varbinary": ("binary",), "date": ("date",),
    "timestamp": ("timestamp", "timestamp with local time zone"), "array": ("list",), "map": ("map",), "row": ("struct",),
}  # fmt: skip


def read_orc(files: FileSet) -> Source:
    """Needed columns of every stripe; bytes counted are those of their data streams."""
    copies, scanned = Copy(files), 0
    by_name = files.parameters.get("orc.column.index.access", "true").strip().lower() == "false"
    for one in files.objects:
        tail = _tail(one)
        places = _places(files, tail, by_name, one)
        scanned += sum(tail.columns[place][2] for place in places.values())
        copies.add(_batches(files, one, places))
    return copies.source(scanned)


def _tail(one: Any) -> OrcTail:
    try:
        return orc_tail(str(one.path), one.etag)
    except (ValueError, KeyError, IndexError, OSError) as failure:
        text = f"Error opening Hive split s3://{one.bucket}/{one.key} (offset=0, length={one.size_bytes}): Malformed ORC file. {failure}"
        raise QueryFailure("HIVE_CANNOT_OPEN_SPLIT", text) from None


def _places(files: FileSet, tail: OrcTail, by_name: bool, one: Any) -> dict[str, int]:
    """Where the needed columns stand in this file; a column that is not there is NULL."""
    named = {name.lower(): index for index, (name, _, _) in enumerate(tail.columns)}
    found: dict[str, int] = {}
    for index, (name, kind) in enumerate(files.columns):
        place = named.get(name) if by_name else index if index < len(tail.columns) else None
        if name not in files.needed or place is None:
            continue
        if tail.columns[place][1] not in _FITS.get(kind.name, ()):
            text = (
                f"Malformed ORC file. Cannot read SQL type '{show(kind)}' from ORC stream '.{tail.columns[place][0]}' of type "
                f"{tail.columns[place][1].upper()} with attributes {{}} [s3://{one.bucket}/{one.key}]"
            )
            raise QueryFailure("HIVE_BAD_DATA", text)
        found[name] = place
    return found


def _batches(files: FileSet, one: Any, places: dict[str, int]) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import orc

    try:
        file = orc.ORCFile(str(one.path))
        order = sorted(set(places.values()))
        kinds = [(name, kind) for name, kind in files.columns if name in files.needed]
        for stripe in range(file.nstripes):
            batch = file.read_stripe(stripe, columns=order) if order else file.read_stripe(stripe, columns=[0])
            if not kinds:
                yield batch.num_rows
                continue
            arrays = [_array(batch, order, places.get(name), kind) for name, kind in kinds]
            yield pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in kinds])
    except (pa.ArrowException, OSError) as failure:
        raise QueryFailure("HIVE_BAD_DATA", f"Error reading file: s3://{one.bucket}/{one.key}: {failure}") from None


def _array(batch: Any, order: list[int], place: int | None, kind: Type) -> Any:
    import pyarrow as pa

    if place is None:
        return pa.nulls(batch.num_rows, arrow_type(kind))
    found = batch.column(order.index(place))
    if pa.types.is_timestamp(found.type) and found.type.tz is not None:
        found = found.cast(pa.timestamp(found.type.unit))
    return _renamed(found, kind).cast(arrow_type(kind), safe=False)


def _renamed(array: Any, kind: Type) -> Any:
    """The array with the fields of its structs called as the table calls them: Hive compares their names without case."""
    import pyarrow as pa

    if pa.types.is_struct(array.type) and kind.name == "row":
        wanted = {(name or "").lower(): (name, item) for name, item in zip(kind.fields, kind.items, strict=True)}
        fields = [array.type.field(index).name for index in range(array.type.num_fields)]
        pairs = [wanted.get(name.lower(), (name, None)) for name in fields]
        parts = [
            part if item is None else _renamed(part, item)
            for part, (_, item) in zip(array.flatten(), pairs, strict=True)
        ]
        return pa.StructArray.from_arrays(parts, names=[name for name, _ in pairs], mask=array.is_null())
    if pa.types.is_list(array.type) and kind.name == "array" and array.offset == 0:
        values = _renamed(array.values, kind.items[0])
        return pa.ListArray.from_arrays(array.offsets, values, mask=array.is_null())
    return array

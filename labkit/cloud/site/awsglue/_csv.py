"""CSV read: by Spark's own reader wherever it understands the format, else by rows taken apart in Python."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns
from ._csv_format import CsvFormat
from ._csv_rows import Row, data_rows, parse_rows, to_batches
from ._files import InputFile, open_file, read_start
from ._keys import NO_KEYS, Keys
from ._logger import GlueLogger
from ._paths import literal
from ._unpacked import decode, each_file, is_packed, needs_unpacking, packing_of, unpack, unpack_start, whole_files

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_START_BYTES = 1 << 16
_SAMPLE_ROWS = 200
_READ_BYTES = 8 << 20
_LISTERS = 8
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What Spark's parser gives for a bare empty cell, which is null; with its default a quoted one would be null too.
_NO_VALUE = "\x00"


@dataclass(frozen=True)
class CsvFiles:
    """Files, how they are written, and how those without a telling name are compressed ("" for not)."""

    files: tuple[InputFile, ...]
    form: CsvFormat
    compression: str = ""

    @property
    def paths(self) -> list[str]:
        return [file.path for file in self.files]

    @property
    def needs_python(self) -> bool:
        """True for what Spark's reader does not know: Glue's escaper, several lines to skip, unnamed compression."""
        unknown = self.form.escaper is not None or self.form.lines_before_data > 1
        return unknown or needs_unpacking(self.files, self.compression)


def _holds(file: InputFile, letter: bytes) -> bool:
    with open_file(file) as stream:
        while chunk := stream.read(_READ_BYTES):
            if letter in chunk:
                return True
    return False


def without_idle_escaper(source: CsvFiles) -> CsvFiles:
    """The same files without the escaper when none of them holds that letter: Spark can read those."""
    letter = source.form.escaper
    if letter is None or any(is_packed(file.path) for file in source.files) or source.compression:
        return source
    if any(_holds(file, letter.encode()) for file in source.files):
        return source
    return replace(source, form=replace(source.form, escaper=None))


def _first_rows(source: CsvFiles, file: InputFile) -> list[Row]:
    """The first rows of a file, the header included."""
    start = unpack_start(read_start(file, _START_BYTES), packing_of(file.path, source.compression))
    if start.startswith(_UTF_16):
        raise ValueError(f"{file.path} is UTF-16; Glue reads UTF-8. Convert it: iconv -f utf-16 -t utf-8.")
    text = decode(start)
    cut = file.size_bytes > _START_BYTES or is_packed(file.path)
    rows = list(islice(parse_rows(text, source.form), _SAMPLE_ROWS))
    whole = len(rows) == 1 or not cut or len(rows) == _SAMPLE_ROWS
    return rows if whole else rows[:-1]  # the last of a cut text may be half a row


def distinct_names(cells: Sequence[str | None]) -> list[str]:
    """Column names of a header line: a blank one is named by its place, a repeated one gets a number.

    Spark does not tell `Id` and `id` apart, so they count as the same name.
    """
    names: list[str] = []
    for place, cell in enumerate(cells):
        wanted = cell if cell and cell.strip() else f"col{place}"
        name, number = wanted, 0
        while name.lower() in (other.lower() for other in names):
            number += 1
            name = f"{wanted}_{number}"
        names.append(name)
    return names


def _names_of(source: CsvFiles, file: InputFile) -> tuple[str, ...]:
    rows = _first_rows(source, file)
    if not rows:
        return ()
    if source.form.with_header:
        found = distinct_names(rows[0])
        changed = [name for name, cell in zip(found, rows[0], strict=True) if name != cell]
        if changed:
            GlueLogger().warn(f"The header of {file.path} has blank or repeated names; those columns are {changed}.")
        return tuple(found)
    return tuple(f"col{place}" for place in range(max(map(len, rows))))


def _read_by_spark(spark: SparkSession, source: CsvFiles, names: Sequence[str], keys: Keys) -> DataFrame:
    from pyspark.sql.types import StringType, StructField, StructType

    form = source.form
    fields = [StructField(name, StringType()) for name in names]
    reader = (
        spark.read.schema(StructType([*fields, *(keys.spark_fields if keys.base_path else ())]))
        .options(**keys.read_options)
        .option("sep", form.separator)
        .option("quote", form.quote or "")
        .option("escape", form.quote or "\\")
        .option("header", form.lines_before_data == 1)
        .option("multiLine", form.multi_line)
        .option("nullValue", _NO_VALUE)
    )
    return keys.add_to(reader.csv([literal(path) for path in source.paths]))


def _read_by_python(spark: SparkSession, source: CsvFiles, names: Sequence[str], keys: Keys) -> DataFrame:
    from pyspark.sql.types import StringType, StructField, StructType

    form, compression, width = source.form, source.compression, len(names)

    def over_files(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            kinds = [batch.column(place).type for place in range(2, batch.num_columns)]
            for path, content, values in each_file([batch]):
                text = decode(unpack(content, packing_of(path, compression)))
                yield from to_batches(data_rows(text, form), width, list(zip(values, kinds, strict=True)))

    schema = StructType([*(StructField(name, StringType()) for name in names), *keys.spark_fields])
    return whole_files(spark, source.files, keys).mapInArrow(over_files, schema)


def read_strings(spark: SparkSession, source: CsvFiles, names: Sequence[str], keys: Keys = NO_KEYS) -> DataFrame:
    """All columns as strings, by position, then the partition keys."""
    read = _read_by_python if source.needs_python else _read_by_spark
    return read(spark, source, names, keys)


def read_untyped(spark: SparkSession, source: CsvFiles) -> Columns | None:
    """CSV without a catalog table: string columns named by each file's own header, or col0, col1 …

    Files with different headers are matched by name. None when there is no line at all.
    """
    filled = [file for file in source.files if file.size_bytes]
    with ThreadPoolExecutor(_LISTERS) as pool:
        headers = list(pool.map(lambda file: _names_of(source, file), filled))
    by_names: dict[tuple[str, ...], list[InputFile]] = {}
    for file, names in zip(filled, headers, strict=True):
        if names:
            by_names.setdefault(names, []).append(file)
    df: DataFrame | None = None
    for header, files in by_names.items():
        part = read_strings(spark, without_idle_escaper(replace(source, files=tuple(files))), header)
        df = part if df is None else df.unionByName(part, allowMissingColumns=True)
    if df is None:
        return None
    return Columns(df, glue.StructType([glue.Field(name, glue.StringType()) for name in df.columns]))

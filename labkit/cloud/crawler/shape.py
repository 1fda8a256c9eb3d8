"""What the crawler learned about one file, or about several files that belong together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from labkit.cloud.crawler.hive_types import Column, merge_columns

UNKNOWN = "UNKNOWN"
_GENERATED_NAME = re.compile(r"col\d+")
# AWS documents "similar schema" without a number; 70 % is what its support articles quote.
SIMILARITY = 0.7
# Built-in CSV classifier: "at least two columns and two rows of data".
MIN_CSV_ROWS = 2


@dataclass(frozen=True)
class CsvLayout:
    """How a delimited file is cut; ``serde`` is ``LazySimpleSerDe`` or ``OpenCSVSerDe``."""

    delimiter: str
    quote: str = '"'
    has_header: bool = False
    quoted: bool = False
    serde: str = "LazySimpleSerDe"


@dataclass(frozen=True)
class JsonLayout:
    """``paths``: the keys as the file spells them; ``json_path``: of the custom classifier, or empty."""

    paths: tuple[str, ...]
    json_path: str = ""


@dataclass(frozen=True)
class AvroLayout:
    """The Avro schema of the file, as JSON text."""

    schema: str


@dataclass(frozen=True)
class GrokLayout:
    """The grok pattern that reads a line, and the custom patterns it needs."""

    pattern: str
    custom: str = ""


@dataclass(frozen=True)
class XmlLayout:
    """The tag of the elements that are rows."""

    row_tag: str


Layout = CsvLayout | JsonLayout | AvroLayout | GrokLayout | XmlLayout | None


@dataclass(frozen=True)
class FileShape:
    """Classification, columns and statistics of one file or of a merged group.

    ``record_count`` is true for Parquet, ORC and Avro and an estimate otherwise; ``average_record_size`` is in bytes.
    ``sample_rows`` counts the data rows seen; ``enough`` is False for CSV with too few rows to be sure it is one.
    """

    classification: str
    columns: tuple[Column, ...] = ()
    compression: str = "none"
    layout: Layout = None
    record_count: int = 0
    average_record_size: int = 0
    sample_rows: int = 0
    enough: bool = True
    note: str = ""


def same_format(left: FileShape, right: FileShape) -> bool:
    """Whether one SerDe and one input format read both: classification, compression and delimiter agree."""
    if (left.classification, left.compression) != (right.classification, right.compression):
        return False
    if isinstance(left.layout, CsvLayout) and isinstance(right.layout, CsvLayout):
        return left.layout.delimiter == right.layout.delimiter and left.layout.serde == right.layout.serde
    if isinstance(left.layout, JsonLayout) and isinstance(right.layout, JsonLayout):
        return left.layout.json_path == right.layout.json_path
    if isinstance(left.layout, (GrokLayout, XmlLayout)):
        return left.layout == right.layout
    return True


def similar(left: FileShape, right: FileShape, lenient: bool) -> bool:
    """Whether two shapes may be one table.

    ``lenient`` compares with the smaller schema (files side by side, Hive partitions: a new column is evolution),
    otherwise with the larger one (sibling folders: a subset may well be another table).
    """
    if not same_format(left, right):
        return False
    if not (left.enough and right.enough):
        return len(left.columns) == len(right.columns)
    if left.classification == UNKNOWN:
        return True
    return _overlap(left.columns, right.columns, lenient) >= SIMILARITY


def merge_shapes(shapes: Sequence[FileShape]) -> FileShape:
    """Merge shapes that belong together: union of columns, sums of counts, mean of record sizes."""
    sure = [shape for shape in shapes if shape.enough] or _with_most_common_header(shapes)
    rows = sum(shape.sample_rows for shape in shapes)
    return replace(
        sure[0],
        columns=merge_columns(shape.columns for shape in sure),
        layout=_merge_layouts([shape.layout for shape in sure]),
        record_count=sum(shape.record_count for shape in shapes),
        average_record_size=sum(shape.average_record_size for shape in shapes) // len(shapes),
        sample_rows=rows,
        enough=any(shape.enough for shape in shapes) or rows >= MIN_CSV_ROWS,
    )


def settle(shape: FileShape) -> FileShape:
    """Return the shape to publish: a CSV too short to be sure of is UNKNOWN, without columns, as on AWS."""
    if shape.enough:
        return shape
    return replace(shape, classification=UNKNOWN, columns=(), layout=None, enough=True)


def _with_most_common_header(shapes: Sequence[FileShape]) -> list[FileShape]:
    headed = [shape for shape in shapes if isinstance(shape.layout, CsvLayout) and shape.layout.has_header]
    return headed or list(shapes)


def _merge_layouts(layouts: Sequence[Layout]) -> Layout:
    first = layouts[0]
    if isinstance(first, JsonLayout):
        paths = dict.fromkeys(p for layout in layouts if isinstance(layout, JsonLayout) for p in layout.paths)
        return replace(first, paths=tuple(sorted(paths)))
    if isinstance(first, CsvLayout):
        quoted = any(isinstance(layout, CsvLayout) and layout.quoted for layout in layouts)
        return replace(first, quoted=quoted)
    if isinstance(first, AvroLayout):
        return max((layout for layout in layouts if isinstance(layout, AvroLayout)), key=lambda a: len(a.schema))
    return first


def _overlap(left: tuple[Column, ...], right: tuple[Column, ...], lenient: bool) -> float:
    if not left or not right:
        return 1.0 if left == right else 0.0
    if _generated(left) or _generated(right):
        # col0, col1 … say nothing: compare the types by position instead.
        equal = sum(1 for one, other in zip(left, right, strict=False) if one == other)
        return equal / max(len(left), len(right))
    common = len({c.name for c in left} & {c.name for c in right})
    return common / (min if lenient else max)(len(left), len(right))


def _generated(columns: tuple[Column, ...]) -> bool:
    return all(_GENERATED_NAME.fullmatch(column.name) for column in columns)

"""The samples of notebook 8: a student's sales as they are, many times over in one file, in many files, and as Parquet."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

# Large enough to take visible time, small enough for a minute of class: the twelve months alone are about 0.6 MB.
TARGET_BYTES = 8_000_000
PIECES = 24
_DONE = "complete"


@dataclass(frozen=True)
class Sample:
    """One set of files with the same columns. `rows_bytes` is the size of its rows as CSV, whatever the format of the files."""

    name: str
    format: str
    paths: tuple[Path, ...]
    rows_bytes: int

    @property
    def size_bytes(self) -> int:
        return sum(path.stat().st_size for path in self.paths)

    @property
    def rows_mb(self) -> float:
        return self.rows_bytes / 1e6


def compute_copies(sales: Sequence[Path]) -> int:
    """How many times the months stand in the large samples."""
    return max(1, math.ceil(TARGET_BYTES / sum(path.stat().st_size for path in sales)))


def write_samples(sales: Sequence[Path], folder: Path) -> tuple[Sample, ...]:
    """Write the samples beside each other (once) and describe them: `months`, `csv`, `files` and `parquet`.

    `csv`, `files` and `parquet` hold the same rows. `sales` are the monthly files, all with the same header.
    """
    texts = [path.read_bytes() for path in sales]
    header = texts[0].partition(b"\n")[0] + b"\n"
    body = b"".join(_end_line(text.partition(b"\n")[2]) for text in texts)
    copies = compute_copies(sales)
    large = folder / "csv" / "sales.csv"
    pieces = tuple(folder / "files" / f"sales-{number:02d}.csv" for number in range(PIECES))
    parquet = folder / "parquet" / "sales.parquet"
    if not (folder / _DONE).exists():
        for path in (large, pieces[0], parquet):
            path.parent.mkdir(parents=True, exist_ok=True)
        large.write_bytes(header + body * copies)
        for path, lines in zip(pieces, _cut(body * copies, PIECES), strict=True):
            path.write_bytes(header + lines)
        _write_parquet(large, parquet)
        (folder / _DONE).touch()
    size = len(body) * copies
    return (
        Sample("months", "csv", tuple(sales), len(body)),
        Sample("csv", "csv", (large,), size),
        Sample("files", "csv", pieces, size),
        Sample("parquet", "parquet", (parquet,), size),
    )


def _end_line(text: bytes) -> bytes:
    return text if not text or text.endswith(b"\n") else text + b"\n"


def _cut(body: bytes, pieces: int) -> Iterator[bytes]:
    lines = body.splitlines(keepends=True)
    each = math.ceil(len(lines) / pieces)
    for number in range(pieces):
        yield b"".join(lines[number * each : (number + 1) * each])


def _write_parquet(source: Path, target: Path) -> None:
    """All columns as text, as they stand in the CSV: the samples differ in format only."""
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    with source.open(encoding="utf-8") as file:
        names = file.readline().rstrip("\r\n").split(",")
    texts = pyarrow.csv.ConvertOptions(column_types={name: pyarrow.string() for name in names})
    pyarrow.parquet.write_table(pyarrow.csv.read_csv(source, convert_options=texts), target)

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet
import pytest

from labkit.data.samples import PIECES, Sample, write_samples

HEADER = "id,canal,cantidad,precio\n"


@pytest.fixture
def sales(tmp_path: Path) -> list[Path]:
    """Two months; the first one ends without a line break, and a price has a comma in it."""
    first, second = tmp_path / "ventas_1.csv", tmp_path / "ventas_2.csv"
    first.write_text(HEADER + 'V1,teléfono,2,"12,95"\nV2,web,dos,3', encoding="utf-8")
    second.write_text(HEADER + "V3,web,,1\n" * 50_000, encoding="utf-8")
    return [first, second]


def by_name(samples: tuple[Sample, ...]) -> dict[str, Sample]:
    return {sample.name: sample for sample in samples}


def test_the_large_samples_hold_the_same_rows(sales: list[Path], tmp_path: Path) -> None:
    found = by_name(write_samples(sales, tmp_path / "out"))
    rows = found["csv"].paths[0].read_text(encoding="utf-8").splitlines()
    pieces = [path.read_text(encoding="utf-8").splitlines() for path in found["files"].paths]
    assert len(pieces) == PIECES
    assert all(piece[0] + "\n" == HEADER for piece in pieces)
    assert [line for piece in pieces for line in piece[1:]] == rows[1:]
    table = pyarrow.parquet.read_table(found["parquet"].paths[0])
    assert table.num_rows == len(rows) - 1
    assert table.slice(0, 2).to_pylist() == [
        {"id": "V1", "canal": "teléfono", "cantidad": "2", "precio": "12,95"},
        {"id": "V2", "canal": "web", "cantidad": "dos", "precio": "3"},
    ]


def test_sizes_are_those_of_the_rows_whatever_the_format(sales: list[Path], tmp_path: Path) -> None:
    found = by_name(write_samples(sales, tmp_path / "out"))
    assert found["csv"].rows_bytes == found["files"].rows_bytes == found["parquet"].rows_bytes > 8_000_000
    assert found["parquet"].size_bytes < found["parquet"].rows_bytes
    assert found["csv"].size_bytes == found["csv"].rows_bytes + len(HEADER)
    assert found["months"].paths == tuple(sales)


def test_samples_are_written_once(sales: list[Path], tmp_path: Path) -> None:
    first = write_samples(sales, tmp_path / "out")
    stamp = by_name(first)["csv"].paths[0].stat().st_mtime_ns
    assert write_samples(sales, tmp_path / "out") == first
    assert by_name(first)["csv"].paths[0].stat().st_mtime_ns == stamp

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from labkit.checks.truth import Truth, find_reason, parse_date, parse_number
from labkit.data.student import compute_seed, find_data
from labkit.lab_files import find_lab_file
from labkit.settings import read_settings


@pytest.mark.parametrize(
    ("fecha", "cantidad", "reason"),
    [
        ("2024-01-15", "2", ""),
        ("2024-01-15T10:22:00", " 2 ", ""),
        ("2024-01-15", "0,5", ""),
        ("", "2", "fecha_vacia"),
        ("15/01/2024", "2", "fecha_no_valida"),
        ("2024-02-30", "2", "fecha_no_valida"),
        ("2024-13-01", "2", "fecha_no_valida"),
        ("2024-01-15", "", "cantidad_vacia"),
        ("2024-01-15", "dos", "cantidad_no_numerica"),
        ("2024-01-15", "3 uds", "cantidad_no_numerica"),
        ("2024-01-15", "0", "cantidad_no_positiva"),
        ("2024-01-15", "-3", "cantidad_no_positiva"),
        ("2024-13-01", "-3", "fecha_no_valida"),
    ],
)
def test_the_reason_is_that_of_the_job(fecha: str, cantidad: str, reason: str) -> None:
    assert find_reason({"fecha": fecha, "cantidad": cantidad}) == reason


def test_dates_and_numbers() -> None:
    assert parse_date("2024-02-29 10:00") == date(2024, 2, 29)
    assert parse_number("1,234") is None
    assert parse_number("12,95") == 12.95


def test_every_student_has_other_data_and_always_the_same(tmp_path: Path) -> None:
    ana, again, luis = (
        Truth(read_settings({"LABKIT_STUDENT": name, "LABKIT_STATE": str(tmp_path / place)}, tmp_path))
        for name, place in (("Ana Núñez", "a"), ("  ana  NÚÑEZ", "b"), ("Luis", "c"))
    )
    assert ana.sales == again.sales
    assert len(ana.sales) != len(luis.sales)
    assert len(ana.rejected) / len(ana.sales) != len(luis.rejected) / len(luis.sales)
    assert len(ana.sales_files) == 12
    assert not (ana.folder / "README.md").exists()


def test_without_a_student_the_data_are_those_of_the_clone(tmp_path: Path) -> None:
    settings = read_settings({}, tmp_path)
    assert find_data(settings).resolve() == find_lab_file("data").resolve()
    assert compute_seed("ana") != compute_seed("")


def test_half_a_data_set_is_written_again(tmp_path: Path) -> None:
    settings = read_settings({"LABKIT_STUDENT": "ana", "LABKIT_STATE": str(tmp_path)}, tmp_path)
    folder = find_data(settings)
    (folder / "complete").unlink()
    (folder / "ventas_2024_01.csv").write_text("cut sh")
    assert len((find_data(settings) / "ventas_2024_01.csv").read_text()) > 1000

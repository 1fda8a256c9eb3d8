from __future__ import annotations

import csv
import gzip
from typing import TYPE_CHECKING

import pytest

from labkit.errors import DataError, UsageError
from labkit.run.columns import build_columns, build_job_arguments, parse_columns
from labkit.run.source import convert_to_utf8, inspect_csv, match_columns

if TYPE_CHECKING:
    from pathlib import Path

NEEDED = ("fecha", "cantidad")


def write(folder: Path, body: bytes, name: str = "v.csv") -> Path:
    path = folder / name
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [(b"fecha,cantidad", ","), (b"fecha;cantidad", ";"), (b"fecha\tcantidad", "\t"), (b"fecha|cantidad", "|")],
)
def test_the_separator_is_found(tmp_path: Path, header: bytes, delimiter: str) -> None:
    found = inspect_csv(write(tmp_path, header + b"\n2024-01-01" + delimiter.encode() + b"1\n"))
    assert (found.delimiter, found.columns, found.encoding) == (delimiter, NEEDED, "utf-8")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "vac"),
        (b"\n\n", "cabecera"),
        (b"fecha,cantidad\n", "ninguna fila"),
        (b"fecha,cantidad\n\n  \n", "ninguna fila"),
        (b"fecha\n2024-01-01\n", "una sola columna"),
        ("fecha,cantidad\n1,2\n".encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04rest", "Excel"),
        (gzip.compress(b"fecha,cantidad\n1,2\n", mtime=0), "gzip"),
        (b"fecha,cantidad\n1,\x00\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, body: bytes, said: str) -> None:
    with pytest.raises(DataError) as caught:
        inspect_csv(write(tmp_path, body))
    assert said in str(caught.value)
    assert "v.csv" in caught.value.what
    assert caught.value.next_step


def test_a_missing_file_and_a_folder_are_not_files(tmp_path: Path) -> None:
    for path in (tmp_path / "nada.csv", tmp_path):
        with pytest.raises(DataError, match="No existe"):
            inspect_csv(path)


def test_missing_columns_are_named_with_those_found(tmp_path: Path) -> None:
    found = inspect_csv(write(tmp_path, b"dia,cantidad,x\n1,2,3\n"))
    with pytest.raises(DataError) as caught:
        match_columns(found, {}, NEEDED)
    assert caught.value.what.endswith("faltan columnas: fecha")
    assert "dia, cantidad, x" in caught.value.cause
    with pytest.raises(DataError, match="order_date"):
        match_columns(found, {"fecha": "order_date"}, NEEDED)


def test_columns_are_found_whatever_their_case(tmp_path: Path) -> None:
    found = inspect_csv(write(tmp_path, b' Fecha ,"QTY"\n1,2\n'))
    assert match_columns(found, {"cantidad": "qty"}, NEEDED) == {"fecha": "Fecha", "cantidad": "QTY"}


def test_latin1_becomes_utf8_and_the_original_stays(tmp_path: Path) -> None:
    original = "fecha,cantidad,ciudad\n2024-01-01,1,Málaga €\n".encode("cp1252")
    found = inspect_csv(write(tmp_path, original))
    assert found.encoding == "cp1252"
    (tmp_path / "copia").mkdir()
    copy = convert_to_utf8(found, tmp_path / "copia")
    assert copy.read_text(encoding="utf-8").splitlines()[1] == "2024-01-01,1,Málaga €"
    assert found.path.read_bytes() == original


def test_a_byte_that_windows_does_not_know_is_latin1(tmp_path: Path) -> None:
    assert inspect_csv(write(tmp_path, b"fecha,cantidad,x\n1,2,\xe1\x81\n")).encoding == "latin-1"


def test_a_letter_cut_by_the_reading_piece_is_still_utf8(tmp_path: Path) -> None:
    body = b"fecha,cantidad,n\n1,2," + b"x" * ((1 << 20) - 22) + "ñ".encode() * 1000 + b"\n"
    assert inspect_csv(write(tmp_path, body)).encoding == "utf-8"


def test_a_bom_is_no_part_of_the_first_name(tmp_path: Path) -> None:
    found = inspect_csv(write(tmp_path, b"\xef\xbb\xbffecha,cantidad\n1,2\n"))
    assert (found.encoding, found.columns) == ("utf-8-sig", NEEDED)
    (tmp_path / "copia").mkdir()
    assert convert_to_utf8(found, tmp_path / "copia").read_bytes() == b"fecha,cantidad\n1,2\n"


def test_lines_and_headers_of_ten_megabytes_are_read(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    found = inspect_csv(write(tmp_path, b'fecha,cantidad,"' + b"x" * 10_000_000 + b'"\n1,2,3\n'))
    assert found.columns[:2] == NEEDED
    assert csv.field_size_limit() == before


def test_columns_are_pairs() -> None:
    assert parse_columns("fecha=order date, cantidad=qty,") == {"fecha": "order date", "cantidad": "qty"}
    assert parse_columns("") == {}


@pytest.mark.parametrize(
    ("value", "said"), [("fecha", "fecha"), ("=x", "=x"), ("foo=x", "foo"), ("fecha=a,fecha=b", "dos veces")]
)
def test_columns_that_are_no_pairs_are_refused(value: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        parse_columns(value)
    assert caught.value.exit_code == 2


def test_the_job_hears_the_names_as_the_catalog_spells_them() -> None:
    columns = build_columns({"fecha": "Order_Date", "cantidad": "QTY", "precio_unitario": "Price"})
    assert build_job_arguments(columns) == {"--columns": "fecha=order_date,cantidad=qty", "--types": "price=double"}
    assert "--types" not in build_job_arguments(build_columns({"fecha": "a", "cantidad": "b"}))

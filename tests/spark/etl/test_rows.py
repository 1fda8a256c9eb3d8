"""sales_etl.py's functions on DataFrames: which rows are kept, what becomes of their values, and why the others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etl.sales_etl import _SESSION, REASONS, accepted_sales, build_options, judge_sales, split_sales

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")]

OPTIONS = build_options({}, {})
SCHEMA = "id_venta string, fecha string, cantidad string, precio_unitario string"


# What is no date, and the reason it gives.
NO_DATES = {
    None: "fecha_vacia",
    "": "fecha_vacia",
    "ayer": "fecha_no_valida",
    "2024-02-30": "fecha_no_valida",
    "2024-13-01": "fecha_no_valida",
    "15/01/2024": "fecha_no_valida",
    "2024": "fecha_no_valida",
    "2024-01": "fecha_no_valida",
    "10:30:00": "fecha_no_valida",
    "45231": "fecha_no_valida",
    "2024-01-15 mal": "fecha_no_valida",
    "0202-01-15": "fecha_fuera_de_rango",
    "9999-12-31": "fecha_fuera_de_rango",
}
DATES = {
    "2024-01-15": "2024-01-15 00:00:00.000000",
    "2017-01-01 11:53:26": "2017-01-01 11:53:26.000000",
    "2024-01-15T10:22:00": "2024-01-15 10:22:00.000000",
    "2024-12-31T23:59:59Z": "2024-12-31 23:59:59.000000",
    "2024-2-9": "2024-02-09 00:00:00.000000",
    "2024-02-29 00:00:00.123456": "2024-02-29 00:00:00.123456",
}
QUANTITIES = ("1", "2.5", "0.001", "1e3", "1,5", "+7", "12,95")
NO_QUANTITIES = {
    None: "cantidad_vacia",
    "": "cantidad_vacia",
    "0": "cantidad_no_positiva",
    "0.0": "cantidad_no_positiva",
    "-3": "cantidad_no_positiva",
    "-1e30": "cantidad_no_numerica",
    "dos": "cantidad_no_numerica",
    "3 uds": "cantidad_no_numerica",
    "3d": "cantidad_no_numerica",
    "3F": "cantidad_no_numerica",
    "NaN": "cantidad_no_numerica",
    "Infinity": "cantidad_no_numerica",
    "1e308": "cantidad_no_numerica",
    "1,234": "cantidad_no_numerica",
    "1.234,56": "cantidad_no_numerica",
}


@pytest.fixture(autouse=True)
def session(spark: SparkSession) -> None:
    """What run() sets for every job."""
    for name, value in _SESSION.items():
        spark.conf.set(name, value)


def build_rows(spark: SparkSession, *rows: tuple[str | None, ...]) -> DataFrame:
    return spark.createDataFrame([(f"V{number}", *row) for number, row in enumerate(rows)], SCHEMA)


def test_a_date_becomes_a_timestamp_a_year_and_a_month(spark: SparkSession) -> None:
    accepted, _ = split_sales(build_rows(spark, *((text, "1", "2.5") for text in DATES)), OPTIONS)
    kinds = dict(accepted.dtypes)
    assert (kinds["fecha"], kinds["año"], kinds["mes"]) == ("timestamp", "int", "int")
    rows = accepted.selectExpr(
        "id_venta", "date_format(fecha, 'yyyy-MM-dd HH:mm:ss.SSSSSS') AS text", "`año`", "mes"
    ).collect()
    found = {int(row.id_venta[1:]): (row.text, row["año"], row.mes) for row in rows}
    assert [found[number] for number in range(len(DATES))] == [
        (text, int(text[:4]), int(text[5:7])) for text in DATES.values()
    ]


def test_what_is_no_date_is_a_reason(spark: SparkSession) -> None:
    judged = judge_sales(build_rows(spark, *((text, "1", "1.0") for text in NO_DATES)), OPTIONS)
    assert {row.fecha: row.motivo for row in judged.collect()} == NO_DATES


def test_a_positive_number_is_kept_and_anything_else_is_a_reason(spark: SparkSession) -> None:
    texts = [*QUANTITIES, *NO_QUANTITIES]
    judged = judge_sales(build_rows(spark, *(("2024-01-15", text, "1.0") for text in texts)), OPTIONS)
    assert {row.cantidad: row.motivo for row in judged.collect()} == {**dict.fromkeys(QUANTITIES), **NO_QUANTITIES}


def test_a_row_is_either_accepted_or_rejected_and_keeps_its_text(spark: SparkSession) -> None:
    raw = build_rows(
        spark,
        ("2024-01-15", "2", "12,95"),
        ("ayer", "dos", "x"),
        (None, None, None),
        ("2024-01-15", "-1", "3"),
        ("2024-03-01", "1", "gratis"),
    )
    accepted, rejected = split_sales(raw, OPTIONS)
    assert sorted(row.id_venta for row in accepted.collect()) == ["V0", "V4"]
    assert {row.id_venta: (row.fecha, row.cantidad, row.motivo) for row in rejected.collect()} == {
        "V1": ("ayer", "dos", "fecha_no_valida"),
        "V2": (None, None, "fecha_vacia"),
        "V3": ("2024-01-15", "-1", "cantidad_no_positiva"),
    }
    assert rejected.columns == [*raw.columns, "motivo"]


@pytest.mark.slow
def test_prices_are_numbers_where_they_can_be(spark: SparkSession) -> None:
    accepted, _ = split_sales(build_rows(spark, ("2024-01-15", "2", "12,95"), ("2024-01-15", "1", "gratis")), OPTIONS)
    assert [row.precio_unitario for row in accepted.orderBy("id_venta").collect()] == [12.95, None]
    assert accepted.columns == ["id_venta", "fecha", "cantidad", "precio_unitario", "año", "mes"]


def test_broken_characters_are_a_reason(spark: SparkSession) -> None:
    raw = spark.createDataFrame([("2024-01-15", "1", "A Coru\ufffda")], "fecha string, cantidad string, ciudad string")
    (row,) = judge_sales(raw, OPTIONS).collect()
    assert row.motivo == "codificacion_no_valida"


@pytest.mark.slow
def test_one_more_date_format_can_be_asked_for(spark: SparkSession) -> None:
    options = build_options({"date_format": "dd/MM/yyyy"}, {})
    raw = build_rows(spark, ("15/01/2024", "1", "1"), ("2024-03-01", "1", "1"), ("32/01/2024", "1", "1"))
    accepted, rejected = split_sales(raw, options)
    assert sorted(row.mes for row in accepted.collect()) == [1, 3]
    assert [row.motivo for row in rejected.collect()] == ["fecha_no_valida"]


def test_other_names_and_odd_ones_work(spark: SparkSession) -> None:
    options = build_options({"columns": "fecha=transaction_timestamp,cantidad=cant. (uds)"}, {})
    raw = spark.createDataFrame(
        [("2017-01-01 11:53:26", "3", "a`b")], "transaction_timestamp string, `cant. (uds)` string, `x``y.z` string"
    )
    accepted = accepted_sales(judge_sales(raw, options), options)
    assert accepted.columns == ["transaction_timestamp", "cant. (uds)", "x`y.z", "año", "mes"]
    (row,) = accepted.collect()
    assert tuple(row)[1:] == (3.0, "a`b", 2017, 1)


def test_missing_columns_name_those_found(spark: SparkSession) -> None:
    raw = spark.createDataFrame([("1",)], "quantity string")
    with pytest.raises(ValueError, match="no column fecha, cantidad among quantity"):
        judge_sales(raw, OPTIONS)


def test_every_reason_can_happen() -> None:
    assert len(set(REASONS)) == len(REASONS) == 8

"""What sales_etl.py decides before any row is read: headers, arguments, places."""

from __future__ import annotations

import ast
import gzip
import sys
from pathlib import Path

import pytest

from etl.sales_etl import DEFAULTS, Header, build_header, build_options, check_columns, parse_header, parse_pairs

ETL = Path(__file__).parents[3] / "etl"


@pytest.mark.parametrize("name", ["sales_etl.py", "seed_job.py"])
def test_a_job_needs_only_what_glue_brings(name: str) -> None:
    tree = ast.parse((ETL / name).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    roots = {name.split(".")[0] for name in imported}
    assert roots - {"pyspark", "awsglue"} <= set(sys.stdlib_module_names)


def test_the_seeds_script_says_what_the_lab_says() -> None:
    """The code of the lab's text, where continuation lines are not indented as Python wants, is this file's code."""
    lab = (
        'source = glueContext.create_dynamic_frame.from_catalog( database="bsg_db", table_name="raw_sales" )',
        'df_clean = df.filter(df["cantidad"] > 0)',
        'df_final = df_clean \\ .withColumn("año", year("fecha")) \\ .withColumn("mes", month("fecha"))',
        '"path": "s3://bsg-data-processed/", "partitionKeys": ["año", "mes"]',
    )
    text = " ".join((ETL / "seed_job.py").read_text(encoding="utf-8").split())
    assert all(line in text for line in lab)


def test_a_header_is_read_whatever_separates_it() -> None:
    for separator in (",", ";", "\t", "|"):
        start = separator.join(("fecha", "cantidad", "canal")) + "\n2024-01-15" + separator + "1\n"
        assert parse_header(start.encode(), "UTF-8") == Header(("fecha", "cantidad", "canal"), separator)


@pytest.mark.parametrize(
    ("start", "columns"),
    [
        (b"\xef\xbb\xbffecha,cantidad\r\n", ("fecha", "cantidad")),
        (b"Fecha , CANTIDAD\n", ("fecha", "cantidad")),
        (b'"fecha","precio, con IVA","cantidad"\n', ("fecha", "precio, con iva", "cantidad")),
        (
            "fecha,año,mes,motivo,cantidad\n".encode(),
            ("fecha", "año_origen", "mes_origen", "motivo_origen", "cantidad"),
        ),
        (b"fecha,canal,canal,,cantidad,\n", ("fecha", "canal", "canal_2", "col3", "cantidad", "col5")),
        (b"fecha,cantidad", ("fecha", "cantidad")),
        (gzip.compress(b"fecha,cantidad\n" * 1000, mtime=0), ("fecha", "cantidad")),
    ],
)
def test_names_come_out_as_the_catalog_writes_them(start: bytes, columns: tuple[str, ...]) -> None:
    header = parse_header(start, "UTF-8")
    assert header is not None
    assert header.columns == columns


@pytest.mark.parametrize("start", [b"", b"\n\r\n", b"\xef\xbb\xbf"])
def test_nothing_is_no_header(start: bytes) -> None:
    assert parse_header(start, "UTF-8") is None


def test_latin_1_is_named_and_can_be_asked_for() -> None:
    start = "fecha,cantidad,población\n2024-01-15,1,A Coruña y alrededores\n".encode("latin-1")
    with pytest.raises(ValueError, match=r"byte f3 at position 22 is not UTF-8.*--encoding ISO-8859-1"):
        parse_header(start, "UTF-8")
    header = parse_header(start, "ISO-8859-1")
    assert header is not None
    assert header.columns[2] == "población"


def test_a_character_cut_by_the_end_of_the_sample_is_no_error() -> None:
    assert parse_header("fecha,cantidad\n2024-01-15,1,ñ".encode()[:-1], "UTF-8") == Header(("fecha", "cantidad"), ",")


def test_one_endless_line_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than 1 MB"):
        parse_header(b"x" * (1 << 20), "UTF-8")


def test_names_never_collide() -> None:
    columns = build_header(["mes", "mes_origen", "mes", "col3", ""], ",").columns
    assert len(set(columns)) == 5
    assert "mes" not in columns


def test_missing_columns_are_named_with_those_found() -> None:
    options = build_options({}, {})
    with pytest.raises(ValueError, match=r"no column fecha, cantidad among id, quantity\..*--columns"):
        check_columns(["id", "quantity"], options)


def test_without_arguments_the_labs_names_are_used() -> None:
    options = build_options({}, {})
    assert options.target == "s3://bsg-data-processed/sales/"
    assert options.rejected == "s3://bsg-data-processed/rejected_sales/"
    assert options.control == "s3://bsg-data-processed/_control/sales/"
    assert (DEFAULTS["database"], DEFAULTS["table"]) == ("bsg_db", "raw_sales")


def test_rejected_and_control_never_lie_in_the_target() -> None:
    for target in ("s3://b/sales", "s3://b/a/sales/", "/tmp/sales"):
        options = build_options({"target": target}, {})
        assert not options.rejected.startswith(options.target)
        assert not options.control.startswith(options.target)


def test_a_buckets_root_as_target_is_refused() -> None:
    """There is no place beside it, and rejected rows in it would be read as sales."""
    with pytest.raises(ValueError, match=r"s3://b/.*is a whole bucket.*s3://b/sales/"):
        build_options({"target": "s3://b/"}, {})


def test_columns_are_mapped_in_any_case() -> None:
    options = build_options(
        {"columns": "fecha=Transaction_Timestamp,cantidad=quantity"}, {"quantity": "bigint", "week": "int"}
    )
    assert (options.fecha, options.cantidad) == ("transaction_timestamp", "quantity")
    assert options.converted["transaction_timestamp"] == "timestamp"
    assert options.converted["quantity"] == "double"
    assert options.read_as == {"week": "int"}


def test_types_asked_for_come_before_the_catalogs() -> None:
    catalog = {"id": "bigint", "nombre": "string", "precio_unitario": "string", "tasa": "double", "alta": "date"}
    options = build_options({"types": "tasa=decimal(10,2),id=string"}, catalog)
    assert options.read_as == {}
    assert options.converted["tasa"] == "decimal(10,2)"
    assert options.converted["id"] == "string"
    assert options.converted["precio_unitario"] == "double"


@pytest.mark.parametrize("text", ["fecha", "fecha=", "=x", "fecha=a,,cantidad"])
def test_a_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="--columns takes name=value"):
        parse_pairs(text, "columns")


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(ValueError, match=r"not \['precio'\]"):
        build_options({"columns": "precio=price"}, {})

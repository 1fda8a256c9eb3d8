"""What tables mean: SerDes, hidden files, partitions, bytes scanned."""

from __future__ import annotations

import gzip
import io
from typing import Any

import pytest

from tests.unit.cloud.athena.fakes import Athena

SALES = "CREATE EXTERNAL TABLE ventas (id bigint, fecha date, cantidad int, precio double, nombre string) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' LOCATION 's3://data/ventas/' TBLPROPERTIES ('skip.header.line.count'='1')"  # noqa: E501


def parquet(**columns: Any) -> bytes:
    import pyarrow
    from pyarrow import parquet as writer

    out = io.BytesIO()
    writer.write_table(pyarrow.table(columns), out)
    return out.getvalue()


def test_lazysimple_converts_as_hive_does(athena: Athena) -> None:
    athena.put(
        "ventas/a.csv",
        'id,fecha,cantidad,precio,nombre\n1,2024-01-05,3,2.5,ana\n2,05/01/2024,x,1.5,"q,a"\n'
        "3,2024-02-01,1.5,,\n4\n5,2024-02-02, 8,1e2,b,more\n\\N,\\N,\\N,\\N,\\N\n",
    )
    athena.ok(SALES)
    assert athena.ok("SELECT * FROM ventas") == [
        ["1", "2024-01-05", "3", "2.5", "ana"],
        ["2", None, None, "1.5", '"q'],
        ["3", "2024-02-01", "1", None, ""],
        ["4", None, None, None, None],
        ["5", "2024-02-02", None, "100.0", "b"],
        [None, None, None, None, None],
    ]


def test_a_blank_line_is_a_row(athena: Athena) -> None:
    athena.put("ventas/a.csv", "h\n1,2024-01-05,3,2.5,ana\n\n2,2024-01-05,3,2.5,ana\n")
    athena.ok(SALES)
    assert athena.ok("SELECT id FROM ventas") == [["1"], [None], ["2"]]
    assert athena.ok("SELECT count(*) FROM ventas") == [["3"]]


def test_latin_1_bytes_become_replacement_characters(athena: Athena) -> None:
    athena.put("ventas/a.csv", b"h\n1,2024-01-05,3,2.5,Pe\xf1a\n")
    athena.ok(SALES)
    assert athena.ok("SELECT nombre FROM ventas") == [["Pe\ufffda"]]


def test_a_line_of_ten_megabytes_is_read(athena: Athena) -> None:
    athena.put("ventas/a.csv", "h\n1,2024-01-05,3,2.5," + "x" * 10_000_000 + "\n")
    athena.ok(SALES)
    assert athena.ok("SELECT length(nombre) FROM ventas") == [["10000000"]]


def test_hidden_and_empty_files_are_not_read(athena: Athena) -> None:
    for key in ("ventas/_SUCCESS", "ventas/.part", "ventas/_temporary/x.csv"):
        athena.put(key, "h\n9,,,,\n")
    athena.put("ventas/", "")
    athena.put("ventas/sub/a.csv", "h\n1,,,,\n")
    athena.put("ventas2/a.csv", "h\n7,,,,\n")
    athena.ok(SALES)
    assert athena.ok("SELECT id FROM ventas") == [["1"]]


def test_a_location_that_is_one_file_has_no_rows(athena: Athena) -> None:
    athena.put("ventas/a.csv", "h\n1,,,,\n")
    athena.ok(SALES)
    athena.services.glue.tables["db", "ventas"]["StorageDescriptor"]["Location"] = "s3://data/ventas/a.csv"
    assert athena.ok("SELECT * FROM ventas") == []


def test_an_empty_location_has_no_rows_and_a_missing_bucket_fails(athena: Athena) -> None:
    athena.ok(SALES)
    assert athena.ok("SELECT count(*) FROM ventas") == [["0"]]
    athena.services.glue.tables["db", "ventas"]["StorageDescriptor"]["Location"] = "s3://no-such-bucket/ventas/"
    assert "NoSuchBucket" in athena.fails("SELECT * FROM ventas")


def test_gzip_text_is_read_and_counted_as_stored(athena: Athena) -> None:
    packed = gzip.compress(b"h\n1,2024-01-05,3,2.5,ana\n" * 50)
    athena.put("ventas/a.csv.gz", packed)
    athena.ok(SALES)
    answer = athena.run("SELECT count(*) FROM ventas")
    assert (answer.rows, answer.scanned_bytes) == ([["99"]], len(packed))


def test_csv_scans_whole_files_whatever_the_columns(athena: Athena) -> None:
    body = "h\n" + "1,2024-01-05,3,2.5,ana\n" * 100
    athena.put("ventas/a.csv", body)
    athena.ok(SALES)
    assert athena.run("SELECT id FROM ventas").scanned_bytes == len(body)
    assert athena.run("SELECT count(*) FROM ventas").scanned_bytes == len(body)


def test_opencsv_reads_quotes_and_escapes(athena: Athena) -> None:
    athena.put("c/a.csv", 'id;n\n"1";"a;b"\n"2";"say \\"hi\\""\n"3";""\n')
    athena.ok(
        "CREATE EXTERNAL TABLE c (id int, n string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' WITH SERDEPROPERTIES ('separatorChar'=';') LOCATION "
        "'s3://data/c/' TBLPROPERTIES ('skip.header.line.count'='1')"
    )
    assert athena.ok("SELECT * FROM c ORDER BY id") == [["1", "a;b"], ["2", 'say "hi"'], ["3", ""]]


def test_opencsv_refuses_a_value_that_does_not_convert(athena: Athena) -> None:
    athena.put("c/a.csv", "x,a\n")
    athena.ok(
        "CREATE EXTERNAL TABLE c (id int, n string) ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.serde2.OpenCSVSerde' LOCATION 's3://data/c/'"
    )
    assert "HIVE_BAD_DATA: Error parsing field value 'x' for field 0" in athena.fails("SELECT id FROM c")
    assert athena.ok("SELECT n FROM c") == [["a"]]


def test_json_lines_by_name_whatever_the_case(athena: Athena) -> None:
    athena.put(
        "j/a.json", '{"ID": 1, "tags": ["a", "b"], "o": {"x": 5}, "extra": 1}\n{"id": 2}\n{"id": 3, "nombre": "ñ"}\n'
    )
    athena.ok(
        "CREATE EXTERNAL TABLE j (id bigint, nombre string, tags array<string>, o struct<x:int>) ROW FORMAT "
        "SERDE 'org.openx.data.jsonserde.JsonSerDe' LOCATION 's3://data/j/'"
    )
    assert athena.ok("SELECT id, nombre, tags, o.x FROM j ORDER BY id") == [
        ["1", None, "[a, b]", "5"],
        ["2", None, None, None],
        ["3", "ñ", None, None],
    ]


def test_a_line_that_is_not_json_fails_unless_told_to_ignore(athena: Athena) -> None:
    athena.put("j/a.json", '{"id": 1}\nnope\n')
    ddl = "CREATE EXTERNAL TABLE {} (id bigint) ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe' WITH SERDEPROPERTIES ('ignore.malformed.json'='{}') LOCATION 's3://data/j/'"  # noqa: E501
    athena.ok(ddl.format("strict", "false"))
    athena.ok(ddl.format("lenient", "true"))
    assert "HIVE_CURSOR_ERROR: Row is not a valid JSON Object" in athena.fails("SELECT id FROM strict")
    assert athena.ok("SELECT id FROM lenient") == [["1"], [None]]


PARQUET = "CREATE EXTERNAL TABLE p (id bigint, monto double, txt string, falta int) PARTITIONED BY (`año` string, mes string) STORED AS PARQUET LOCATION 's3://data/p/'"  # noqa: E501


@pytest.fixture
def partitioned(athena: Athena) -> Athena:
    for year, month in (("2023", "1"), ("2024", "2"), ("2024", "10")):
        body = parquet(Monto=[float(month), 0.5], ID=[1, 2], txt=["a" * 5000, "b"])
        athena.put(f"p/año={year}/mes={month}/part-0", body)
    athena.ok(PARQUET)
    return athena


def test_partitions_are_read_only_once_registered(partitioned: Athena) -> None:
    assert partitioned.ok("SELECT count(*) FROM p") == [["0"]]
    lines = partitioned.ok("MSCK REPAIR TABLE p")
    assert ["Repair: Added partition to metastore p:año=2023/mes=1"] in lines
    assert partitioned.ok("SELECT count(*) FROM p") == [["6"]]
    assert partitioned.ok("MSCK REPAIR TABLE p") == []
    assert partitioned.ok("SHOW PARTITIONS p") == [["año=2023/mes=1"], ["año=2024/mes=10"], ["año=2024/mes=2"]]


def test_parquet_columns_come_by_name_and_a_missing_one_is_null(partitioned: Athena) -> None:
    partitioned.ok("MSCK REPAIR TABLE p")
    rows = partitioned.ok("SELECT id, monto, falta, \"año\", mes FROM p WHERE mes = '10' ORDER BY id")
    assert rows == [["1", "10.0", None, "2024", "10"], ["2", "0.5", None, "2024", "10"]]


def test_bytes_scanned_are_the_needed_column_chunks_of_the_kept_partitions(partitioned: Athena) -> None:
    from pyarrow import parquet as reader

    partitioned.ok("MSCK REPAIR TABLE p")
    sizes = {}
    for one in partitioned.services.store.list("data", "p/"):
        group = reader.ParquetFile(one.path).metadata.row_group(0)
        for index in range(group.num_columns):
            column = group.column(index)
            sizes[one.key, column.path_in_schema] = column.total_compressed_size
    monto = [size for (key, name), size in sizes.items() if name == "Monto"]
    assert partitioned.run("SELECT sum(monto) FROM p").scanned_bytes == sum(monto)
    only = sizes["p/año=2023/mes=1/part-0", "Monto"]
    for sql in (
        "SELECT sum(monto) FROM p WHERE \"año\" = '2023'",
        "SELECT sum(monto) FROM (SELECT * FROM p) x WHERE x.\"año\" < '2024'",
        "WITH c AS (SELECT monto, \"año\" AS a FROM p) SELECT sum(monto) FROM c WHERE a IN ('2023')",
        "SELECT sum(monto) FROM p WHERE \"año\" || mes = '20231' AND monto > 0",
    ):
        extra = 0
        assert partitioned.run(sql).scanned_bytes == only + extra, sql
    assert partitioned.run("SELECT count(*) FROM p").scanned_bytes == 0


def test_pruning_never_changes_an_answer(partitioned: Athena) -> None:
    partitioned.ok("MSCK REPAIR TABLE p")
    assert partitioned.ok("SELECT count(*) FROM (SELECT * FROM p ORDER BY mes LIMIT 2) WHERE mes = '2'") == [["0"]]
    joined = "SELECT count(*) FROM (VALUES '1', 'x') v(m) LEFT JOIN p ON p.mes = v.m WHERE p.mes IS NULL"
    assert partitioned.ok(joined) == [["1"]]
    counted = "SELECT n FROM (SELECT mes, count(*) OVER () AS n FROM p) WHERE mes = '2'"
    assert partitioned.ok(counted) == [["6"], ["6"]]


def test_a_parquet_type_that_is_not_the_tables_is_bad_data(athena: Athena) -> None:
    athena.put("q/a", parquet(id=["x"], n=[1]))
    athena.ok("CREATE EXTERNAL TABLE q (id bigint, n bigint) STORED AS PARQUET LOCATION 's3://data/q'")
    assert (
        "HIVE_BAD_DATA: Field id's type BINARY in parquet file s3://data/q/a is incompatible with type bigint"
        in athena.fails("SELECT id FROM q")
    )
    assert athena.ok("SELECT n FROM q") == [["1"]]


def test_a_file_that_is_not_parquet_is_named(athena: Athena) -> None:
    athena.put("q/a.csv", "id\n1\n")
    athena.ok("CREATE EXTERNAL TABLE q (id bigint) STORED AS PARQUET LOCATION 's3://data/q'")
    assert "Not valid Parquet file: s3://data/q/a.csv expected magic number: PAR1" in athena.fails("SELECT id FROM q")


def test_orc_columns_come_by_position(athena: Athena) -> None:
    import pyarrow
    from pyarrow import orc

    out = io.BytesIO()
    orc.write_table(pyarrow.table({"x": [1, 2], "y": ["a", "b"]}), out)
    athena.put("o/a.orc", out.getvalue())
    athena.ok("CREATE EXTERNAL TABLE o (uno bigint, dos string, tres int) STORED AS ORC LOCATION 's3://data/o/'")
    assert athena.ok("SELECT * FROM o ORDER BY uno") == [["1", "a", None], ["2", "b", None]]


def test_a_partition_key_has_its_declared_type(athena: Athena) -> None:
    for year in ("2023", "2024"):
        athena.put(f"t/y={year}/a", f"{year[-1]}\n")
    athena.ok("CREATE EXTERNAL TABLE t (n int) PARTITIONED BY (y int) LOCATION 's3://data/t/'")
    athena.ok("MSCK REPAIR TABLE t")
    assert athena.ok("SELECT y + 1, n FROM t WHERE y > 2023") == [["2025", "4"]]
    assert "Cannot apply operator: integer = varchar(4)" in athena.fails("SELECT n FROM t WHERE y = '2024'")


def test_two_thousand_partitions_are_read(athena: Athena) -> None:
    for number in range(2000):
        athena.put(f"m/p={number}/a", f"{number}\n")
    athena.ok("CREATE EXTERNAL TABLE m (n int) PARTITIONED BY (p string) LOCATION 's3://data/m/'")
    athena.ok("MSCK REPAIR TABLE m")
    assert athena.ok("SELECT sum(n), count(DISTINCT p) FROM m") == [[str(sum(range(2000))), "2000"]]
    assert athena.ok("SELECT n FROM m WHERE p = '77'") == [["77"]]

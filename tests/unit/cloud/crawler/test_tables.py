"""Which tables and partitions come out of which folders."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cloud.crawler.conftest import Lab

SALES = b"id_venta,fecha,cantidad\n1,2024-01-15,2\n2,2024-01-16,3\n"
CLIENTS = "id_cliente;nombre;país\n1;Ana;Perú\n2;Luz;Chile\n".encode()
PRODUCTS = b'{"id_producto":1,"nombre":"x","precio":1.5}\n{"id_producto":2,"nombre":"y","precio":2.5}\n'


def columns(table: dict) -> dict[str, str]:  # type: ignore[type-arg]
    return {column["Name"]: column["Type"] for column in table["StorageDescriptor"]["Columns"]}


def test_the_lab_bucket_gives_raw_sales(lab: Lab) -> None:
    lab.store.put("bsg-data-raw", "raw_sales/ventas.csv", SALES)
    tables = lab.crawl("s3://bsg-data-raw/")
    assert list(tables) == ["raw_sales"]
    assert tables["raw_sales"]["StorageDescriptor"]["Location"] == "s3://bsg-data-raw/raw_sales/"
    assert columns(tables["raw_sales"]) == {"id_venta": "bigint", "fecha": "string", "cantidad": "bigint"}


@pytest.mark.parametrize("path", ["s3://b/ventas", "s3://b/ventas/"])
def test_the_include_path_needs_no_slash_and_takes_no_neighbours(lab: Lab, path: str) -> None:
    lab.store.put("b", "ventas/a.csv", SALES)
    lab.store.put("b", "ventas_viejas/a.csv", CLIENTS)
    tables = lab.crawl(path)
    assert list(tables) == ["ventas"]
    assert tables["ventas"]["StorageDescriptor"]["Location"] == "s3://b/ventas/"
    assert columns(tables["ventas"]) == {"id_venta": "bigint", "fecha": "string", "cantidad": "bigint"}


def test_a_csv_table_has_the_fifteen_parameters_and_the_formats(lab: Lab) -> None:
    body = b"id,fecha,cant_va\n" + b"1,2024-01-15,\n" * 5
    lab.store.put("b", "ventas/a.csv", body)
    table = lab.crawl("s3://b/ventas/")["ventas"]
    crawl = lab.call("ListCrawls", CrawlerName="ventas")["Crawls"][0]
    average = (16 + 13 + 13) // 3
    assert table["Parameters"] == {
        "CRAWL_RUN_ID": crawl["CrawlId"],
        "CrawlerSchemaDeserializerVersion": "1.0",
        "CrawlerSchemaSerializerVersion": "1.0",
        "UPDATED_BY_CRAWLER": "ventas",
        "areColumnsQuoted": "false",
        "averageRecordSize": str(average),
        "classification": "csv",
        "columnsOrdered": "true",
        "compressionType": "none",
        "delimiter": ",",
        "objectCount": "1",
        "recordCount": str(len(body) // average),
        "sizeKey": str(len(body)),
        "skip.header.line.count": "1",
        "typeOfData": "file",
    }
    storage = table["StorageDescriptor"]
    assert storage.pop("Parameters") == table["Parameters"]
    storage.pop("Columns")
    assert storage == {
        "Location": "s3://b/ventas/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "Compressed": False,
        "NumberOfBuckets": -1,
        "SerdeInfo": {
            "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
            "Parameters": {"field.delim": ","},
        },
        "BucketColumns": [],
        "SortColumns": [],
        "StoredAsSubDirectories": False,
    }
    assert (table["Owner"], table["TableType"], table["PartitionKeys"]) == ("owner", "EXTERNAL_TABLE", [])


def test_without_a_header_there_is_nothing_to_skip(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", b"nombre,ciudad\nAna,Lima\nLuz,Cusco\n")
    table = lab.crawl("s3://b/v/")["v"]
    assert list(columns(table)) == ["col0", "col1"]
    assert "skip.header.line.count" not in table["Parameters"]


def test_json_table_document(lab: Lab) -> None:
    lab.store.put("b", "productos/a.json", PRODUCTS.replace(b"nombre", b"Nombre"))
    table = lab.crawl("s3://b/productos/")["productos"]
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe",
        "Parameters": {"paths": "Nombre,id_producto,precio"},
    }
    assert columns(table) == {"id_producto": "int", "nombre": "string", "precio": "double"}
    assert table["Parameters"]["classification"] == "json"
    assert not {"delimiter", "areColumnsQuoted", "columnsOrdered"} & set(table["Parameters"])


def test_parquet_with_hive_partitions_of_accented_keys(lab: Lab, tmp_path: Path) -> None:
    for year, month in ((2023, 12), (2024, 1), (2024, 2)):
        path = tmp_path / f"{year}{month}"
        parquet.write_table(pa.table({"id": [1, 2], "total": [1.5, 2.5]}), path)
        lab.store.put("proc", f"año={year}/mes={month}/part-0.snappy.parquet", path)
    lab.store.put("proc", "_SUCCESS", b"")
    table = lab.crawl("s3://proc/")["proc"]
    assert table["PartitionKeys"] == [{"Name": "año", "Type": "string"}, {"Name": "mes", "Type": "string"}]
    assert lab.values("proc") == [("2023", "12"), ("2024", "1"), ("2024", "2")]
    assert table["Parameters"]["partition_filtering.enabled"] == "true"
    assert table["Parameters"]["recordCount"] == "6"
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
        "Parameters": {"serialization.format": "1"},
    }
    assert table["Parameters"]["compressionType"] == "none"
    partition = lab.catalog.list_partitions("bsg_db", "proc")[1]
    assert partition["StorageDescriptor"]["Location"] == "s3://proc/año=2024/mes=1/"
    assert partition["StorageDescriptor"]["Columns"] == table["StorageDescriptor"]["Columns"]


def test_partition_values_are_url_decoded_and_keys_lower_cased(lab: Lab) -> None:
    lab.store.put("b", "v/Tienda=Ma%C3%B1ana%2F1/a.csv", SALES)
    lab.store.put("b", "v/Tienda=dos tres/a.csv", SALES)
    table = lab.crawl("s3://b/v/")["v"]
    assert table["PartitionKeys"] == [{"Name": "tienda", "Type": "string"}]
    assert sorted(lab.values("v")) == [("Mañana/1",), ("dos tres",)]


def test_plain_folders_become_partition_n(lab: Lab) -> None:
    for folder in ("2023/01", "2023/02", "2024/01"):
        lab.store.put("b", f"v/{folder}/a.csv", SALES)
    table = lab.crawl("s3://b/v/")["v"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["partition_0", "partition_1"]
    assert lab.values("v") == [("2023", "01"), ("2023", "02"), ("2024", "01")]


def test_plain_and_hive_levels_mix(lab: Lab) -> None:
    lab.store.put("b", "v/norte/mes=1/a.csv", SALES)
    lab.store.put("b", "v/sur/mes=2/a.csv", SALES)
    table = lab.crawl("s3://b/v/")["v"]
    assert [key["Name"] for key in table["PartitionKeys"]] == ["partition_0", "mes"]


def test_a_partition_key_that_is_a_column_too_is_renamed(lab: Lab) -> None:
    lab.store.put("b", "v/cantidad=1/a.csv", SALES)
    lab.store.put("b", "v/cantidad=2/a.csv", SALES)
    assert lab.crawl("s3://b/v/")["v"]["PartitionKeys"] == [{"Name": "partition_0", "Type": "string"}]


def test_folders_of_different_schema_become_tables(lab: Lab) -> None:
    lab.store.put("b", "datos/ventas/a.csv", SALES)
    lab.store.put("b", "datos/ventas/b.csv", SALES)
    lab.store.put("b", "datos/clientes/a.csv", CLIENTS)
    lab.store.put("b", "datos/productos/a.json", PRODUCTS)
    tables = lab.crawl("s3://b/datos/", TablePrefix="Raw-")
    assert sorted(tables) == ["raw_clientes", "raw_productos", "raw_ventas"]
    assert tables["raw_clientes"]["Parameters"]["delimiter"] == ";"
    assert columns(tables["raw_clientes"]) == {"id_cliente": "bigint", "nombre": "string", "país": "string"}


def test_the_same_schema_in_another_compression_is_another_table(lab: Lab) -> None:
    lab.store.put("b", "v/a/x.csv", SALES)
    lab.store.put("b", "v/z/x.csv.gz", gzip.compress(SALES))
    tables = lab.crawl("s3://b/v/")
    assert {name: t["Parameters"]["compressionType"] for name, t in tables.items()} == {"a": "none", "z": "gzip"}
    assert tables["z"]["StorageDescriptor"]["Compressed"] is True


def test_hive_folders_of_two_formats_become_two_tables(lab: Lab) -> None:
    lab.store.put("b", "v/año=2023/x.csv", SALES)
    lab.store.put("b", "v/año=2024/x.json", PRODUCTS)
    assert sorted(lab.crawl("s3://b/v/")) == ["a_o_2023", "a_o_2024"]


def test_a_new_column_in_a_file_or_a_hive_partition_stays_one_table(lab: Lab) -> None:
    lab.store.put("b", "v/mes=1/x.csv", SALES)
    lab.store.put("b", "v/mes=2/x.csv", b"id_venta,fecha,cantidad,canal\n1,2024-02-01,2,web\n2,2024-02-01,x,app\n")
    table = lab.crawl("s3://b/v/")["v"]
    assert columns(table) == {"id_venta": "bigint", "fecha": "string", "cantidad": "string", "canal": "string"}
    first = lab.catalog.list_partitions("bsg_db", "v")[0]["StorageDescriptor"]["Columns"]
    assert {column["Name"]: column["Type"] for column in first} == {
        "id_venta": "bigint", "fecha": "string", "cantidad": "bigint",
    }  # fmt: skip


def test_files_of_different_schema_side_by_side_become_a_table_each(lab: Lab) -> None:
    lab.store.put("b", "mezcla/ventas.csv", SALES)
    lab.store.put("b", "mezcla/clientes.csv", CLIENTS)
    tables = lab.crawl("s3://b/mezcla/")
    assert {name: t["StorageDescriptor"]["Location"] for name, t in tables.items()} == {
        "clientes_csv": "s3://b/mezcla/clientes.csv",
        "ventas_csv": "s3://b/mezcla/ventas.csv",
    }


def test_one_stray_file_stands_apart_from_the_majority(lab: Lab) -> None:
    for number in range(3):
        lab.store.put("b", f"v/{number}.csv", SALES)
    lab.store.put("b", "v/LEEME.txt", b"estos son los datos\n")
    tables = lab.crawl("s3://b/v/")
    assert sorted(tables) == ["leeme_txt", "v"]
    assert tables["v"]["Parameters"]["objectCount"] == "3"
    assert tables["leeme_txt"]["Parameters"]["classification"] == "UNKNOWN"
    assert tables["leeme_txt"]["StorageDescriptor"]["Columns"] == []


def test_a_single_data_row_is_unknown_alone_and_joins_its_like(lab: Lab) -> None:
    one = b"id_venta,fecha,cantidad\n9,2024-01-15,2\n"
    lab.store.put("b", "sola/a.csv", one)
    lab.store.put("b", "v/mes=1/a.csv", SALES)
    lab.store.put("b", "v/mes=2/a.csv", one)
    lab.store.put("b", "v/mes=3/a.csv", b"id_venta,fecha,cantidad\n")
    tables = lab.crawl("s3://b/sola/", "s3://b/v/")
    assert tables["sola"]["Parameters"]["classification"] == "UNKNOWN"
    assert tables["v"]["Parameters"]["classification"] == "csv"
    assert columns(tables["v"]) == {"id_venta": "bigint", "fecha": "string", "cantidad": "bigint"}
    assert lab.values("v") == [("1",), ("2",), ("3",)]
    assert "CSV needs at least two rows of data" in lab.log_text()


def test_exclusions_hidden_empty_and_cold_files_are_left_out(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.store.put("b", "v/viejo/b.json", PRODUCTS)
    lab.store.put("b", "v/x.tmp", b"???")
    lab.store.put("b", "v/_SUCCESS", b"x")
    lab.store.put("b", "v/.part.crc", b"x")
    lab.store.put("b", "v/_temporary/0/c.csv", CLIENTS)
    lab.store.put("b", "v/vacío.csv", b"")
    lab.store.put("b", "v/frío.csv", CLIENTS, storage_class="GLACIER")
    target = {"Path": "s3://b/v/", "Exclusions": ["viejo/**", "*.tmp"]}
    lab.create(Targets={"S3Targets": [target]})
    lab.run()
    assert {name: t["Parameters"]["objectCount"] for name, t in lab.tables().items()} == {"v": "1"}


def test_a_single_file_path_gives_a_table_at_the_file(lab: Lab) -> None:
    lab.store.put("b", "v/enero.csv", SALES)
    lab.store.put("b", "v/otro.json", PRODUCTS)
    table = lab.crawl("s3://b/v/enero.csv")["enero_csv"]
    assert table["StorageDescriptor"]["Location"] == "s3://b/v/enero.csv"


def test_two_targets_of_one_folder_name_get_a_hash(lab: Lab) -> None:
    lab.store.put("b", "uno/ventas/a.csv", SALES)
    lab.store.put("b", "dos/ventas/a.csv", SALES)
    names = sorted(lab.crawl("s3://b/uno/ventas/", "s3://b/dos/ventas/"))
    assert names[0] == "ventas"
    assert names[1].startswith("ventas_")
    assert len(names[1]) == len("ventas_") + 32
    assert lab.run()["Status"] == "SUCCEEDED"
    assert sorted(lab.tables()) == names


def test_a_table_of_somebody_else_is_not_overwritten(lab: Lab) -> None:
    lab.catalog.create_database({"Name": "bsg_db"})
    other = {"Name": "ventas", "Parameters": {}, "StorageDescriptor": {"Location": "s3://otro/ventas/", "Columns": []}}
    lab.catalog.create_table("bsg_db", other)
    lab.store.put("b", "ventas/a.csv", SALES)
    tables = lab.crawl("s3://b/ventas/")
    assert tables["ventas"]["StorageDescriptor"]["Location"] == "s3://otro/ventas/"
    assert len(tables) == 2


def test_sample_size_reads_some_files_and_counts_all(lab: Lab) -> None:
    for number in range(5):
        lab.store.put("b", f"v/{number}.csv", SALES)
    lab.store.put("b", "v/9.csv", b"\x1f\x8broto")  # would fail if it were read
    lab.create(Targets={"S3Targets": [{"Path": "s3://b/v/", "SampleSize": 2}]})
    assert lab.run()["Status"] == "SUCCEEDED"
    parameters = lab.tables()["v"]["Parameters"]
    assert (parameters["objectCount"], parameters["sizeKey"]) == ("6", str(5 * len(SALES) + 6))


def test_combine_compatible_schemas_and_table_level(lab: Lab) -> None:
    lab.store.put("b", "d/x/a.csv", SALES)
    lab.store.put("b", "d/y/a.csv", b"otra,cosa\n1,2\n3,4\n")
    combined = json.dumps({"Version": 1.0, "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"}})
    tables = lab.crawl("s3://b/d/", Configuration=combined)
    assert list(tables) == ["d"]
    assert list(columns(tables["d"])) == ["id_venta", "fecha", "cantidad", "otra", "cosa"]


def test_table_level_configuration(lab: Lab) -> None:
    for folder in ("uno", "dos"):
        for month in ("1", "2"):
            lab.store.put("b", f"d/{folder}/{month}/a.csv", SALES)
    level = json.dumps({"Version": 1.0, "Grouping": {"TableLevelConfiguration": 3}})
    tables = lab.crawl("s3://b/d/", Configuration=level)
    assert sorted(tables) == ["dos", "uno"]
    assert [key["Name"] for key in tables["uno"]["PartitionKeys"]] == ["partition_0"]


def test_files_beside_similar_plain_folders_are_one_table_without_partitions(lab: Lab) -> None:
    lab.store.put("b", "v/a.csv", SALES)
    lab.store.put("b", "v/archivo/b.csv", SALES)
    table = lab.crawl("s3://b/v/")["v"]
    assert (table["PartitionKeys"], table["Parameters"]["objectCount"]) == ([], "2")


def test_the_same_data_at_different_depths_gives_tables(lab: Lab) -> None:
    lab.store.put("b", "v/x/a.csv", SALES)
    lab.store.put("b", "v/y/z/a.csv", SALES)
    assert sorted(lab.crawl("s3://b/v/")) == ["x", "y"]

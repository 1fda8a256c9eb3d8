"""The whole documents of tables and partitions, key by key, as public dumps of crawled tables show them."""

from __future__ import annotations

import bz2
import gzip
from typing import TYPE_CHECKING, Any

import fastavro
import pyarrow as pa
import pytest
from pyarrow import orc, parquet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.cloud.crawler.conftest import Lab

COMMON = {
    "CrawlerSchemaDeserializerVersion": "1.0",
    "CrawlerSchemaSerializerVersion": "1.0",
    "UPDATED_BY_CRAWLER": "ventas",
    "typeOfData": "file",
}
TEXT = ("org.apache.hadoop.mapred.TextInputFormat", "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat")
JSON_SERDE = "org.openx.data.jsonserde.JsonSerDe"


def crawled(lab: Lab, name: str = "v") -> dict[str, Any]:
    """The table, checked for what all have and stripped of it."""
    table = lab.crawl("s3://b/v/")[name]
    storage = table["StorageDescriptor"]
    crawl = lab.call("ListCrawls", CrawlerName="ventas")["Crawls"][0]
    assert table["Parameters"].pop("CRAWL_RUN_ID") == crawl["CrawlId"]
    assert storage["Parameters"].pop("CRAWL_RUN_ID") == crawl["CrawlId"]
    assert storage["Parameters"] == table["Parameters"]
    assert COMMON.items() <= table["Parameters"].items()
    assert (table["Owner"], table["Retention"], table["TableType"]) == ("owner", 0, "EXTERNAL_TABLE")
    assert table["LastAccessTime"] == int(crawl["StartTime"]) or table["LastAccessTime"] == int(crawl["EndTime"])
    fixed = {"NumberOfBuckets": -1, "BucketColumns": [], "SortColumns": [], "StoredAsSubDirectories": False}
    assert fixed.items() <= storage.items()
    own = {key: value for key, value in table["Parameters"].items() if key not in COMMON}
    return {
        "parameters": own,
        "formats": (storage["InputFormat"], storage["OutputFormat"]),
        "serde": storage["SerdeInfo"],
        "compressed": storage["Compressed"],
    }


def test_the_stedi_customers(lab: Lab) -> None:
    # Dump: averageRecordSize 307, recordCount 956, sizeKey 293777 for 956 records; paths sorted.
    rows = [b'{"sharewith":%d,"phone":"%s"}\n' % (n, b"5" * (307 - 26 - len(str(n)))) for n in range(100, 1056)]
    data = b"".join(rows)
    data += b" " * (293777 - len(data))
    lab.store.put("b", "v/customers.json", data)
    assert crawled(lab) == {
        "parameters": {
            "averageRecordSize": "307", "classification": "json", "compressionType": "none", "objectCount": "1",
            "recordCount": "956", "sizeKey": "293777",
        },
        "formats": TEXT,
        "serde": {"SerializationLibrary": JSON_SERDE, "Parameters": {"paths": "phone,sharewith"}},
        "compressed": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("record_bytes", "records", "average"),
    [(115, 9565, "1048"), (85, 8982, "763")],
)
def test_json_records_are_counted_to_a_thousand(lab: Lab, record_bytes: int, records: int, average: str) -> None:
    # Dumps: 1048 for files above 1 MiB of short records, 761 on the average of nine files of 763 KB.
    row = b'{"x":1.5,"u":"' + b"a" * (record_bytes - 17) + b'"}\n'
    assert len(row) == record_bytes
    lab.store.put("b", "v/a.json", row * records)
    parameters = lab.crawl("s3://b/v/")["v"]["Parameters"]
    assert parameters["averageRecordSize"] == average
    assert parameters["recordCount"] == str(record_bytes * records // int(average))


def test_gzip_and_bzip2_csv(lab: Lab) -> None:
    body = b"id,total\n1,2\n3,4\n"
    lab.store.put("b", "v/a.csv.gz", gzip.compress(body))
    found = crawled(lab)
    assert found["compressed"] is True
    assert found["parameters"]["compressionType"] == "gzip"
    lab.store.put("b", "v/a.csv.gz", bz2.compress(body))
    lab.run()
    assert lab.tables()["v"]["Parameters"]["compressionType"] == "bzip2"


def test_parquet(lab: Lab, tmp_path: Path) -> None:
    parquet.write_table(pa.table({"id": [1, 2, 3], "n": ["a", "b", "c"]}), tmp_path / "f")
    size = (tmp_path / "f").stat().st_size
    groups = parquet.ParquetFile(tmp_path / "f").metadata.row_group(0).total_byte_size
    lab.store.put("b", "v/a.snappy.parquet", tmp_path / "f")
    prefix = "org.apache.hadoop.hive.ql.io.parquet"
    assert crawled(lab) == {
        "parameters": {
            "averageRecordSize": str(groups // 3), "classification": "parquet", "compressionType": "none",
            "objectCount": "1", "recordCount": "3", "sizeKey": str(size),
        },
        "formats": (f"{prefix}.MapredParquetInputFormat", f"{prefix}.MapredParquetOutputFormat"),
        "serde": {
            "SerializationLibrary": f"{prefix}.serde.ParquetHiveSerDe",
            "Parameters": {"serialization.format": "1"},
        },
        "compressed": False,
    }  # fmt: skip


def test_orc(lab: Lab, tmp_path: Path) -> None:
    orc.write_table(pa.table({"id": [1, 2]}), str(tmp_path / "f"))
    lab.store.put("b", "v/a.orc", tmp_path / "f")
    found = crawled(lab)
    prefix = "org.apache.hadoop.hive.ql.io.orc"
    assert found["formats"] == (f"{prefix}.OrcInputFormat", f"{prefix}.OrcOutputFormat")
    assert found["serde"]["SerializationLibrary"] == f"{prefix}.OrcSerde"
    assert (found["parameters"]["classification"], found["parameters"]["recordCount"]) == ("orc", "2")


def test_avro(lab: Lab, tmp_path: Path) -> None:
    schema = {"type": "record", "name": "flights", "fields": [{"name": "yr", "type": ["null", "int"], "default": None}]}
    with (tmp_path / "f").open("wb") as file:
        fastavro.writer(file, fastavro.parse_schema(schema), [{"yr": 1}, {"yr": None}])
    lab.store.put("b", "v/a.avro", tmp_path / "f")
    found = crawled(lab)
    literal = found["parameters"]["avro.schema.literal"]
    prefix = "org.apache.hadoop.hive.ql.io.avro"
    assert found["formats"] == (f"{prefix}.AvroContainerInputFormat", f"{prefix}.AvroContainerOutputFormat")
    assert found["serde"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        "Parameters": {"avro.schema.literal": literal, "serialization.format": "1"},
    }
    assert '"yr"' in literal


def test_grok(lab: Lab) -> None:
    # Dump of a table of classification cw-history: grokPattern among the parameters.
    pattern = "%{TIMESTAMP_ISO8601:timestamp:string} %{LVL:nivel} %{GREEDYDATA:message:string}"
    grok = {"Name": "g", "Classification": "cw-history", "GrokPattern": pattern, "CustomPatterns": "LVL (A|B)"}
    lab.call("CreateClassifier", GrokClassifier=grok)
    lab.store.put("b", "v/a.log", b"2023-01-05T10:00:00.000Z A hola\n" * 3)
    lab.create("s3://b/v/", Classifiers=["g"])
    lab.run()
    table = lab.tables()["v"]
    storage = table["StorageDescriptor"]
    assert (storage["InputFormat"], storage["OutputFormat"]) == TEXT
    assert storage["SerdeInfo"] == {
        "SerializationLibrary": "com.amazonaws.glue.serde.GrokSerDe",
        "Parameters": {"input.format": pattern, "input.grokCustomPatterns": "LVL (A|B)"},
    }
    assert table["Parameters"]["grokPattern"] == pattern
    assert table["Parameters"]["grokCustomPatterns"] == "LVL (A|B)"
    assert not {"delimiter", "columnsOrdered", "skip.header.line.count"} & set(table["Parameters"])


def test_xml(lab: Lab) -> None:
    lab.store.put("b", "v/a.xml", b'<?xml version="1.0"?><r><i><a>1</a></i><i><a>2</a></i></r>')
    found = crawled(lab)
    assert found["formats"] == ("", "")
    assert (found["parameters"]["classification"], found["parameters"]["rowTag"]) == ("xml", "i")


def test_unknown(lab: Lab) -> None:
    lab.store.put("b", "v/a.bin", b"\0\1\2\3")
    found = crawled(lab)
    assert found["formats"] == ("", "")
    assert found["serde"] == {"SerializationLibrary": "", "Parameters": {}}
    assert found["parameters"]["classification"] == "UNKNOWN"


def test_a_partition_has_its_own_storage_and_statistics(lab: Lab) -> None:
    lab.store.put("b", "v/año=2024/a.csv", b"id,total\n1,2\n3,4\n")
    lab.store.put("b", "v/año=2025/a.csv", b"id,total\n1,2\n3,4\n5,6\n")
    table = lab.crawl("s3://b/v/")["v"]
    first, second = lab.catalog.list_partitions("bsg_db", "v")
    assert table["Parameters"]["partition_filtering.enabled"] == "true"
    assert "partition_filtering.enabled" not in first["Parameters"]
    assert second["StorageDescriptor"] == {
        **table["StorageDescriptor"],
        "Location": "s3://b/v/año=2025/",
        "Parameters": second["Parameters"],
    }
    assert (first["Parameters"]["sizeKey"], second["Parameters"]["sizeKey"]) == ("17", "21")
    assert (table["Parameters"]["sizeKey"], table["Parameters"]["objectCount"]) == ("38", "2")

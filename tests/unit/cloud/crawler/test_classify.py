from __future__ import annotations

import bz2
import datetime as dt
import decimal
import gzip
import io
import json
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import orc, parquet

from labkit.cloud.crawler.classify import classify_file
from labkit.cloud.crawler.hive_types import render
from labkit.cloud.crawler.sample import UnreadableFile
from labkit.cloud.crawler.shape import FileShape

CSV = b"id,precio\n1,2.5\n2,3.5\n3,4.5\n"


def classify(folder: Path, data: bytes) -> FileShape:
    path = folder / "object"
    path.write_bytes(data)
    return classify_file(path, len(data))


def schema(shape: FileShape) -> dict[str, str]:
    return {column.name: render(column.type) for column in shape.columns}


@pytest.mark.parametrize(("pack", "name"), [(gzip.compress, "gzip"), (bz2.compress, "bzip2")])
def test_compressed_csv(tmp_path: Path, pack: object, name: str) -> None:
    shape = classify(tmp_path, pack(CSV))  # type: ignore[operator]
    assert (shape.classification, shape.compression, shape.record_count) == ("csv", name, 3)
    assert schema(shape) == {"id": "bigint", "precio": "double"}


def test_gzip_of_several_members(tmp_path: Path) -> None:
    shape = classify(tmp_path, gzip.compress(CSV[:16]) + gzip.compress(CSV[16:]))
    assert (shape.classification, shape.record_count) == ("csv", 3)


def test_zip_of_one_file_and_of_two(tmp_path: Path) -> None:
    def archive(*names: str) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            for name in names:
                file.writestr(name, CSV)
        return buffer.getvalue()

    assert classify(tmp_path, archive("a.csv")).compression == "zip"
    several = classify(tmp_path, archive("a.csv", "b.csv"))
    assert (several.classification, "holds 2" in several.note) == ("UNKNOWN", True)


def test_a_cut_gzip_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="gzip data is corrupt or cut short"):
        classify(tmp_path, gzip.compress(CSV * 50)[:-12])


def test_byte_order_mark_is_not_part_of_the_first_column(tmp_path: Path) -> None:
    assert list(schema(classify(tmp_path, b"\xef\xbb\xbf" + CSV))) == ["id", "precio"]


def test_latin_1_is_refused_with_the_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"not UTF-8 text \(byte 0xf1 in line 3"):
        classify(tmp_path, "id,ciudad\n1,Lima\n2,Ñaña\n".replace("Ñ", "N").encode("latin-1"))


@pytest.mark.parametrize(
    "data", [b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff\xd8\xff\xe0\x01\x02\x03", b"una frase cualquiera\n"]
)
def test_what_nobody_recognises_is_unknown(tmp_path: Path, data: bytes) -> None:
    shape = classify(tmp_path, data)
    assert (shape.classification, shape.columns) == ("UNKNOWN", ())


def test_html_is_not_csv(tmp_path: Path) -> None:
    assert classify(tmp_path, b"<!DOCTYPE html>\n<a,b>\n<c,d>\n<e,f>\n").classification == "UNKNOWN"


@pytest.mark.parametrize(
    ("header", "rows", "average"),
    [(16, 13, 14), (39, 18, 25)],
)
def test_average_record_size_and_record_count_of_the_live_crawls(
    tmp_path: Path, header: int, rows: int, average: int
) -> None:
    # Both live values on record: (16+13+13)/3 = 14 -> 87/14 = 6 and (39+18+18)/3 = 25 -> 135/25 = 5; five rows each.
    first = "id," + "n" * (header - 3)
    row = "1," + "x" * (rows - 2)
    data = "\n".join([first, *[row] * 5]).encode() + b"\n"
    size = {14: 87, 25: 135}[average]
    assert len(data) == size
    shape = classify(tmp_path, data)
    assert (shape.average_record_size, shape.record_count) == (average, size // average)
    assert shape.record_count != 5 or average == 25


def test_parquet_footer_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "Id": pa.array([1], pa.int64()),
            "i": pa.array([1], pa.int32()),
            "s": pa.array([1], pa.int16()),
            "t": pa.array([1], pa.int8()),
            "f": pa.array([1], pa.float32()),
            "d": pa.array([1], pa.float64()),
            "ok": [True],
            "año": ["x"],
            "raw": pa.array([b"x"]),
            "fecha": [dt.date(2024, 1, 1)],
            "ts": pa.array([dt.datetime(2024, 1, 1)], pa.timestamp("us")),  # noqa: DTZ001 - a Parquet time without zone
            "m": pa.array([decimal.Decimal("1.50")], pa.decimal128(10, 2)),
            "l": [[{"a": 1}]],
            "mp": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int32())),
            "cat": pa.array(["x"]).dictionary_encode(),
        }
    )
    path = tmp_path / "object"
    parquet.write_table(table, path)
    shape = classify_file(path, path.stat().st_size)
    assert (shape.classification, shape.compression, shape.record_count) == ("parquet", "none", 1)
    assert schema(shape) == {
        "id": "bigint", "i": "int", "s": "smallint", "t": "tinyint", "f": "float", "d": "double", "ok": "boolean",
        "año": "string", "raw": "binary", "fecha": "date", "ts": "timestamp", "m": "decimal(10,2)",
        "l": "array<struct<a:bigint>>", "mp": "map<string,int>", "cat": "string",
    }  # fmt: skip


def test_orc_footer(tmp_path: Path) -> None:
    path = tmp_path / "object"
    orc.write_table(pa.table({"id": [1, 2], "n": ["a", "b"]}), str(path))
    shape = classify_file(path, path.stat().st_size)
    assert (shape.classification, shape.record_count, schema(shape)) == ("orc", 2, {"id": "bigint", "n": "string"})


@pytest.mark.parametrize(("head", "name"), [(b"PAR1", "Parquet"), (b"ORC", "ORC"), (b"Obj\x01", "Avro")])
def test_a_broken_file_is_unreadable_and_says_why(tmp_path: Path, head: bytes, name: str) -> None:
    with pytest.raises(UnreadableFile, match=f"it starts as {name} but"):
        classify(tmp_path, head + b"\x02" * 40)


def avro_long(value: int) -> bytes:
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def avro_file(schema_document: object, counts: list[int]) -> bytes:
    text = json.dumps(schema_document).encode()
    sync = b"s" * 16
    header = (
        b"Obj\x01" + avro_long(1) + avro_long(11) + b"avro.schema" + avro_long(len(text)) + text + avro_long(0) + sync
    )
    return header + b"".join(avro_long(count) + avro_long(300) + b"x" * 300 + sync for count in counts)


def test_avro_header_and_block_counts(tmp_path: Path) -> None:
    fields = [
        {"name": "id", "type": "long"},
        {"name": "n", "type": ["null", "string"]},
        {"name": "f", "type": {"type": "int", "logicalType": "date"}},
        {"name": "p", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}},
        {"name": "l", "type": {"type": "array", "items": "int"}},
        {"name": "r", "type": {"type": "record", "name": "R", "fields": [{"name": "x", "type": "boolean"}]}},
        {"name": "r2", "type": "R"},
        {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A"]}},
    ]
    shape = classify(tmp_path, avro_file({"type": "record", "name": "V", "fields": fields}, [100, 70]))
    assert (shape.classification, shape.record_count) == ("avro", 170)
    assert schema(shape) == {
        "id": "bigint", "n": "string", "f": "date", "p": "decimal(9,2)", "l": "array<int>",
        "r": "struct<x:boolean>", "r2": "struct<x:boolean>", "e": "string",
    }  # fmt: skip


def test_a_big_file_is_sampled_and_its_row_count_estimated(tmp_path: Path) -> None:
    path = tmp_path / "object"
    row = b"1,2.50,abcdefghijklmnop\n"
    path.write_bytes(b"id,precio,nombre\n" + row * 2_000_000)  # 48 MB
    size = path.stat().st_size
    shape = classify_file(path, size)
    assert shape.sample_rows < 50_000
    assert shape.record_count == size // shape.average_record_size


def test_records_longer_than_the_first_sample(tmp_path: Path) -> None:
    line = b"1," + b"x" * 1_500_000 + b"\n"
    shape = classify(tmp_path, b"id,texto\n" + line * 3)
    assert (shape.classification, schema(shape)) == ("csv", {"id": "bigint", "texto": "string"})


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (b"Oct 11 10:00:00 host kernel: [1234.5] usb 1-1: new device\n", "linux_kernel"),
        (b"#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n", "microsoft_log"),
    ],
)
def test_a_log_that_only_aws_classifies_is_named(tmp_path: Path, line: bytes, name: str) -> None:
    shape = classify(tmp_path, line * 3)
    assert shape.classification == "UNKNOWN"
    assert f"AWS classifies this as {name}" in shape.note


def test_avro_of_odd_schemas(tmp_path: Path) -> None:
    node = {"type": "record", "name": "a.Nodo", "fields": [
        {"name": "v", "type": "int"}, {"name": "hijo", "type": ["null", "a.Nodo"]},
    ]}  # fmt: skip
    assert schema(classify(tmp_path, avro_file(node, [1]))) == {"v": "int", "hijo": "string"}
    assert schema(classify(tmp_path, avro_file("string", [1]))) == {}


def test_parquet_types_that_hive_has_not(tmp_path: Path) -> None:
    kinds = {
        "uint32": pa.uint32(), "time": pa.time64("us"), "duration": pa.duration("us"), "fixed": pa.binary(4),
        "decimal": pa.decimal256(50, 5), "view": pa.list_view(pa.int32()), "zone": pa.timestamp("us", "America/Lima"),
        "nothing": pa.null(),
    }  # fmt: skip
    path = tmp_path / "object"
    parquet.write_table(pa.table({name: pa.array([None], kind) for name, kind in kinds.items()}), path)
    assert schema(classify_file(path, path.stat().st_size)) == {
        "uint32": "bigint", "time": "bigint", "duration": "bigint", "fixed": "binary", "decimal": "binary",
        "view": "array<int>", "zone": "timestamp", "nothing": "string",
    }  # fmt: skip


def test_int96_is_a_timestamp(tmp_path: Path) -> None:
    path = tmp_path / "object"
    moments = pa.array([dt.datetime(2024, 1, 1)])  # noqa: DTZ001 - a Parquet time without zone
    parquet.write_table(pa.table({"ts": moments}), path, use_deprecated_int96_timestamps=True)
    assert schema(classify_file(path, path.stat().st_size)) == {"ts": "timestamp"}

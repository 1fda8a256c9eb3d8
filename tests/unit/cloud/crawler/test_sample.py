from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from labkit.cloud.crawler.classify import classify_file
from labkit.cloud.crawler.sample import UnreadableFile, read_sample

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"id,precio,nota\n" + (b"1,2.5," + b"x" * 190 + b"\n") * 6_000


def framed(data: bytes) -> bytes:
    codec, out = pa.Codec("snappy"), [b"\xff\x06\x00\x00sNaPpY", b"\xfe\x02\x00\x00\0\0"]
    for number, start in enumerate(range(0, len(data), 65_536)):
        block = data[start : start + 65_536]
        body = b"\0\0\0\0" + (block if number == 1 else codec.compress(block, asbytes=True))
        out.append(bytes([1 if number == 1 else 0]) + len(body).to_bytes(3, "little") + body)
    return b"".join(out)


def hadoop(data: bytes) -> bytes:
    codec, out = pa.Codec("snappy"), []
    for start in range(0, len(data), 262_144):
        block = data[start : start + 262_144]
        packed = codec.compress(block, asbytes=True)
        out.append(struct.pack(">II", len(block), len(packed)) + packed)
    return b"".join(out)


KINDS = {
    "snappy": ("a.csv.sz", framed(DATA)),
    "hadoop snappy": ("a.csv.snappy", hadoop(DATA)),
    "lz4": ("a.csv.lz4", pa.Codec("lz4").compress(DATA, asbytes=True)),
    "gzip": ("a.csv.gz", gzip.compress(DATA)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_compressed_text_is_sampled_and_classified(kind: str, tmp_path: Path) -> None:
    name, data = KINDS[kind]
    path = tmp_path / "object"
    path.write_bytes(data)
    sample = read_sample(path, 100_000, name)
    assert (sample.data, sample.complete) == (DATA[:100_000], False)
    assert read_sample(path, len(DATA) + 1, name).data == DATA
    shape = classify_file(path, len(data), name=name)
    assert (shape.classification, shape.compression) == ("csv", kind.rsplit(maxsplit=1)[-1])
    estimate = len(DATA) // shape.average_record_size
    assert 0.8 * estimate < shape.record_count < 1.2 * estimate


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_stream_is_unreadable(kind: str, tmp_path: Path) -> None:
    name, data = KINDS[kind]
    path = tmp_path / "object"
    path.write_bytes(data[:-9])
    with pytest.raises(UnreadableFile, match="corrupt or cut short"):
        read_sample(path, len(DATA) + 1, name)


def test_a_text_that_is_only_named_snappy(tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(b"id,precio\n1,2.5\n2,3.5\n")
    shape = classify_file(path, path.stat().st_size, name="a.csv.snappy")
    assert (shape.classification, shape.compression) == ("csv", "none")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xe0\x01\x00\xea\x8a", "Amazon Ion"),
        (b"\x16\x00\x00\x00\x02hello\x00\x06\x00\x00\x00world\x00\x00", "BSON"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-be"), None),
    ],
)
def test_what_is_refused_by_name(data: bytes, reason: str | None, tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(data)
    if reason is None:
        assert classify_file(path, len(data)).classification == "UNKNOWN"
        return
    with pytest.raises(UnreadableFile, match=reason):
        classify_file(path, len(data))


@pytest.mark.parametrize(("head", "name"), [(b"\x28\xb5\x2f\xfd\0\0", "Zstandard"), (b"\xfd7zXZ\0\0", "XZ")])
def test_compressions_that_crawlers_do_not_read_are_unknown(head: bytes, name: str, tmp_path: Path) -> None:
    path = tmp_path / "object"
    path.write_bytes(head)
    shape = classify_file(path, len(head))
    assert shape.classification == "UNKNOWN"
    assert name in shape.note

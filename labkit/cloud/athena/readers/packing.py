"""Compressed text: what a file's name says of it, and its bytes unpacked piece by piece."""

from __future__ import annotations

import bz2
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from labkit.cloud.athena.errors import QueryFailure, not_supported

_CHUNK = 4 * 1024 * 1024
_ENDINGS = {
    ".gz": "gzip", ".gzip": "gzip", ".bz2": "bz2", ".zst": "zstd", ".snappy": "snappy", ".lz4": "lz4", ".deflate": "deflate",
    ".lzo": "lzo", ".lzo_deflate": "lzo",
}  # fmt: skip
_SNAPPY_FRAMES, _LZ4_FRAMES = b"\xff\x06\x00\x00sNaPpY", b"\x04\x22\x4d\x18"


def compression(key: str) -> str:
    """By the object's name, as Hive does; ``none`` for any other ending."""
    name = key.rsplit("/", 1)[-1].lower()
    return _ENDINGS.get(name[name.rfind(".") :], "none") if "." in name else "none"


def chunks(path: Path, packed: str) -> Iterator[bytes]:
    """The file's bytes, unpacked."""
    if packed in ("gzip", "bz2", "none"):
        opened: Any = gzip.open(path) if packed == "gzip" else bz2.open(path) if packed == "bz2" else path.open("rb")  # noqa: SIM115  # closed just below
        with opened as file:
            yield from iter(lambda: file.read(_CHUNK), b"")
        return
    if packed == "lzo":
        raise not_supported("LZO compression of text files")
    with path.open("rb") as file:
        if packed == "deflate":
            yield from _deflate(file)
        elif packed == "zstd":
            yield from _zstd(path)
        else:
            yield from _blocks(file, packed)


def unpacked(path: Path, packed: str, name: str) -> Iterator[bytes]:
    """As ``chunks``; bytes that are not what the name says are HIVE_BAD_DATA."""
    try:
        yield from chunks(path, packed)
    except (OSError, EOFError, ValueError, zlib.error) as failure:
        raise QueryFailure("HIVE_BAD_DATA", f"Error reading file: {name}: {failure}") from None
    except Exception as failure:  # cramjam has error classes of its own
        if type(failure).__module__.startswith("cramjam") or type(failure).__name__ == "DecompressionError":
            raise QueryFailure("HIVE_BAD_DATA", f"Error reading file: {name}: {failure}") from None
        raise


def _deflate(file: BinaryIO) -> Iterator[bytes]:
    engine = zlib.decompressobj()
    for chunk in iter(lambda: file.read(_CHUNK), b""):
        yield engine.decompress(chunk)
    yield engine.flush()


def _zstd(path: Path) -> Iterator[bytes]:
    import pyarrow

    with pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd") as stream:
        yield from iter(lambda: stream.read(_CHUNK), b"")


def _blocks(file: BinaryIO, packed: str) -> Iterator[bytes]:
    """Hadoop's blocks: lengths of four bytes before each; or the codec's own frames."""
    import cramjam

    start = file.read(10)
    file.seek(0)
    codec = cramjam.snappy if packed == "snappy" else cramjam.lz4
    if start == _SNAPPY_FRAMES or start[:4] == _LZ4_FRAMES:
        yield bytes(codec.decompress(file.read()))
        return
    while head := file.read(4):
        left = int.from_bytes(head, "big")
        while left > 0:
            size = int.from_bytes(file.read(4), "big")
            data = file.read(size)
            if len(data) != size or not size:
                raise ValueError(f"the {packed} block is cut off")
            raw = (
                cramjam.snappy.decompress_raw(data)
                if packed == "snappy"
                else cramjam.lz4.decompress_block(data, output_len=left)
            )
            made = bytes(raw)
            left -= len(made)
            yield made


def pack(path: Path, codec: str) -> None:
    """Compress a text file in place, as Hive's codecs do."""
    import shutil

    packed = path.with_name(path.name + ".packed")
    with path.open("rb") as source:
        if codec in ("GZIP", "BZIP2"):
            with gzip.open(packed, "wb") if codec == "GZIP" else bz2.open(packed, "wb") as target:
                shutil.copyfileobj(source, target, _CHUNK)
        elif codec == "ZSTD":
            import pyarrow

            with pyarrow.CompressedOutputStream(str(packed), "zstd") as stream:
                for chunk in iter(lambda: source.read(_CHUNK), b""):
                    stream.write(chunk)
        else:
            with packed.open("wb") as out:
                _pack_blocks(source, out, codec)
    packed.replace(path)


# Hadoop's buffer for block codecs.
_BLOCK = 256 * 1024


def _pack_blocks(source: BinaryIO, out: BinaryIO, codec: str) -> None:
    import cramjam

    for block in iter(lambda: source.read(_BLOCK), b""):
        made = bytes(
            cramjam.snappy.compress_raw(block)
            if codec == "SNAPPY"
            else cramjam.lz4.compress_block(block, store_size=False)
        )
        out.write(len(block).to_bytes(4, "big") + len(made).to_bytes(4, "big") + made)

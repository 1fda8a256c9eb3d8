"""Snappy files, both kinds that a crawler classifies: the framing format (``.sz``) and Hadoop's blocks (``.snappy``)."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO

FRAMING_MAGIC = b"\xff\x06\x00\x00sNaPpY"
_COMPRESSED, _PLAIN = 0x00, 0x01
_CHECKSUM_BYTES = 4
_SKIPPABLE_FROM = 0x80
_MAX_BLOCK_BYTES = 64 << 20  # Hadoop's blocks are of 256 KB unless somebody asked for more


def is_hadoop_snappy(head: bytes, path: Path, name: str) -> bool:
    """Whether a file named ``*.snappy`` starts as Hadoop writes it: two big-endian lengths, then a block that unpacks."""
    if not name.lower().endswith((".snappy", ".snz")) or len(head) < 8:
        return False
    whole, packed = struct.unpack(">II", head[:8])
    if not 0 < packed <= path.stat().st_size - 8 or not 0 < whole <= _MAX_BLOCK_BYTES:
        return False
    with path.open("rb") as file:
        try:
            return bool(next(_hadoop_chunks(file), b""))
        except (EOFError, OSError, ValueError):
            return False


class SnappyStream(io.RawIOBase):
    """The uncompressed bytes of a snappy file, read block by block."""

    def __init__(self, file: IO[bytes], *, hadoop: bool) -> None:
        super().__init__()
        self._chunks = _hadoop_chunks(file) if hadoop else _framed_chunks(file)
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Up to ``size`` bytes, fewer only at the end."""
        parts, wanted = [self._left], size - len(self._left)
        while size < 0 or wanted > 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            parts.append(chunk)
            wanted -= len(chunk)
        data = b"".join(parts)
        cut = len(data) if size < 0 else size
        self._left = data[cut:]
        return data[:cut]


def _framed_chunks(file: IO[bytes]) -> Iterator[bytes]:
    while head := file.read(4):
        kind, length = head[0], int.from_bytes(head[1:4], "little")
        body = _exactly(file, length)
        if kind == _COMPRESSED:
            yield _unpack(body[_CHECKSUM_BYTES:])
        elif kind == _PLAIN:
            yield body[_CHECKSUM_BYTES:]
        elif kind < _SKIPPABLE_FROM:
            raise OSError(f"chunk type 0x{kind:02x} is not one of the snappy framing format")


def _hadoop_chunks(file: IO[bytes]) -> Iterator[bytes]:
    while head := file.read(4):
        if len(head) != 4:
            raise EOFError("a block header is cut")
        left = int.from_bytes(head, "big")
        while left > 0:
            data = _unpack(_exactly(file, int.from_bytes(_exactly(file, 4), "big")))
            left -= len(data)
            yield data


def _exactly(file: IO[bytes], length: int) -> bytes:
    data = file.read(length)
    if len(data) != length:
        raise EOFError("a block is cut")
    return data


def _unpack(block: bytes) -> bytes:
    from pyarrow import Codec

    length = shift = position = 0  # raw snappy starts with its uncompressed length as a varint
    while True:
        byte = block[position] if position < len(block) else 0x100
        if byte > 0xFF or shift > 28:
            raise OSError("a snappy block has no length")
        length |= (byte & 0x7F) << shift
        position, shift = position + 1, shift + 7
        if not byte & 0x80:
            break
    if length > _MAX_BLOCK_BYTES:
        raise OSError(f"a snappy block of {length} bytes")
    return bytes(Codec("snappy").decompress(block, decompressed_size=length, asbytes=True)) if length else b""

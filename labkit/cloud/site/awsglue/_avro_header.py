"""The header of an Avro container: its schema can be read as another one, without touching the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_MAGIC, _SYNC_BYTES = b"Obj\x01", 16


@dataclass(frozen=True)
class Header:
    """Metadata (`avro.schema`, `avro.codec`), the marker between blocks, and where the blocks begin."""

    metadata: Mapping[str, bytes]
    sync: bytes
    end: int


def _long(data: bytes, place: int) -> tuple[int, int]:
    """A variable-length zigzag integer and the place after it."""
    value, shift = 0, 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if not byte & 0x80:
            return (value >> 1) ^ -(value & 1), place


def _bytes(data: bytes, place: int) -> tuple[bytes, int]:
    size, place = _long(data, place)
    return data[place : place + size], place + size


def read_header(data: bytes, name: str) -> Header:
    """The header of a container; ValueError naming the file when it is none."""
    if not data.startswith(_MAGIC):
        raise ValueError(f"{name} is no Avro file: it does not begin with the letters Obj.")
    metadata: dict[str, bytes] = {}
    try:
        count, place = _long(data, len(_MAGIC))
        while count:
            if count < 0:  # a block that tells its size in bytes too
                _, place = _long(data, place)
            for _ in range(abs(count)):
                key, place = _bytes(data, place)
                metadata[key.decode()], place = _bytes(data, place)
            count, place = _long(data, place)
        sync = data[place : place + _SYNC_BYTES]
    except IndexError:
        sync = b""
    if len(sync) < _SYNC_BYTES:
        raise ValueError(f"{name} is no whole Avro file: its header is cut short.")
    return Header(metadata, sync, place + _SYNC_BYTES)


def _packed(value: int) -> bytes:
    value, found = value << 1, bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def with_schema(data: bytes, header: Header, schema: bytes) -> bytes:
    """The container's bytes with another schema in the header."""
    metadata = {**header.metadata, "avro.schema": schema}
    parts = [_MAGIC, _packed(len(metadata))]
    for key, value in metadata.items():
        parts += [_packed(len(key.encode())), key.encode(), _packed(len(value)), value]
    return b"".join([*parts, _packed(0), header.sync, data[header.end :]])

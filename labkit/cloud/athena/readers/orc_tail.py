"""What the end of an ORC file says: its types, and how many bytes each column has in each stripe.

The format is https://orc.apache.org/specification/ORCv1/; messages are Protocol Buffers, of which a few fields are read.
"""

from __future__ import annotations

import functools
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Kinds of types, by their number in the format.
KINDS = (
    "boolean", "byte", "short", "int", "long", "float", "double", "string", "binary", "timestamp", "list", "map", "struct",
    "union", "decimal", "date", "varchar", "char", "timestamp with local time zone",
)  # fmt: skip
# Streams that are indexes: they are read only to skip rows.
_INDEXES = (6, 7, 8)


@dataclass(frozen=True)
class OrcTail:
    """Top-level columns in order: name, kind, and bytes of their data streams."""

    columns: tuple[tuple[str, str, int], ...]


@functools.lru_cache(maxsize=4096)
def orc_tail(path: str, etag: str) -> OrcTail:
    """Read from the file's last bytes and the ends of its stripes; ValueError when it is no ORC file."""
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 256))
        ending = file.read()
        if size < 16 or not ending:
            raise ValueError("not an ORC file")
        script = _message(ending[-1 - ending[-1] : -1])
        if script.get(8000, [b""])[0] != b"ORC":
            raise ValueError("not an ORC file")
        codec = script.get(2, [0])[0]
        file.seek(size - 1 - ending[-1] - script[1][0])
        footer = _message(_unpacked(file.read(script[1][0]), codec))
        types = [_message(one) for one in footer.get(4, [])]
        sizes: dict[int, int] = {}
        for stripe in (_message(one) for one in footer.get(3, [])):
            file.seek(stripe.get(1, [0])[0] + stripe.get(2, [0])[0] + stripe.get(3, [0])[0])
            _add_streams(_message(_unpacked(file.read(stripe.get(4, [0])[0]), codec)), sizes)
    return OrcTail(_columns(types, sizes))


def _add_streams(footer: dict[int, list[Any]], sizes: dict[int, int]) -> None:
    for stream in (_message(one) for one in footer.get(1, [])):
        if stream.get(1, [0])[0] not in _INDEXES:
            column = stream.get(2, [0])[0]
            sizes[column] = sizes.get(column, 0) + stream.get(3, [0])[0]


def _columns(types: list[dict[int, list[Any]]], sizes: dict[int, int]) -> tuple[tuple[str, str, int], ...]:
    if not types:
        return ()
    below = [_children(one) for one in types]
    names = [one.decode("utf-8", "replace") for one in types[0].get(3, [])]
    return tuple(
        (name, KINDS[types[child].get(1, [0])[0]], sum(sizes.get(one, 0) for one in _family(child, below)))
        for name, child in zip(names, below[0], strict=False)
    )


def _children(kind: dict[int, list[Any]]) -> list[int]:
    """Subtypes are written packed or one by one."""
    found: list[int] = []
    for one in kind.get(2, []):
        if isinstance(one, bytes):
            place = 0
            while place < len(one):
                value, place = _varint(one, place)
                found.append(value)
        else:
            found.append(one)
    return found


def _family(top: int, below: list[list[int]]) -> list[int]:
    return [top, *(one for child in below[top] for one in _family(child, below))]


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _message(data: bytes) -> dict[int, list[Any]]:
    """Field number to values: numbers, or bytes for texts and messages."""
    found: dict[int, list[Any]] = {}
    place = 0
    while place < len(data):
        key, place = _varint(data, place)
        if key & 7 == 0:
            value, place = _varint(data, place)
            found.setdefault(key >> 3, []).append(value)
        else:
            size, place = (8, place) if key & 7 == 1 else (4, place) if key & 7 == 5 else _varint(data, place)
            found.setdefault(key >> 3, []).append(data[place : place + size])
            place += size
    return found


def _unpacked(data: bytes, codec: int) -> bytes:
    """Chunks with a header of three bytes: length, and whether it is stored as it is."""
    if codec == 0:
        return data
    made, place = b"", 0
    while place + 3 <= len(data):
        head = int.from_bytes(data[place : place + 3], "little")
        chunk = data[place + 3 : place + 3 + (head >> 1)]
        made += chunk if head & 1 else _inflated(chunk, codec)
        place += 3 + (head >> 1)
    return made


def _inflated(chunk: bytes, codec: int) -> bytes:
    import cramjam

    if codec == 1:
        return zlib.decompress(chunk, -15)
    if codec == 2:
        return bytes(cramjam.snappy.decompress_raw(chunk))
    if codec == 4:
        return bytes(cramjam.lz4.decompress_block(chunk, output_len=1 << 20))
    if codec == 5:
        return bytes(cramjam.zstd.decompress(chunk))
    raise ValueError(f"ORC compression {codec}")

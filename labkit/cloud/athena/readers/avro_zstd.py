"""Zstandard blocks in Avro files: fastavro asks for a library of its own, cramjam does the same work."""

from __future__ import annotations

import functools
import io
from typing import Any


@functools.lru_cache(maxsize=1)
def learn_zstd() -> None:
    """Teach fastavro the codec ``zstandard``; once for the process."""
    import cramjam
    from fastavro import _read as reading
    from fastavro import _write as writing

    # A block without compression is its length and its bytes: all that is missing is the packing.
    readers: Any = vars(reading)["BLOCK_READERS"]
    writers: Any = vars(writing)["BLOCK_WRITERS"]
    plain_read, plain_write = readers["null"], writers["null"]

    def read(file: Any) -> io.BytesIO:
        return io.BytesIO(bytes(cramjam.zstd.decompress(plain_read(file).read())))

    def write(file: Any, block: bytes, level: Any) -> None:
        plain_write(file, bytes(cramjam.zstd.compress(block)), level)

    readers["zstandard"] = read
    writers["zstandard"] = write

"""Checksums, hashes and keyed hashes of VARBINARY."""

from __future__ import annotations

import hashlib
import hmac
import zlib
from typing import Any

from labkit.cloud.athena.functions.hash_rounds import murmur3, spooky, xxhash64
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction, python


def _sha512(value: bytes) -> bytes:
    return hashlib.sha512(value).digest()


def _crc32(value: bytes) -> int:
    return zlib.crc32(value)


def _murmur3(value: bytes) -> bytes:
    return murmur3(value)


def _xxhash64(value: bytes) -> bytes:
    return xxhash64(value).to_bytes(8, "big")


def _spooky_64(value: bytes) -> bytes:
    return spooky(value).to_bytes(8, "big")


def _spooky_32(value: bytes) -> bytes:
    return (spooky(value) & 0xFFFFFFFF).to_bytes(4, "big")


def _keyed(word: str) -> Entry:
    def body(value: bytes, key: bytes) -> bytes:
        return hmac.new(key, value, word).digest()

    function = PythonFunction(f"py_hmac_{word}", body, ("BLOB", "BLOB"), "BLOB")

    def translate(call: Any) -> str:
        return f"{call.ctx.define(function)}({call.values[0].sql}, {call.values[1].sql})"

    return f"hmac_{word}(varbinary, varbinary) -> varbinary", translate


ENTRIES: list[Entry] = [
    ("md5(varbinary) -> varbinary", "unhex(md5({0}))"),
    ("sha1(varbinary) -> varbinary", "unhex(sha1({0}))"),
    ("sha256(varbinary) -> varbinary", "unhex(sha256({0}))"),
    ("sha512(varbinary) -> varbinary", python(_sha512, ("BLOB",), "BLOB")),
    ("crc32(varbinary) -> bigint", python(_crc32, ("BLOB",), "BIGINT")),
    ("murmur3(varbinary) -> varbinary", python(_murmur3, ("BLOB",), "BLOB")),
    ("xxhash64(varbinary) -> varbinary", python(_xxhash64, ("BLOB",), "BLOB")),
    ("spooky_hash_v2_32(varbinary) -> varbinary", python(_spooky_32, ("BLOB",), "BLOB")),
    ("spooky_hash_v2_64(varbinary) -> varbinary", python(_spooky_64, ("BLOB",), "BLOB")),
    *(_keyed(word) for word in ("md5", "sha1", "sha256", "sha512")),
]

"""checksum(): Trino's own, which does not depend on the order of the rows."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import VARBINARY, Type, duckdb, show

_PRIME = 0x9E3779B185EBCA87
_MASK = (1 << 64) - 1


def _whole(value: Any) -> bytes:
    return struct.pack("<q", int(value))


def _text(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)


def _double(value: Any) -> bytes:
    return struct.pack("<d", value or 0.0)


def _real(value: Any) -> bytes:
    return struct.pack("<q", struct.unpack("<i", struct.pack("<f", value or 0.0))[0])


def _date(value: Any) -> bytes:
    return struct.pack("<q", value.toordinal() - 719163)


def _bytes_of(kind: Type) -> Callable[[Any], bytes] | None:
    if kind.name == "decimal" and kind.params[0] <= 18:
        factor = 10 ** kind.params[1]
        return lambda value: _whole(value * factor)
    names: dict[str, Callable[[Any], bytes]] = {
        **dict.fromkeys(("boolean", "tinyint", "smallint", "integer", "bigint"), _whole),
        **dict.fromkeys(("varchar", "varbinary"), _text),
        "double": _double,
        "real": _real,
        "date": _date,
        "char": lambda value: _text(value.rstrip(" ")),
    }
    return names.get(kind.name)


def _summed(encode: Callable[[Any], bytes]) -> Callable[[Any], Any]:
    from labkit.cloud.athena.functions.hash_rounds import xxhash64

    def checksum(values: Any) -> Any:
        total = 0
        for value in values:
            total += _PRIME if value is None else xxhash64(encode(value)) * _PRIME
        return (total & _MASK).to_bytes(8, "little")

    return checksum


def _checksum(call: Any) -> Typed:
    kind = call.values[0].type
    encode = _bytes_of(kind)
    if encode is None:
        raise not_supported(f"checksum() of {show(kind)}", call.place)
    name = "checksum_" + re.sub(r"\W+", "_", show(kind))
    known = call.ctx.functions.get(name)
    function = known or PythonFunction(name, _summed(encode), (f"{duckdb(kind)}[]",), "BLOB")
    return Typed(f"{call.ctx.define(function)}(list({call.distinct}{call.values[0].sql}){call.tail})", VARBINARY)


ENTRIES: list[Entry] = [("checksum(T) -> varbinary", _checksum)]

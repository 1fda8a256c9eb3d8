"""UUID and IPADDRESS: casts from and to texts and bytes. An IPADDRESS is 16 bytes, so that it sorts as in Trino."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.python_functions import PythonFunction
from labkit.cloud.athena.types import Type, show

if TYPE_CHECKING:
    from labkit.cloud.athena.dialect.scope import Context

_MAPPED = bytes(10) + b"\xff\xff"


def cast_sql(value: Typed, target: Type, lenient: bool, ctx: Context | None) -> str:
    """A text, UUID, IPADDRESS or VARBINARY as another of them."""
    sql = f"rtrim({value.sql}, ' ')" if value.type.name == "char" else value.sql
    if target.name == "varbinary":
        return f"encode({sql})" if value.type.name in ("varchar", "char") else f"CAST({sql} AS BLOB)"
    if value.type.name == "uuid":
        return f"CAST({sql} AS VARCHAR)"
    if ctx is None:
        raise not_supported(f"CAST from {show(value.type)} to {show(target)} here")
    if target.name in ("varchar", "char"):
        return f"{ctx.define(_ADDRESS_TEXT)}({sql})"
    origin = "BLOB" if value.type.name == "varbinary" else "VARCHAR"
    found = f"{ctx.define(_CASTS[origin, target.name])}({sql})"
    return f"TRY({found})" if lenient else found


def _uuid_of_text(value: Any) -> Any:
    """Java's form: five groups of hexadecimal digits, 36 letters in all."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", value):
        raise QueryFailure("INVALID_CAST_ARGUMENT", f"Cannot cast value to UUID: {value}")
    return value


def _uuid_of_bytes(value: Any) -> Any:
    import uuid

    if len(value) != 16:
        raise QueryFailure("INVALID_CAST_ARGUMENT", f"Invalid UUID binary length: {len(value)}")
    return uuid.UUID(bytes=bytes(value))


def _address_of_text(value: Any) -> Any:
    import ipaddress

    try:
        found = ipaddress.ip_address(value.split("%")[0])
    except ValueError:
        raise QueryFailure("INVALID_CAST_ARGUMENT", f"Cannot cast value to IPADDRESS: {value}") from None
    return _MAPPED + found.packed if found.version == 4 else found.packed


def _address_of_bytes(value: Any) -> Any:
    if len(value) not in (4, 16):
        raise QueryFailure("INVALID_CAST_ARGUMENT", f"Invalid IP address binary length: {len(value)}")
    return _MAPPED + value if len(value) == 4 else value


def address_text(value: Any) -> Any:
    """16 bytes as Trino shows them: an IPv4 address when they are one mapped into IPv6."""
    import ipaddress

    packed = bytes(value)
    return str(ipaddress.ip_address(packed[12:] if packed.startswith(_MAPPED) else packed))


def _contains(network: Any, address: Any) -> Any:
    import ipaddress

    packed = bytes(address)
    try:
        if "/" not in network:
            raise ValueError(network)  # noqa: TRY301
        around = ipaddress.ip_network(network, strict=False)
    except ValueError:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "Invalid CIDR") from None
    inner = ipaddress.ip_address(packed[12:] if packed.startswith(_MAPPED) else packed)
    return inner in around


def contains_sql(call: Any) -> str:
    """contains(cidr, ipaddress)."""
    function = PythonFunction("cidr_contains", _contains, ("VARCHAR", "BLOB"), "BOOLEAN")
    return f"{call.ctx.define(function)}({call.values[0].sql}, {call.values[1].sql})"


_ADDRESS_TEXT = PythonFunction("ipaddress_text", address_text, ("BLOB",), "VARCHAR")
_CASTS = {
    ("VARCHAR", "uuid"): PythonFunction("text_uuid", _uuid_of_text, ("VARCHAR",), "UUID"),
    ("BLOB", "uuid"): PythonFunction("bytes_uuid", _uuid_of_bytes, ("BLOB",), "UUID"),
    ("VARCHAR", "ipaddress"): PythonFunction("text_ipaddress", _address_of_text, ("VARCHAR",), "BLOB"),
    ("BLOB", "ipaddress"): PythonFunction("bytes_ipaddress", _address_of_bytes, ("BLOB",), "BLOB"),
}

"""url_extract_*, url_encode, url_decode: URLs as java.net.URI reads them (RFC 2396), NULL for what it refuses."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.functions.texts import invalid, length_of, sized
from labkit.cloud.athena.python_functions import PythonFunction, python

_PARTS = re.compile(r"(?:([^:/?#]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
# Letters that stand for themselves, an escape, or another letter beyond ASCII that is neither a control nor a space.
_OTHER = "\\u00a1-\\u167f\\u1681-\\u1fff\\u200b-\\u2027\\u202a-\\u202e\\u2030-\\u205e\\u2060-\\u2fff\\u3001-\\ud7ff\\ue000-\\U0010ffff"
_LETTERS = rf"A-Za-z0-9_.!~*'();:&=+$,@{_OTHER}-"
_PATH = re.compile(rf"(?:[{_LETTERS}/]|%[0-9A-Fa-f]{{2}})*")
_QUERY = re.compile(rf"(?:[{_LETTERS}/?\[\]]|%[0-9A-Fa-f]{{2}})*")
_NAME = re.compile(
    r"(?:(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])\.)*(?:[A-Za-z]|[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9])\.?"
)
_NUMBERS = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|0*\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|0*\d?\d)", re.ASCII)
_SERVER = re.compile(r"(?:(.*)@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?", re.DOTALL | re.ASCII)
_USER = re.compile(rf"(?:[A-Za-z0-9_.!~*'();:&=+$,{_OTHER}-]|%[0-9A-Fa-f]{{2}})*")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_HEX = "0123456789abcdefABCDEF"
_FORM_SAFE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.*")


@dataclass(frozen=True)
class Url:
    """The parts of one URL; None where it has none."""

    scheme: str | None
    host: str | None
    port: int | None
    path: str | None
    query: str | None
    fragment: str | None


@functools.lru_cache(maxsize=1024)
def parse_url(text: str) -> Url | None:
    """The parts of a URL, or None where java.net.URI would refuse it."""
    found = _PARTS.fullmatch(text)
    if found is None:
        return None
    scheme, authority, path, query, fragment = found.groups()
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        return None
    if fragment is not None and not _QUERY.fullmatch(fragment):
        return None
    if scheme is not None and authority is None and not path.startswith("/"):
        rest = path + ("" if query is None else f"?{query}")  # mailto:a@b
        return Url(scheme, None, None, None, None, fragment) if rest and _QUERY.fullmatch(rest) else None
    if not _PATH.fullmatch(path) or (query is not None and not _QUERY.fullmatch(query)):
        return None
    if authority == "" and not path and query is None and fragment is None:
        return None
    server = _server(authority) if authority else (None, None)
    return None if server is None else Url(scheme, *server, path, query, fragment)


def _server(authority: str) -> tuple[str | None, int | None] | None:
    """Host and port; neither for an authority that is only a name of some registry, such as ``my_host``."""
    found = _SERVER.fullmatch(authority)
    if found:
        user, host, port = found.groups()
        if _is_host(host) and (user is None or _USER.fullmatch(user)) and (not port or int(port) < 2**31):
            return host, int(port) if port else None
    return (None, None) if _PATH.fullmatch(authority) and "/" not in authority else None


def _is_host(host: str) -> bool:
    if host.startswith("["):
        import ipaddress

        try:
            ipaddress.IPv6Address(host[1:-1])
        except ValueError:
            return False
        return True
    return bool(_NAME.fullmatch(host) or _NUMBERS.fullmatch(host))


def _unescaped(text: str | None) -> str:
    """What URI.getPath() and the like answer: escapes read as UTF-8, nothing as ''."""
    return _ESCAPES.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text or "")


def _protocol(text: str) -> str | None:
    url = parse_url(text)
    return None if url is None else url.scheme or ""


def _host(text: str) -> str | None:
    url = parse_url(text)
    return None if url is None else url.host or ""


def _port(text: str) -> int | None:
    url = parse_url(text)
    return None if url is None else url.port


def _path(text: str) -> str | None:
    url = parse_url(text)
    return None if url is None else _unescaped(url.path)


def _query(text: str) -> str | None:
    url = parse_url(text)
    return None if url is None else _unescaped(url.query)


def _fragment(text: str) -> str | None:
    url = parse_url(text)
    return None if url is None else _unescaped(url.fragment)


def _parameter(text: str, name: str) -> str | None:
    url = parse_url(text)
    if url is None or url.query is None:
        return None
    for pair in url.query.split("&"):
        key, _, value = pair.partition("=")
        if key == name:
            return _decode(value)
    return None


def _decode(text: str) -> str:
    """URLDecoder: + is a space, a run of escapes is UTF-8."""
    made, place = [], 0
    while place < len(text):
        letter = text[place]
        if letter != "%":
            made.append(" " if letter == "+" else letter)
            place += 1
            continue
        found = bytearray()
        while place < len(text) and text[place] == "%":
            found.append(_escape(text, place))
            place += 3
        made.append(found.decode("utf-8", "replace"))
    return "".join(made)


def _escape(text: str, place: int) -> int:
    digits = text[place + 1 : place + 3]
    if len(digits) < 2:
        raise invalid("URLDecoder: Incomplete trailing escape (%) pattern")
    wrong = next((at for at, digit in enumerate(digits) if digit not in _HEX and not (at == 0 and digit in "+-")), None)
    if wrong is not None:
        raise invalid(
            f'URLDecoder: Illegal hex characters in escape (%) pattern - Error at index {wrong} in: "{digits}"'
        )
    if digits.startswith("-") and digits != "-0":
        raise invalid("URLDecoder: Illegal hex characters in escape (%) pattern - negative value")
    return int(digits, 16)


def _encode(text: str) -> str:
    """A space becomes +, and all but letters, digits and -_.* an escape."""
    return "".join(
        letter
        if letter in _FORM_SAFE
        else "+"
        if letter == " "
        else "".join(f"%{byte:02X}" for byte in letter.encode())
        for letter in text
    )


def _translate_encode(call: Any) -> Typed:
    value = call.values[0]
    name = call.ctx.define(PythonFunction("py_url_encode", _encode, ("VARCHAR",), "VARCHAR"))
    return Typed(f"{name}({value.sql})", sized(length_of(value.type) * 12))


_ONE = ("VARCHAR",)
ENTRIES: list[Entry] = [
    ("url_extract_protocol(varchar(x)) -> varchar(x)", python(_protocol, _ONE, "VARCHAR", gives_null=True)),
    ("url_extract_host(varchar(x)) -> varchar(x)", python(_host, _ONE, "VARCHAR", gives_null=True)),
    ("url_extract_port(varchar(x)) -> bigint", python(_port, _ONE, "BIGINT", gives_null=True)),
    ("url_extract_path(varchar(x)) -> varchar(x)", python(_path, _ONE, "VARCHAR", gives_null=True)),
    ("url_extract_query(varchar(x)) -> varchar(x)", python(_query, _ONE, "VARCHAR", gives_null=True)),
    ("url_extract_fragment(varchar(x)) -> varchar(x)", python(_fragment, _ONE, "VARCHAR", gives_null=True)),
    ("url_extract_parameter(varchar(x), varchar(y)) -> varchar(x)", python(_parameter, _ONE * 2, "VARCHAR", gives_null=True)),
    ("url_encode(varchar(x)) -> varchar", _translate_encode),
    ("url_decode(varchar(x)) -> varchar(x)", python(_decode, _ONE, "VARCHAR")),
]  # fmt: skip

"""Strings, regular expressions, binary."""

from __future__ import annotations

import re
from typing import Any

from labkit.cloud.athena.dialect import literals
from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure, not_supported
from labkit.cloud.athena.functions.signature import Entry


def _replacement(call: Any) -> str:
    r"""Java's ``$1`` in a replacement is ``\1`` in RE2."""
    text, pattern, new = (one.sql for one in call.values)
    return (
        rf"regexp_replace({text}, {pattern}, regexp_replace(replace({new}, '\', '\\'), '\$([0-9])', '\\\1', 'g'), 'g')"
    )


_FORMAT = re.compile(r"%(?:(\d+)\$)?([-,+0 (#]*)(\d+)?(?:\.(\d+))?([a-zA-Z%])")


def _format(call: Any) -> str:
    """format('%s %d %.2f %,d', …): Java's Formatter for the conversions a query uses."""
    pattern = call.text(0)
    if pattern is None:
        raise not_supported("format() with a pattern that is not a literal", call.place)
    parts, start, used = [], 0, 0
    for found in _FORMAT.finditer(pattern):
        parts.append(literals.text(pattern[start : found.start()]))
        start = found.end()
        if found.group(5) in "%n":
            parts.append(literals.text("%" if found.group(5) == "%" else "\n"))
            continue
        index = int(found.group(1)) if found.group(1) else (used := used + 1)
        if index >= len(call.values):
            raise QueryFailure(
                "INVALID_FUNCTION_ARGUMENT", f"Invalid format string: {pattern} (Format specifier '{found.group()}')"
            )
        parts.append(_formatted(call, found, call.values[index]))
    parts.append(literals.text(pattern[start:]))
    return f"({' || '.join(part for part in parts if part != chr(39) * 2) or chr(39) * 2})"


def _formatted(call: Any, found: re.Match[str], value: Typed) -> str:
    _, flags, width, precision, kind = found.groups()
    plain = flags.replace("-", "").replace("0", "").replace(",", "")
    if kind not in "sdfxX" or plain:
        raise not_supported(f"format() with {found.group()}", call.place)
    if kind == "s":
        plain_double = value.type.name in ("double", "real")  # Java's %s writes 1.5 where a CAST writes 1.5E0
        shown = f"CAST({value.sql} AS VARCHAR)" if plain_double else call.as_text(value)
        text = f"coalesce({shown}, 'null')"
    elif kind == "d":
        text = f"format('{{:{',' if ',' in flags else ''}d}}', CAST({value.sql} AS BIGINT))"
    elif kind in "xX":
        text = f"{'lower' if kind == 'x' else 'upper'}(to_hex(CAST({value.sql} AS BIGINT)))"
    else:
        text = f"format('{{:{',' if ',' in flags else ''}.{precision or 6}f}}', CAST({value.sql} AS DOUBLE))"
    if not width:
        return text
    if "-" in flags:
        return f"rpad({text}, CAST(greatest({width}, length({text})) AS INTEGER), ' ')"
    return f"lpad({text}, CAST(greatest({width}, length({text})) AS INTEGER), '{'0' if '0' in flags and kind != 's' else ' '}')"


def _concat_ws_array(call: Any) -> str:
    return f"array_to_string(list_filter({call.values[1].sql}, lambda x: x IS NOT NULL), {call.values[0].sql})"


_SUBSTRING = "slice_text({0}, {1}, {2})"
_HOST = r"regexp_extract({0}, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1)"

ENTRIES: list[Entry] = [
    ("length(varchar) -> bigint", "length({0})"),
    ("length(varbinary) -> bigint", "octet_length({0})"),
    ("lower(varchar) -> varchar", "lower({0})"),
    ("upper(varchar) -> varchar", "upper({0})"),
    ("trim(varchar) -> varchar", "trim({0}, E' \\t\\n\\r\\x0b\\x0c')"),
    ("ltrim(varchar) -> varchar", "ltrim({0}, E' \\t\\n\\r\\x0b\\x0c')"),
    ("rtrim(varchar) -> varchar", "rtrim({0}, E' \\t\\n\\r\\x0b\\x0c')"),
    ("reverse(varchar) -> varchar", "reverse({0})"),
    ("concat(varchar, varchar...) -> varchar", lambda call: "(" + " || ".join(one.sql for one in call.values) + ")"),
    ("concat_ws(varchar, array(varchar)) -> varchar", _concat_ws_array),
    ("concat_ws(varchar, varchar...) -> varchar", "concat_ws({all})"),
    ("replace(varchar, varchar) -> varchar", "replace({0}, {1}, '')"),
    ("replace(varchar, varchar, varchar) -> varchar", "replace({0}, {1}, {2})"),
    ("substr(varchar, bigint) -> varchar", "slice_text({0}, {1}, 2147483647)"),
    ("substr(varchar, bigint, bigint) -> varchar", _SUBSTRING),
    ("substring(varchar, bigint) -> varchar", "slice_text({0}, {1}, 2147483647)"),
    ("substring(varchar, bigint, bigint) -> varchar", _SUBSTRING),
    ("strpos(varchar, varchar) -> bigint", "instr({0}, {1})"),
    ("starts_with(varchar, varchar) -> boolean", "starts_with({0}, {1})"),
    ("split(varchar, varchar) -> array(varchar)", "string_split({0}, {1})"),
    ("split_part(varchar, varchar, bigint) -> varchar", "string_split({0}, {1})[{2}]"),
    ("split_to_map(varchar, varchar, varchar) -> map(varchar,varchar)",
     "map_from_entries(list_transform(string_split({0}, {1}), lambda x: {{'k': string_split(x, {2})[1], 'v': string_split(x, {2})[2]}}))"),
    ("lpad(varchar, bigint, varchar) -> varchar", "lpad({0}, CAST({1} AS INTEGER), {2})"),
    ("rpad(varchar, bigint, varchar) -> varchar", "rpad({0}, CAST({1} AS INTEGER), {2})"),
    ("chr(bigint) -> varchar", "chr(CAST({0} AS INTEGER))"),
    ("codepoint(varchar) -> integer", "unicode({0})"),
    ("translate(varchar, varchar, varchar) -> varchar", "translate({0}, {1}, {2})"),
    ("levenshtein_distance(varchar, varchar) -> bigint", "levenshtein({0}, {1})"),
    ("hamming_distance(varchar, varchar) -> bigint", "hamming({0}, {1})"),
    ("normalize(varchar) -> varchar", "nfc_normalize({0})"),
    ("format(varchar, X...) -> varchar", _format),
    ("regexp_like(varchar, varchar) -> boolean", "regexp_matches({0}, {1})"),
    ("regexp_extract(varchar, varchar) -> varchar", "(CASE WHEN regexp_matches({0}, {1}) THEN regexp_extract({0}, {1}) END)"),
    ("regexp_extract(varchar, varchar, bigint) -> varchar",
     "(CASE WHEN regexp_matches({0}, {1}) THEN regexp_extract({0}, {1}, CAST({2} AS INTEGER)) END)"),
    ("regexp_extract_all(varchar, varchar) -> array(varchar)", "regexp_extract_all({0}, {1})"),
    ("regexp_extract_all(varchar, varchar, bigint) -> array(varchar)", "regexp_extract_all({0}, {1}, CAST({2} AS INTEGER))"),
    ("regexp_replace(varchar, varchar) -> varchar", "regexp_replace({0}, {1}, '', 'g')"),
    ("regexp_replace(varchar, varchar, varchar) -> varchar", _replacement),
    ("regexp_split(varchar, varchar) -> array(varchar)", "string_split_regex({0}, {1})"),
    ("regexp_count(varchar, varchar) -> bigint", "len(regexp_extract_all({0}, {1}))"),
    ("to_utf8(varchar) -> varbinary", "encode({0})"),
    ("from_utf8(varbinary) -> varchar", "decode({0})"),
    ("to_hex(varbinary) -> varchar", "hex({0})"),
    ("from_hex(varchar) -> varbinary", "unhex({0})"),
    ("to_base64(varbinary) -> varchar", "to_base64({0})"),
    ("from_base64(varchar) -> varbinary", "from_base64({0})"),
    ("md5(varbinary) -> varbinary", "unhex(md5({0}))"),
    ("sha1(varbinary) -> varbinary", "unhex(sha1({0}))"),
    ("sha256(varbinary) -> varbinary", "unhex(sha256({0}))"),
    ("url_encode(varchar) -> varchar", "replace(replace(replace(url_encode({0}), '%20', '+'), '%2A', '*'), '~', '%7E')"),
    ("url_decode(varchar) -> varchar", "url_decode(replace({0}, '+', ' '))"),
    ("url_extract_host(varchar) -> varchar", f"nullif({_HOST}, '')"),
    ("url_extract_protocol(varchar) -> varchar", "nullif(regexp_extract({0}, '^([A-Za-z][A-Za-z0-9+.-]*):', 1), '')"),
    ("url_extract_path(varchar) -> varchar", "regexp_extract({0}, '^(?:[A-Za-z][A-Za-z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)', 1)"),
    ("url_extract_query(varchar) -> varchar", "nullif(regexp_extract({0}, '[?]([^#]*)', 1), '')"),
    ("uuid() -> varchar", "CAST(uuid() AS VARCHAR)"),
    ("current_timezone() -> varchar", "'UTC'"),
]  # fmt: skip

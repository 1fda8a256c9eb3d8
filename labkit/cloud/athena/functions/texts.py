"""Strings: length, case, parts, padding, joining. Everything counts code points, as Trino does."""

from __future__ import annotations

from typing import Any

from labkit.cloud.athena.dialect.scope import Typed
from labkit.cloud.athena.errors import QueryFailure
from labkit.cloud.athena.functions.once import number_of, once, text_of
from labkit.cloud.athena.functions.signature import Entry
from labkit.cloud.athena.python_functions import PythonFunction, python
from labkit.cloud.athena.types import MAX_VARCHAR, VARCHAR, Type

_MAX_INT = 2147483647
_MAX_CHAR = 65536
# What Java's Character.isWhitespace says, without the no-break spaces.
_WHITESPACE = "\t\n\v\f\r\x1c\x1d\x1e\x1f \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"


def invalid(text: str) -> QueryFailure:
    """What most functions answer to an argument they cannot take."""
    return QueryFailure("INVALID_FUNCTION_ARGUMENT", text)


def sized(length: int) -> Type:
    """VARCHAR of a computed length; at its limit it has none."""
    return VARCHAR if length >= MAX_VARCHAR else Type("varchar", (length,))


def length_of(kind: Type) -> int:
    """The declared length of a text type."""
    return kind.params[0] if kind.params else MAX_VARCHAR


def _reverse(text: str) -> str:
    return text[::-1]


def _chr(code: int) -> str:
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise invalid(f"Not a valid Unicode code point: {code}")
    return chr(code)


def _codepoint(text: str) -> int:
    if len(text) != 1:
        raise invalid("Input string must be a single character string")
    return ord(text)


def _replace(call: Any) -> Typed:
    """An empty search text puts the replacement around every character; DuckDB would do nothing."""
    values = [one.sql for one in call.values]
    kinds = [length_of(one.type) for one in call.values]
    kind = sized(kinds[0] + kinds[2] * (kinds[0] + 1)) if len(values) == 3 else sized(kinds[0])
    new = values[2] if len(values) == 3 else "''"
    if text_of(values[1]):
        return Typed(f"replace({values[0]}, {values[1]}, {new})", kind)
    name = call.ctx.define(PythonFunction("py_replace", _replaced, ("VARCHAR", "VARCHAR", "VARCHAR"), "VARCHAR"))
    return Typed(f"{name}({values[0]}, {values[1]}, {new})", kind)


def _replaced(text: str, old: str, new: str) -> str:
    return text.replace(old, new)


def slice_text(ctx: Any, text: str, start: str, size: str | None) -> str:
    """substr: 1 is the first character, a negative start counts from the end, 0 and what lies outside give ''."""
    number, count = number_of(start), number_of(size) if size is not None else None
    if number is not None and number > 0 and (size is None or count is not None):
        kept = _MAX_INT if count is None else max(0, min(count, _MAX_INT))
        return f"substring({text}, {min(number, _MAX_INT)}, {kept})"
    macro = "slice_text({0}, {1}, {2})"
    return once(
        ctx, [text, start, size or str(_MAX_INT)], lambda a, b, c: macro.format(a, b, f"least({c}, {_MAX_INT})")
    )


def _substr(call: Any) -> str:
    values = [one.sql for one in call.values]
    return slice_text(call.ctx, values[0], values[1], values[2] if len(values) == 3 else None)


def _pad(word: str) -> Any:
    function = PythonFunction(
        f"py_{word}", _padded_left if word == "lpad" else _padded_right, ("VARCHAR", "BIGINT", "VARCHAR"), "VARCHAR"
    )

    def translate(call: Any) -> str:
        text, size, mark = (one.sql for one in call.values)
        number = number_of(size)
        if number is not None and 0 <= number <= _MAX_INT and text_of(mark):
            return f"{word}({text}, {number}, {mark})"
        return f"{call.ctx.define(function)}({text}, {size}, {mark})"

    return translate


def filler(length: int, size: int, mark: str) -> str:
    """The padding that brings a text of ``length`` to ``size``; refuses what Trino refuses."""
    if not 0 <= size <= _MAX_INT:
        raise invalid(f"Target length must be in the range [0..{_MAX_INT}]")
    if not mark:
        raise invalid("Padding string must not be empty")
    missing = max(0, size - length)
    return (mark * (missing // len(mark) + 1))[:missing]


def _padded_left(text: str, size: int, mark: str) -> str:
    return (filler(len(text), size, mark) + text)[:size]


def _padded_right(text: str, size: int, mark: str) -> str:
    return (text + filler(len(text), size, mark))[:size]


# Python's are several times quicker than DuckDB's with so many letters to look for.
_STRIPS: dict[str, Any] = {
    "trim": (lambda text: text.strip(_WHITESPACE), lambda text, letters: text.strip(letters) if letters else text),
    "ltrim": (lambda text: text.lstrip(_WHITESPACE), lambda text, letters: text.lstrip(letters) if letters else text),
    "rtrim": (lambda text: text.rstrip(_WHITESPACE), lambda text, letters: text.rstrip(letters) if letters else text),
}


def _trim(word: str) -> Any:
    def translate(call: Any) -> str:
        count = len(call.values)
        body = _STRIPS[word][count - 1]
        name = call.ctx.define(PythonFunction(f"py_{word}_{count}", body, ("VARCHAR",) * count, "VARCHAR"))
        values = [one.sql for one in call.values]
        if call.values[0].type.name != "char":
            return f"{name}({', '.join(values)})"
        values[0] = f"rtrim({values[0]}, ' ')"  # a CHAR has no spaces at its end, before and after
        return f"rtrim({name}({', '.join(values)}), ' ')"

    return translate


def _concat(call: Any) -> Typed:
    if len(call.values) < 2:
        raise QueryFailure("INVALID_FUNCTION_ARGUMENT", "There must be two or more concatenation arguments", call.place)
    kind = call.values[0].type
    joined = "(" + " || ".join(one.sql for one in call.values) + ")"
    if kind.name == "char" and len(call.values) == 2:
        left, total = kind.params[0], sum(length_of(one.type) for one in call.values)
        if total <= _MAX_CHAR:
            padded = f"rpad(rpad({call.values[0].sql}, {left}, ' ') || {call.values[1].sql}, {total}, ' ')"
            return Typed(padded, Type("char", (total,)))
    return Typed(joined, kind if kind.name == "varbinary" else VARCHAR)


def _joined(mark: str, parts: list[str | None]) -> str:
    return mark.join(part for part in parts if part is not None)


_concat_ws_array = python(_joined, ("VARCHAR", "VARCHAR[]"), "VARCHAR")


def _upper(call: Any) -> str:
    """Java has no capital of ß; DuckDB has ẞ. U+FDD0 never stands in text and holds its place."""
    return f"replace(upper(replace({call.values[0].sql}, 'ß', '\ufdd0')), '\ufdd0', 'ß')"


def _strpos(call: Any) -> str:
    values = [one.sql for one in call.values]
    name = call.ctx.define(PythonFunction("py_strpos", _nth_position, ("VARCHAR", "VARCHAR", "BIGINT"), "BIGINT"))
    return f"{name}({', '.join(values)})"


def _nth_position(text: str, part: str, instance: int) -> int:
    if instance == 0:
        raise invalid("'instance' must be a positive or negative number.")
    if not part:
        return 1
    found = -1 if instance > 0 else len(text)
    for _ in range(abs(instance)):
        end = max(0, found + len(part) - 1)
        found = text.find(part, found + 1) if instance > 0 else text.rfind(part, 0, end)
        if found < 0:
            return 0
    return found + 1


def _normalize(text: str, form: str) -> str:
    import unicodedata

    if form not in ("NFD", "NFC", "NFKD", "NFKC"):
        raise invalid("Normalization form must be one of [NFD, NFC, NFKD, NFKC]")
    return unicodedata.normalize(form, text)  # type: ignore[arg-type]


def _normalize_nfc(call: Any) -> str:
    name = call.ctx.define(PythonFunction("py_normalize", _normalize, ("VARCHAR", "VARCHAR"), "VARCHAR"))
    return f"{name}({call.values[0].sql}, 'NFC')"


_TRIMS: list[Entry] = [
    (f"{word}({kind}{more}) -> varchar(x)", _trim(word))
    for word in ("trim", "ltrim", "rtrim")
    for kind in ("varchar(x)", "char(x)")
    for more in ("", ", CodePoints")
]

ENTRIES: list[Entry] = [
    ("length(varchar(x)) -> bigint", "length({0})"),
    ("length(char(x)) -> bigint", "length({0})"),
    ("lower(varchar(x)) -> varchar(x)", "lower({0})"),
    ("lower(char(x)) -> char(x)", "lower({0})"),
    ("upper(varchar(x)) -> varchar(x)", _upper),
    ("upper(char(x)) -> char(x)", _upper),
    *_TRIMS,
    ("reverse(varchar(x)) -> varchar(x)", python(_reverse, ("VARCHAR",), "VARCHAR")),
    ("reverse(char(x)) -> char(x)", python(_reverse, ("VARCHAR",), "VARCHAR")),
    ("concat(char(x), char(y)) -> varchar", _concat),
    ("concat(varchar...) -> varchar", _concat),
    ("concat(varbinary...) -> varbinary", _concat),
    ("concat_ws(varchar, varchar...) -> varchar", "concat_ws({all})"),
    ("concat_ws(varchar, array(varchar)) -> varchar", _concat_ws_array),
    ("replace(varchar(x), varchar(y)) -> varchar(x)", _replace),
    ("replace(varchar(x), varchar(y), varchar(z)) -> varchar", _replace),
    *((f"{name}({kind}(x), bigint{more}) -> varchar(x)", _substr)
      for name in ("substr", "substring") for kind in ("varchar", "char") for more in ("", ", bigint")),
    ("strpos(varchar(x), varchar(y)) -> bigint", "instr({0}, {1})"),
    ("strpos(varchar(x), varchar(y), bigint) -> bigint", _strpos),
    ("starts_with(varchar(x), varchar(y)) -> boolean", "starts_with({0}, {1})"),
    *((f"{word}({kind}(x), bigint, varchar(y)) -> varchar", _pad(word)) for word in ("lpad", "rpad") for kind in ("varchar", "char")),
    ("chr(bigint) -> varchar(1)", python(_chr, ("BIGINT",), "VARCHAR")),
    ("codepoint(varchar(1)) -> integer", python(_codepoint, ("VARCHAR",), "INTEGER")),
    ("translate(varchar(x), varchar(y), varchar(z)) -> varchar", "translate({0}, {1}, {2})"),
    ("normalize(varchar(x)) -> varchar", _normalize_nfc),
    ("normalize(varchar(x), varchar(y)) -> varchar", python(_normalize, ("VARCHAR", "VARCHAR"), "VARCHAR")),
]  # fmt: skip

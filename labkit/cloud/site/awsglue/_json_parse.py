"""JSON text to records and error records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ._errors import error_record
from ._options import flag, lower_keys
from ._refusal import refuse

Records = list[dict[str, Any]]
Parser = Callable[[Iterable[str]], tuple[Records, Records]]

_PATH_STEP = re.compile(r"\.\.?([^\W\d][\w-]*|\*)|\[(\*|\d+|'[^']*'|\"[^\"]*\")\]")
_LINE_END = re.compile(r"\r\n|\n|\r")
# A run of digits that may not fit 64 bits: the quick parser would make a float of it.
_LONG_NUMBER = re.compile(r"[0-9]{19}")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
_DECIMAL_DIGITS = 38
_INPUT_LETTERS = 1000


@dataclass(frozen=True)
class JsonFormat:
    """`json_path` selects the objects that are records; `multi_line`: a record may span lines."""

    json_path: str | None = None
    multi_line: bool = False


def from_options(options: Mapping[str, Any]) -> JsonFormat:
    """The format that `format_options`, or a table's parameters, describe."""
    path = lower_keys(options).get("jsonpath") or None
    if path is not None and not isinstance(path, str):
        raise ValueError(f'"jsonPath" is text such as "$.items[*]"; got {path!r}.')
    if path:
        path_steps(path)
    return JsonFormat(path, flag(options, "multiLine"))


def path_steps(path: str) -> list[str]:
    """The steps of a JSON path: names, `*` or positions."""
    rest = path.strip().removeprefix("$")
    steps = []
    while rest:
        match = _PATH_STEP.match(rest if rest[0] in ".[" else f".{rest}")
        if match is None or rest.startswith(".."):
            raise refuse(f"jsonPath {path!r}", "Paths of the form $.a.b[*] work.")
        steps.append(match.group(1) or match.group(2).strip("'\""))
        rest = rest[match.end() - (rest[0] not in ".[") :]
    return steps


def select_values(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    first, rest = steps[0], steps[1:]
    if first == "*":
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for item in items:
            yield from select_values(item, rest)
    elif isinstance(value, dict) and first in value:
        yield from select_values(value[first], rest)
    elif isinstance(value, list) and first.isdigit() and int(first) < len(value):
        yield from select_values(value[int(first)], rest)


def _integer(digits: str) -> int | float:
    """An integer, or a float when it has more digits than a decimal can hold."""
    return int(digits) if len(digits.lstrip("-")) <= _DECIMAL_DIGITS else float(digits)


_DECODER = json.JSONDecoder(parse_int=_integer)


def _without_lone_surrogates(value: Any) -> Any:
    """Half of a surrogate pair is no text that can be stored; it becomes U+FFFD."""
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {_without_lone_surrogates(key): _without_lone_surrogates(item) for key, item in value.items()}
    return [_without_lone_surrogates(item) for item in value] if isinstance(value, list) else value


def _mended(value: Any, text: str) -> Any:
    return _without_lone_surrogates(value) if "\\u" in text else value


def _decode(text: str) -> Any:
    """The value of a text; ValueError when it is not JSON, nested too deeply included."""
    try:
        return _mended(_DECODER.decode(text), text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _quick_decode() -> Callable[[str], Any]:
    import orjson

    return orjson.loads


def _keep(value: Any, text: str, steps: Sequence[str], records: Records, errors: Records) -> None:
    for found in select_values(value, steps):
        for record in found if isinstance(found, list) else (found,):
            if isinstance(record, dict):
                records.append(record)
            else:
                message = f"A JSON record must be an object, not {type(record).__name__}"
                errors.append(error_record(message, text[:_INPUT_LETTERS]))


def _is_cut_short(error: ValueError, text: str) -> bool:
    at_end = isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip())
    return at_end or "Unterminated string" in str(error)


def parse_lines(lines: Iterable[str], steps: Sequence[str]) -> tuple[Records, Records]:
    """Records and error records of JSON lines.

    A line that ends too early takes the next one down with it, as in Glue, whose parser looks for the rest there.
    """
    loads = _quick_decode()
    records: Records = []
    errors: Records = []
    carried = ""
    for line in lines:
        if not carried and not _LONG_NUMBER.search(line):
            try:
                value = loads(line)
            except ValueError:
                pass  # the exact parser says what is wrong, or that nothing is (NaN, half a surrogate pair)
            else:
                if not steps and type(value) is dict:
                    records.append(value)
                else:
                    _keep(value, line, steps, records, errors)
                continue
        text = carried + line
        if not text.strip():
            continue
        try:
            value = _decode(text)
        except ValueError as error:
            if not carried and _is_cut_short(error, text):
                carried = text + "\n"
                continue
            errors.append(error_record(f"Unable to parse JSON: {error}", text))
        else:
            _keep(value, text, steps, records, errors)
        carried = ""
    if carried:
        errors.append(error_record("Unable to parse JSON: the record ends too early", carried))
    return records, errors


def parse_text(text: str, steps: Sequence[str]) -> tuple[Records, Records]:
    """Records and error records of a whole file, whose records may span lines."""
    records: Records = []
    errors: Records = []
    place, end = 0, len(text)
    while True:
        while place < end and text[place] in " \t\r\n,\ufeff":
            place += 1
        if place >= end:
            return records, errors
        try:
            value, stop = _DECODER.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            message = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            errors.append(error_record(f"Unable to parse JSON: {message}", text[place : place + _INPUT_LETTERS]))
            return records, errors
        part = text[place:stop]
        _keep(_mended(value, part), part, steps, records, errors)
        place = stop


def _parse_quickly(texts: Sequence[str]) -> Records | None:
    """The records of lines that are all objects, nothing else; None when a line needs a closer look."""
    loads = _quick_decode()
    try:
        records = [loads(text) for text in texts]
    except ValueError:
        return None
    return records if all(type(record) is dict for record in records) else None


def _has_long_number(texts: Any) -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(pc.match_substring_regex(texts, _LONG_NUMBER.pattern)).as_py())


@contextmanager
def _collector_waiting() -> Iterator[None]:
    """No garbage collection meanwhile: among 10,000 new dicts it looks for cycles, finds none, and takes two thirds of the time."""
    import gc

    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def batch_parser(form: JsonFormat) -> Callable[[Any], tuple[Records, Records]]:
    """A function from an Arrow array of texts to records and error records: in bulk where all is well, else one by one."""
    parse = parser_of(form)

    def parse_batch(texts: Any) -> tuple[Records, Records]:
        listed = texts.to_pylist()
        with _collector_waiting():
            if not (form.multi_line or form.json_path) and not _has_long_number(texts):
                records = _parse_quickly(listed)
                if records is not None:
                    return records, []
            return parse(listed)

    return parse_batch


def parser_of(form: JsonFormat) -> Parser:
    """A function from texts (lines, or with `multi_line` whole files) to records and error records."""
    steps = path_steps(form.json_path) if form.json_path else []
    if not form.multi_line:
        return lambda texts: parse_lines(texts, steps)

    def parse_whole(texts: Iterable[str]) -> tuple[Records, Records]:
        records: Records = []
        errors: Records = []
        for text in texts:
            good, bad = parse_text(text, steps)
            records.extend(good)
            errors.extend(bad)
        return records, errors

    return parse_whole


def split_lines(text: str) -> list[str]:
    """The lines of a text as Hadoop splits them: not at the other characters that Unicode calls line ends."""
    return _LINE_END.split(text)

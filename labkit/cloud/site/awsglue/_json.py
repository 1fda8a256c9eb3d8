"""JSON: self-describing records. One pass finds the type of every field; the rows are then read by Spark itself,
or, when a field has values of several types or a line is malformed, by Python.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from . import gluetypes as glue
from ._contents import Columns, Contents
from ._csv import is_true
from ._files import InputFile, open_file
from ._keys import NO_KEYS, Keys
from ._paths import literal
from ._records import PAYLOAD, Records, as_struct, encoder_for, errors_of_payload, payload_batch, unpickle
from ._refusal import refuse
from ._types import has_choice, spark_from_glue
from ._values import merge_types, sorted_choices, type_of_records

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

# Below this the driver looks at the files itself, which saves a Spark job of about 0.1 s.
_DRIVER_BYTES = 4 << 20
_BATCH = 10_000
_DECODER = json.JSONDecoder()
_PATH_STEP = re.compile(r"\.\.?([A-Za-z_][\w-]*|\*)|\[(\*|\d+|'[^']*'|\"[^\"]*\")\]")


@dataclass(frozen=True)
class JsonFormat:
    """`json_path` selects the objects that are records; `multi_line`: a record may span lines."""

    json_path: str | None = None
    multi_line: bool = False


def from_options(options: Mapping[str, Any]) -> JsonFormat:
    given = {key.lower(): value for key, value in options.items()}
    path = given.get("jsonpath") or None
    if path:
        path_steps(str(path))
    return JsonFormat(path, is_true(given.get("multiline", False)))


def path_steps(path: str) -> list[str]:
    """The steps of a JSON path: names, `*` or positions."""
    rest = path.strip().removeprefix("$")
    steps = []
    while rest:
        match = _PATH_STEP.match(rest)
        if match is None or rest.startswith(".."):
            raise refuse(f"jsonPath {path!r}", "Paths of the form $.a.b[*] work.")
        steps.append(match.group(1) or match.group(2).strip("'\""))
        rest = rest[match.end() :]
    return steps


def _select(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    if not steps:
        yield value
        return
    first, rest = steps[0], steps[1:]
    if first == "*":
        items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        for item in items:
            yield from _select(item, rest)
    elif isinstance(value, dict) and first in value:
        yield from _select(value[first], rest)
    elif isinstance(value, list) and first.isdigit() and int(first) < len(value):
        yield from _select(value[int(first)], rest)


def error_record(
    message: str, text: str | None = None, record: dict[str, Any] | None = None, trace: str = ""
) -> dict[str, Any]:
    """An error record, as `errorsAsDynamicFrame()` shows it."""
    return {
        "error": {
            "callsite": {"site": "", "info": ""},
            "msg": message,
            "stackTrace": trace,
            "input": text,
            "bytesread": len(text.encode()) if text is not None else None,
            "source": None,
            "dynamicRecord": record,
        }
    }


def _records_of(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    for found in _select(value, steps):
        yield from found if isinstance(found, list) else (found,)


def _keep(value: Any, text: str, steps: Sequence[str], records: Records, errors: Records) -> None:
    for record in _records_of(value, steps):
        if isinstance(record, dict):
            records.append(record)
        else:
            errors.append(error_record(f"A JSON record must be an object, not {type(record).__name__}", text))


def parse_lines(lines: Iterable[str], steps: Sequence[str]) -> tuple[Records, Records]:
    """Records and error records of JSON lines.

    A line that ends too early takes the next one down with it, as in Glue, whose parser looks for the rest there.
    """
    records: Records = []
    errors: Records = []
    carried = ""
    for line in lines:
        text = carried + line
        if not text.strip():
            continue
        try:
            value = _DECODER.decode(text)
        except ValueError as error:
            cut_short = isinstance(error, json.JSONDecodeError) and error.pos >= len(text.rstrip())
            cut_short = cut_short or "Unterminated string" in str(error)
            if cut_short and not carried:
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
        except ValueError as error:
            errors.append(error_record(f"Unable to parse JSON: {error}", text[place : place + 1000]))
            return records, errors
        _keep(value, text[place:stop][:1000], steps, records, errors)
        place = stop


def _text_frame(spark: SparkSession, paths: Sequence[str], form: JsonFormat, keys: Keys) -> DataFrame:
    from pyspark.sql.types import StringType, StructField, StructType

    reader = spark.read.option("wholetext", form.multi_line)
    if keys.base_path:
        reader = reader.schema(StructType([StructField("value", StringType()), *keys.spark_fields]))
    return keys.add_to(reader.options(**keys.read_options).format("text").load([literal(path) for path in paths]))


def _parser(form: JsonFormat) -> Any:
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


def _with_keys(batch: Any, names: Sequence[str], parse: Any) -> tuple[Records, Records]:
    """The records of a batch of texts; partition values become fields of theirs."""
    texts = batch.column(0).to_pylist()
    if not names:
        good, bad = parse(texts)
        return good, bad
    records: Records = []
    errors: Records = []
    values = zip(*(batch.column(place + 1).to_pylist() for place in range(len(names))), strict=True)
    for key, group in itertools.groupby(zip(values, texts, strict=True), key=lambda pair: pair[0]):
        good, bad = parse([text for _, text in group])
        records.extend({**record, **dict(zip(names, key, strict=True))} for record in good)
        errors.extend(bad)
    return records, errors


def _payload(spark: SparkSession, paths: Sequence[str], form: JsonFormat, keys: Keys) -> DataFrame:
    parse, names = _parser(form), [name for name, _ in keys.fields]
    hint = glue.StructType(keys.glue_fields)

    def over_text(batches: Iterable[Any]) -> Iterator[Any]:
        for batch in batches:
            yield payload_batch(*_with_keys(batch, names, parse), hint)

    return _text_frame(spark, paths, form, keys).mapInArrow(over_text, PAYLOAD)


def _infer_in_driver(files: Sequence[InputFile], form: JsonFormat) -> tuple[glue.DataType, bool]:
    parse = _parser(form)
    kind, failed = merge_types(()), False
    for file in files:
        with open_file(file) as stream:
            text = stream.read().decode("utf-8-sig", errors="replace")
        records, errors = parse([text] if form.multi_line else text.splitlines())
        kind, failed = glue.mergeDataTypes(kind, type_of_records(records)), failed or bool(errors)
    return kind, failed


def _infer_in_workers(spark: SparkSession, paths: Sequence[str], form: JsonFormat) -> tuple[glue.DataType, bool]:
    parse = _parser(form)

    def over_text(batches: Iterable[Any]) -> Iterator[Any]:
        import pyarrow as pa

        for batch in batches:
            records, errors = parse(batch.column(0).to_pylist())
            kind = glue._serialize_schema(type_of_records(records))
            yield pa.RecordBatch.from_arrays([pa.array([kind]), pa.array([bool(errors)])], names=["schema", "failed"])

    rows = (
        _text_frame(spark, paths, form, NO_KEYS)
        .mapInArrow(over_text, "schema string, failed boolean")
        .distinct()
        .collect()
    )
    return merge_types(glue._deserialize_json_string(row["schema"]) for row in rows), any(row["failed"] for row in rows)


def infer(spark: SparkSession, files: Sequence[InputFile], form: JsonFormat) -> tuple[glue.StructType, bool]:
    """The type of all records, and whether some are malformed."""
    small = sum(file.size_bytes for file in files) <= _DRIVER_BYTES
    plain = not any(file.path.endswith((".gz", ".bz2")) for file in files)
    if small and plain:
        kind, failed = _infer_in_driver(files, form)
    else:
        kind, failed = _infer_in_workers(spark, [file.path for file in files], form)
    return as_struct(sorted_choices(kind)), failed


def _columns(spark: SparkSession, files: Sequence[InputFile], form: JsonFormat, keys: Keys, payload: Any) -> Columns:
    found, failed = infer(spark, files, form)
    names = {name for name, _ in keys.fields}
    data = [field for field in found if field.name not in names]
    schema = glue.StructType([*data, *keys.glue_fields])
    kind = spark_from_glue(schema)
    if not (failed or form.multi_line or form.json_path or has_choice(schema)):
        read = kind if keys.base_path else spark_from_glue(glue.StructType(data))
        reader = spark.read.schema(read).options(**keys.read_options).option("mode", "FAILFAST")
        df = reader.json([literal(file.path) for file in files])
        return Columns(keys.add_to(df), schema)
    encode = encoder_for(schema, spark)

    def over_payload(batches: Iterable[Any]) -> Iterator[Any]:
        for records in unpickle(batches):
            yield encode(records)

    return Columns(payload().mapInArrow(over_payload, kind), schema)


def read(spark: SparkSession, files: Sequence[InputFile], form: JsonFormat, keys: Keys = NO_KEYS) -> Contents:
    """Contents of JSON files; names keep the files' spelling."""
    payload = cache(lambda: _payload(spark, [file.path for file in files], form, keys))
    return Contents(
        load=lambda: _columns(spark, files, form, keys, payload),
        sparse=True,
        records=payload,
        stage_errors=lambda: errors_of_payload(payload()),
    )

"""Classify one file: custom classifiers in the crawler's order, then the built-in ones, then UNKNOWN."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from labkit.cloud.crawler.avro_format import MAGIC as AVRO_MAGIC
from labkit.cloud.crawler.avro_format import classify_avro
from labkit.cloud.crawler.columnar import classify_orc, classify_parquet
from labkit.cloud.crawler.csv_format import CsvOptions, classify_csv, text_lines
from labkit.cloud.crawler.grok_format import classify_grok, classify_logs, foreign_log
from labkit.cloud.crawler.json_format import classify_json
from labkit.cloud.crawler.sample import (
    DEEP_SAMPLE_BYTES,
    NOT_CLASSIFIED,
    SAMPLE_BYTES,
    NotClassified,
    Sample,
    UnreadableFile,
    read_sample,
)
from labkit.cloud.crawler.shape import UNKNOWN, CsvLayout, FileShape, JsonLayout, XmlLayout
from labkit.cloud.crawler.xml_format import classify_xml

_MARKUP = ("<?xml", "<!doctype", "<html")
_RECORDS_FOR_AVERAGE = 3  # header and first two rows: reproduces both live values on record (14 and 25)
# JSON: bytes of a sample of 1 MiB by at most 1000 records. Reproduces public dumps: 1048 for files above 1 MiB of short
# records (1048576 / 1000), 761 for nine files of 763 KB and 9000 records each, 307 for 956 records in 293777 bytes.
_JSON_RECORDS = 1000
_ION_MAGIC = b"\xe0\x01\x00\xea"
_BSON_TYPES = range(1, 0x14)
_MAX_BSON = 16 << 20
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_SAVE_AS = "AWS reads CSV and JSON as UTF-8 only: save the file as UTF-8 and upload it again"


@dataclass(frozen=True)
class JsonClassifier:
    """A custom JSON classifier."""

    name: str
    json_path: str


@dataclass(frozen=True)
class CsvClassifier:
    """A custom CSV classifier."""

    name: str
    options: CsvOptions


@dataclass(frozen=True)
class GrokClassifier:
    """A custom grok classifier."""

    name: str
    classification: str
    pattern: str
    custom: str = ""


@dataclass(frozen=True)
class XmlClassifier:
    """A custom XML classifier; without a row tag it chooses as the built-in one does."""

    name: str
    classification: str
    row_tag: str = ""


Classifier = JsonClassifier | CsvClassifier | GrokClassifier | XmlClassifier


def classify_file(
    path: Path, size_bytes: int, classifiers: Sequence[Classifier] = (), name: str = "object"
) -> FileShape:
    """Return the shape of a file from its footer or its first megabyte; ``name`` is the object's.

    UnreadableFile when it is corrupt, not UTF-8 text, or of a format that AWS classifies and the local cloud does not.
    """
    with path.open("rb") as file:
        head = file.read(256)
    if head[:4] == b"PAR1":
        return classify_parquet(path)
    if head[:3] == b"ORC":
        return classify_orc(path)
    if head[:4] == AVRO_MAGIC:
        return classify_avro(path, size_bytes)
    if head[:4] == _ION_MAGIC or _is_bson(path, head, size_bytes):
        kind = "Amazon Ion (binary)" if head[:4] == _ION_MAGIC else "BSON (binary JSON)"
        raise UnreadableFile(
            f"{kind} files are not classified by the local cloud. Exclude them, or store JSON or Parquet"
        )
    try:
        sample = read_sample(path, SAMPLE_BYTES, name)
    except NotClassified as reason:
        return FileShape(UNKNOWN, note=str(reason))
    shape = _classify_text(sample, size_bytes, classifiers)
    if not sample.complete and (shape.classification == UNKNOWN or shape.sample_rows < _RECORDS_FOR_AVERAGE):
        # A record longer than the sample hides the rest: look once more, deeper.
        shape = _classify_text(read_sample(path, DEEP_SAMPLE_BYTES, name), size_bytes, classifiers)
    return shape


def _is_bson(path: Path, head: bytes, size_bytes: int) -> bool:
    """A BSON document tells its length first, ends with a zero byte, and its first element has a type and a name."""
    length = int.from_bytes(head[:4], "little")
    if not 5 < length <= min(size_bytes, _MAX_BSON) or head[4] not in _BSON_TYPES or 0 not in head[5:]:
        return False
    name = head[5 : head.index(0, 5)]
    with path.open("rb") as file:
        file.seek(length - 1)
        return bool(name) and all(byte >= 0x20 for byte in name) and file.read(1) == b"\0"


def _classify_text(sample: Sample, size_bytes: int, classifiers: Sequence[Classifier]) -> FileShape:
    unknown = FileShape(UNKNOWN, compression=sample.compression, note="no classifier recognised it")
    if sample.data.startswith(_UTF_16):
        raise UnreadableFile(f"it is UTF-16 text. {_SAVE_AS}")
    foreign = next((name for magic, name in NOT_CLASSIFIED if sample.data.startswith(magic)), "")
    if foreign:
        return replace(unknown, note=f"crawlers do not read {foreign} compression")
    if b"\0" in sample.data:
        return replace(unknown, note="binary data")
    text, problem = _decode(sample)
    found = _first_match(text, sample.complete, classifiers if not problem else ())
    if found is None:
        return replace(unknown, note=foreign_log(text_lines(text, sample.complete)) or unknown.note)
    if problem:
        raise UnreadableFile(problem)
    found = replace(found, compression=sample.compression)
    return _with_statistics(found, text, sample, size_bytes)


def _decode(sample: Sample) -> tuple[str, str]:
    """The text and, when it is not UTF-8, what is wrong (the text is then a Latin-1 reading of it)."""
    data = sample.data.removeprefix(codecs.BOM_UTF8)
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=sample.complete), ""
    except UnicodeDecodeError as error:
        text = data.decode("latin-1")
        if any(character < " " and character not in "\t\n\r\f\u0001" for character in text):
            return "", "binary data"
        line = data.count(b"\n", 0, error.start) + 1
        return text, (
            f"it is not UTF-8 text (byte 0x{data[error.start]:02x} in line {line}; probably Latin-1 or Windows-1252). "
            f"{_SAVE_AS}"
        )


def _first_match(text: str, complete: bool, classifiers: Sequence[Classifier]) -> FileShape | None:
    for classifier in classifiers:
        found = _custom_match(text, complete, classifier)
        if found is not None:
            return found
    # In the documented order of the built-in classifiers.
    found = classify_json(text, complete) or classify_xml(text, complete)
    if found is None and not text.lstrip()[:16].lower().startswith(_MARKUP):
        found = classify_logs(text_lines(text, complete)) or classify_csv(text, complete)
    return found


def _custom_match(text: str, complete: bool, classifier: Classifier) -> FileShape | None:
    if isinstance(classifier, JsonClassifier):
        return classify_json(text, complete, classifier.json_path)
    if isinstance(classifier, CsvClassifier):
        return classify_csv(text, complete, classifier.options)
    if isinstance(classifier, XmlClassifier):
        return classify_xml(text, complete, classifier.row_tag, classifier.classification)
    lines = text_lines(text, complete)
    return classify_grok(lines, classifier.classification, classifier.pattern, classifier.custom)


def _with_statistics(shape: FileShape, text: str, sample: Sample, size_bytes: int) -> FileShape:
    """recordCount is floor(sizeKey / averageRecordSize), as AWS estimates it: not a row count."""
    inflated = size_bytes
    if sample.compression != "none":
        inflated = len(sample.data) if sample.complete else size_bytes * len(sample.data) // sample.consumed_bytes
    if isinstance(shape.layout, (JsonLayout, XmlLayout)):
        average = len(sample.data) // max(min(shape.sample_rows, _JSON_RECORDS), 1)
    else:
        lines = text_lines(text, sample.complete)[:_RECORDS_FOR_AVERAGE]
        average = sum(len(line.encode()) for line in lines) // max(len(lines), 1)
    average = max(average, 1)
    exact = sample.complete and sample.compression != "none" and not isinstance(shape.layout, JsonLayout)
    note = "" if shape.enough or not isinstance(shape.layout, CsvLayout) else "CSV needs at least two rows of data"
    count = shape.sample_rows if exact else inflated // average
    return replace(shape, record_count=count, average_record_size=average, note=note)
